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

/// What transformers calls the dtype of a model: that of its first parameter.
static c10::ScalarType first_dtype(std::span<const NamedTensor> tensors) {
  const auto first = std::find_if(tensors.begin(), tensors.end(),
                                  [](const NamedTensor& entry) { return entry.second.is_floating_point(); });
  LF_CHECK(kFormat, first != tensors.end(), "a model without tensors cannot be saved");
  return first->second.scalar_type();
}

Json config_with_dtype(Json config, c10::ScalarType type) {
  const std::string name = dtype_name(type);
  if (config.contains("torch_dtype")) config["torch_dtype"] = name;
  if (config.contains("dtype") || !config.contains("torch_dtype")) config["dtype"] = name;
  return config;
}

/// What transformers derives from config.json for a model that came without a generation configuration.
static Json generation_from_config(const Json& config) {
  Json generation = {{"_from_model_config", true}};
  for (const char* key : {"bos_token_id", "decoder_start_token_id", "eos_token_id", "pad_token_id"}) {
    if (const auto found = config.find(key); found != config.end() && !found->is_null()) generation[key] = *found;
  }
  if (config.contains("transformers_version")) generation["transformers_version"] = config["transformers_version"];
  return generation;
}

void write_model_files(OutputFolder& folder, std::span<const NamedTensor> tensors, const ModelFilesOptions& options) {
  write_sharded_safetensors(folder, tensors, options.max_shard_bytes);
  Json config = config_with_dtype(read_json(options.source / "config.json"), first_dtype(tensors));
  config.update(options.config_overrides);
  const bool own_head = std::any_of(tensors.begin(), tensors.end(),
                                    [&](const auto& item) { return item.first == options.head + ".weight"; });
  if (own_head && config.value("tie_word_embeddings", false)) config["tie_word_embeddings"] = false;
  folder.write_text("config.json", python_json(config, 2) + "\n");
  std::error_code status;
  const auto generation = options.source / "generation_config.json";
  if (std::filesystem::exists(generation, status)) {
    folder.copy_file(generation, "generation_config.json");
  } else {
    folder.write_text("generation_config.json", python_json(generation_from_config(config), 2) + "\n");
  }
}

}  // namespace lf
