#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "io/atomic_file.h"
#include "io/safetensors.h"

namespace lf {
namespace {

/// tensor name -> shard name, in index order.
std::vector<std::pair<std::string, std::string>> read_weight_map(const std::filesystem::path& index_file) {
  const Json index = read_json(index_file);
  const std::string where = index_file.string();
  LF_CHECK(kFormat, index.is_object() && index.contains("weight_map") && index["weight_map"].is_object(),
           "{}: has no 'weight_map' object", where);
  std::vector<std::pair<std::string, std::string>> map;
  for (const auto& [name, shard] : index["weight_map"].items()) {
    LF_CHECK(kFormat, shard.is_string() && is_plain_file_name(shard.get<std::string>()),
             "{}: the shard of tensor '{}' is not a plain file name: {}", where, printable(name),
             printable(shard.dump()));
    map.emplace_back(name, shard.get<std::string>());
  }
  LF_CHECK(kFormat, !map.empty(), "{}: 'weight_map' is empty", where);
  return map;
}

}  // namespace

ModelWeights::ModelWeights(const std::filesystem::path& folder, const std::string& stem) : folder_(folder) {
  std::error_code ignored;
  LF_CHECK(kIo, std::filesystem::exists(folder, ignored), "{}: there is no such model folder", folder.string());
  LF_CHECK(kIo, std::filesystem::is_directory(folder, ignored), "{}: is not a folder", folder.string());
  const auto single = folder / (stem + ".safetensors");
  const auto index = folder / (stem + ".safetensors.index.json");
  if (std::filesystem::exists(single, ignored)) {
    open_single(single);
    return;
  }
  if (std::filesystem::exists(index, ignored)) {
    open_index(index);
    return;
  }
  for (const char* pickle : {"pytorch_model.bin", "pytorch_model.bin.index.json", "adapter_model.bin"}) {
    LF_CHECK(kUnsupported, !std::filesystem::exists(folder / pickle, ignored),
             "{}: holds weights only as {}, which can run code when it is read; convert it to safetensors with "
             "save_pretrained(safe_serialization=True)",
             folder.string(), pickle);
  }
  throw_error(ErrorKind::kIo, "{}: no weights found ({} or {} was needed)", folder.string(), single.filename().string(),
              index.filename().string());
}

void ModelWeights::open_single(const std::filesystem::path& file) {
  files_.push_back(std::make_unique<SafetensorsFile>(file));
  names_ = files_.back()->names();
  for (const std::string& name : names_) owner_.emplace(name, files_.back().get());
}

void ModelWeights::open_index(const std::filesystem::path& index_file) {
  std::map<std::string, const SafetensorsFile*> shards;
  for (const auto& [name, shard] : read_weight_map(index_file)) {
    auto [at, fresh] = shards.emplace(shard, nullptr);
    if (fresh) {
      std::error_code ignored;
      LF_CHECK(kIo, std::filesystem::exists(folder_ / shard, ignored), "{}: shard {} is missing in {}",
               index_file.string(), shard, folder_.string());
      files_.push_back(std::make_unique<SafetensorsFile>(folder_ / shard));
      at->second = files_.back().get();
    }
    LF_CHECK(kFormat, at->second->contains(name), "{}: tensor '{}' should be in {} but is not there",
             index_file.string(), printable(name), shard);
    names_.push_back(name);
    owner_.emplace(name, at->second);
  }
  for (const auto& file : files_) {
    for (const std::string& name : file->names()) {
      const auto listed = owner_.find(name);
      LF_CHECK(kFormat, listed != owner_.end(), "{}: holds tensor '{}', which {} does not list", file->path().string(),
               printable(name), index_file.filename().string());
      LF_CHECK(kFormat, listed->second == file.get(), "{}: tensor '{}' is also in {}", file->path().string(),
               printable(name), listed->second->path().filename().string());
    }
  }
}

const SafetensorsFile& ModelWeights::file_of(std::string_view name) const {
  const auto found = owner_.find(std::string(name));
  LF_CHECK(kFormat, found != owner_.end(), "{}: the weights have no tensor '{}'{}", folder_.string(), printable(name),
           did_you_mean(name, names_));
  return *found->second;
}

uint64_t ModelWeights::total_bytes() const {
  uint64_t total = 0;
  for (const std::string& name : names_) total += info(name).bytes;
  return total;
}

}  // namespace lf
