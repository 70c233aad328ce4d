#include "io/safetensors_writer.h"

#include <regex>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "io/safetensors_dtype.h"

namespace lf {
namespace {

/// Order of the reference library: widest dtype first (by its enumeration), then name.
std::vector<size_t> file_order(std::span<const NamedTensor> tensors) {
  std::vector<size_t> order(tensors.size());
  std::vector<SafetensorsDtype> dtypes;
  for (size_t i = 0; i < tensors.size(); ++i) {
    order[i] = i;
    dtypes.push_back(safetensors_dtype_of(tensors[i].second.scalar_type()));
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (dtypes[a] != dtypes[b]) return dtypes[a] > dtypes[b];
    return tensors[a].first < tensors[b].first;
  });
  return order;
}

void write_data(DurableFile& file, const Tensor& tensor) {
  if (tensor.numel() == 0) return;
  const Tensor plain = tensor.detach().to(at::kCPU).contiguous();
  file.write(plain.const_data_ptr(), plain.nbytes());
}

using Shard = std::vector<NamedTensor>;

std::vector<Shard> split_into_shards(std::span<const NamedTensor> tensors, uint64_t max_bytes) {
  std::vector<Shard> shards;
  Shard current;
  uint64_t current_bytes = 0;
  for (const NamedTensor& tensor : tensors) {
    const uint64_t bytes = tensor.second.nbytes();
    if (bytes > max_bytes) {
      shards.push_back({tensor});
      continue;
    }
    if (current_bytes + bytes > max_bytes) {
      shards.push_back(std::exchange(current, {}));
      current_bytes = 0;
    }
    current.push_back(tensor);
    current_bytes += bytes;
  }
  if (!current.empty() || shards.empty()) shards.push_back(std::move(current));
  return shards;
}

std::string index_text(const std::map<std::string, std::string>& weight_map, std::span<const NamedTensor> tensors) {
  int64_t parameters = 0;
  for (const NamedTensor& tensor : tensors) parameters += tensor.second.numel();
  Json index;
  index["metadata"] = {{"total_parameters", parameters}, {"total_size", tensor_bytes(tensors)}};
  index["weight_map"] = weight_map;
  return python_json(index, 2) + "\n";
}

/// Weight files of an earlier save that would shadow or outlive the new ones.
std::vector<std::string> stale_weights(const std::filesystem::path& folder, const std::string& stem,
                                       const std::vector<FileRecord>& written) {
  const std::regex shard("-\\d{5}-of-\\d{5}\\.safetensors");
  std::vector<std::string> stale;
  for (const auto& item : std::filesystem::directory_iterator(folder)) {
    const std::string name = item.path().filename().string();
    if (!name.starts_with(stem) || !item.is_regular_file()) continue;
    const std::string rest = name.substr(stem.size());
    if (rest != ".safetensors" && rest != ".safetensors.index.json" && !std::regex_match(rest, shard)) continue;
    const bool fresh =
        std::any_of(written.begin(), written.end(), [&](const FileRecord& file) { return file.name == name; });
    if (!fresh) stale.push_back(name);
  }
  return stale;
}

}  // namespace

uint64_t tensor_bytes(std::span<const NamedTensor> tensors) {
  uint64_t total = 0;
  for (const NamedTensor& tensor : tensors) total += tensor.second.nbytes();
  return total;
}

void write_safetensors(DurableFile& file, std::span<const NamedTensor> tensors, const SafetensorsMetadata& metadata) {
  std::vector<SafetensorsEntry> entries;
  uint64_t at = 0;
  const std::vector<size_t> order = file_order(tensors);
  for (const size_t i : order) {
    const auto& [name, tensor] = tensors[i];
    LF_CHECK(kFormat, !name.empty() && name != "__metadata__", "{}: '{}' cannot be a tensor name", file.path().string(),
             name);
    LF_CHECK(kFormat, entries.empty() || entries.back().name != name, "{}: two tensors are called '{}'",
             file.path().string(), printable(name));
    entries.push_back(
        {name, safetensors_dtype_of(tensor.scalar_type()), tensor.sizes().vec(), at, at + tensor.nbytes()});
    at += tensor.nbytes();
  }
  const std::string header = format_safetensors_header(entries, metadata);
  file.expect(header.size() + at);
  file.write(header);
  for (const size_t i : order) write_data(file, tensors[i].second);
}

FileRecord write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                             const SafetensorsMetadata& metadata) {
  DurableFile file(path);
  write_safetensors(file, tensors, metadata);
  return file.commit();
}

void write_sharded_safetensors(OutputFolder& folder, std::span<const NamedTensor> tensors, uint64_t max_shard_bytes,
                               const std::string& stem, const SafetensorsMetadata& metadata) {
  LF_CHECK(kConfig, max_shard_bytes > 0, "the largest shard must be above 0 bytes");
  const std::vector<Shard> shards = split_into_shards(tensors, max_shard_bytes);
  if (shards.size() == 1) {
    folder.write_tensors(stem + ".safetensors", tensors, metadata);
  } else {
    std::map<std::string, std::string> weight_map;
    for (size_t i = 0; i < shards.size(); ++i) {
      const std::string name = fmt::format("{}-{:05d}-of-{:05d}.safetensors", stem, i + 1, shards.size());
      folder.write_tensors(name, shards[i], metadata);
      for (const NamedTensor& tensor : shards[i]) weight_map[tensor.first] = name;
    }
    folder.write_text(stem + ".safetensors.index.json", index_text(weight_map, tensors));
  }
  for (const std::string& name : stale_weights(folder.path(), stem, folder.records())) folder.remove_file(name);
}

}  // namespace lf
