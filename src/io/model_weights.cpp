#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "io/atomic_file.h"
#include "io/safetensors.h"
#include "io/torch_bin.h"

namespace lf {
namespace {

/// tensor name -> shard name, in index order.
std::vector<std::pair<std::string, std::string>> read_weight_map(const std::filesystem::path& index_file,
                                                                 const std::string& extension) {
  const Json index = read_json(index_file);
  const std::string where = index_file.string();
  LF_CHECK(kFormat, index.is_object() && index.contains("weight_map") && index["weight_map"].is_object(),
           "{}: has no 'weight_map' object", where);
  std::vector<std::pair<std::string, std::string>> map;
  for (const auto& [name, shard] : index["weight_map"].items()) {
    LF_CHECK(kFormat, shard.is_string() && is_plain_file_name(shard.get<std::string>()),
             "{}: the shard of tensor '{}' is not a plain file name: {}", where, printable(name),
             printable(shard.dump()));
    LF_CHECK(kFormat, shard.get<std::string>().ends_with(extension), "{}: the shard of tensor '{}' is no {} file: {}",
             where, printable(name), extension, printable(shard.dump()));
    map.emplace_back(name, shard.get<std::string>());
  }
  LF_CHECK(kFormat, !map.empty(), "{}: 'weight_map' is empty", where);
  return map;
}

/// pytorch_model.bin, adapter_model.bin, ...
std::string pickle_stem(const std::string& stem) { return stem == "model" ? "pytorch_model" : stem; }

/// A name such as model-00001-of-00003.safetensors in `folder`; empty when there is none.
std::string lone_shard(const std::filesystem::path& folder, const std::string& stem) {
  std::error_code ignored;
  std::string first;
  for (const auto& item : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = item.path().filename().string();
    const bool shard = name.starts_with(stem + "-") && name.ends_with(".safetensors") && name.find("-of-") != name.npos;
    if (shard && (first.empty() || name < first)) first = name;
  }
  return first;
}

std::unique_ptr<TensorFile> open_file(const std::filesystem::path& file, const std::string& extension) {
  if (extension == ".bin") return std::make_unique<TorchBinFile>(file);
  return std::make_unique<SafetensorsFile>(file);
}

}  // namespace

ModelWeights::ModelWeights(const std::filesystem::path& folder, const std::string& stem, bool allow_legacy_bin)
    : folder_(folder) {
  std::error_code ignored;
  LF_CHECK(kIo, std::filesystem::exists(folder, ignored), "{}: there is no such model folder", folder.string());
  LF_CHECK(kIo, std::filesystem::is_directory(folder, ignored), "{}: is not a folder", folder.string());
  if (open(stem, ".safetensors")) return;
  if (allow_legacy_bin && open(pickle_stem(stem), ".bin")) return;
  for (const std::string& pickle : {pickle_stem(stem) + ".bin", pickle_stem(stem) + ".bin.index.json"}) {
    LF_CHECK(
        kUnsupported, !std::filesystem::exists(folder / pickle, ignored),
        "{}: holds weights only as {}, a pickle. allow_legacy_bin: true reads its tensors without running anything "
        "in it; or convert it to safetensors with save_pretrained(safe_serialization=True)",
        folder.string(), pickle);
  }
  const std::string shard = lone_shard(folder, stem);
  LF_CHECK(kIo, shard.empty(), "{}: holds {} but no {}.safetensors.index.json, which tells what lies in which shard",
           folder.string(), shard, stem);
  throw_error(ErrorKind::kIo, "{}: no weights found ({}.safetensors or {}.safetensors.index.json was needed)",
              folder.string(), stem, stem);
}

bool ModelWeights::open(const std::string& stem, const std::string& extension) {
  std::error_code ignored;
  const auto single = folder_ / (stem + extension), index = folder_ / (stem + extension + ".index.json");
  if (std::filesystem::exists(single, ignored)) {
    open_single(single, extension);
    return true;
  }
  if (!std::filesystem::exists(index, ignored)) return false;
  open_index(index, extension);
  return true;
}

void ModelWeights::open_single(const std::filesystem::path& file, const std::string& extension) {
  files_.push_back(open_file(file, extension));
  names_ = files_.back()->names();
  for (const std::string& name : names_) owner_.emplace(name, files_.back().get());
}

void ModelWeights::open_index(const std::filesystem::path& index_file, const std::string& extension) {
  std::map<std::string, const TensorFile*> shards;
  for (const auto& [name, shard] : read_weight_map(index_file, extension)) {
    auto [at, fresh] = shards.emplace(shard, nullptr);
    if (fresh) {
      std::error_code ignored;
      LF_CHECK(kIo, std::filesystem::exists(folder_ / shard, ignored),
               "{}: shard {} is missing in {} (it should hold '{}')", index_file.string(), shard, folder_.string(),
               printable(name));
      files_.push_back(open_file(folder_ / shard, extension));
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

const TensorFile& ModelWeights::file_of(std::string_view name) const {
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
