// A whole model on disk as Hugging Face lays it out: weights (one file or shards), config.json, generation_config.json.
#pragma once
#include <filesystem>
#include <span>

#include "base/json.h"
#include "io/output_folder.h"

namespace lf {

/// As transformers: files above this are split.
inline constexpr uint64_t kDefaultShardBytes = 50'000'000'000;

struct ModelFilesOptions {
  std::filesystem::path source;  // the base model's folder: configuration is taken from there
  uint64_t max_shard_bytes = kDefaultShardBytes;
  std::string head = "lm_head";  // name of the output layer: stored beside the embedding, it ends tie_word_embeddings
  Json config_overrides = Json::object();  // keys that replace those of the source's config.json
};

/// Writes weights, config.json (its dtype that of the first tensor, in module order, as in transformers) and
/// generation_config.json (derived from config.json when `source` has none, as transformers does).
void write_model_files(OutputFolder& folder, std::span<const NamedTensor> tensors, const ModelFilesOptions& options);
/// `config` with its dtype key ("dtype", or "torch_dtype" where the file has that) naming `type`.
Json config_with_dtype(Json config, c10::ScalarType type);
/// The dtype most bytes of `tensors` have.
c10::ScalarType main_dtype(std::span<const NamedTensor> tensors);

}  // namespace lf
