#include "checkpoint/model_files.h"

#include "base/error.h"
#include "io/safetensors_writer.h"
#include "tensor/dtype.h"

namespace lf {

c10::ScalarType main_dtype(std::span<const NamedTensor> tensors) {
  std::map<c10::ScalarType, uint64_t> bytes;
  for (const auto& [name, tensor] : tensors) bytes[tensor.scalar_type()] += tensor.nbytes();
  LF_CHECK(kFormat, !bytes.empty(), "a model without tensors cannot be saved");
  return std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

Json config_with_dtype(Json config, c10::ScalarType type) {
  const std::string name = dtype_name(type);
  if (config.contains("torch_dtype")) config["torch_dtype"] = name;
  if (config.contains("dtype") || !config.contains("torch_dtype")) config["dtype"] = name;
  return config;
}

void write_model_files(OutputFolder& folder, std::span<const NamedTensor> tensors, const ModelFilesOptions& options) {
  write_sharded_safetensors(folder, tensors, options.max_shard_bytes);
  const Json config = config_with_dtype(read_json(options.source / "config.json"), main_dtype(tensors));
  folder.write_text("config.json", python_json(config, 2) + "\n");
  std::error_code status;
  const auto generation = options.source / "generation_config.json";
  if (std::filesystem::exists(generation, status)) folder.copy_file(generation, "generation_config.json");
}

}  // namespace lf
