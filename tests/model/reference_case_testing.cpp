#include "model/reference_case.h"
#include "support/shared.h"

namespace lf::testing {

int64_t GrowingCache::length(int64_t sequence) const {
  auto found = stored_.find({0, sequence});
  return found == stored_.end() ? 0 : found->second.first.size(1);
}

std::pair<Tensor, Tensor> GrowingCache::append(int64_t layer, int64_t sequence, const Tensor& new_keys,
                                               const Tensor& new_values) {
  auto& [keys, values] = stored_[{layer, sequence}];
  keys = keys.defined() ? at::cat({keys, new_keys}, 1) : new_keys.clone();
  values = values.defined() ? at::cat({values, new_values}, 1) : new_values.clone();
  return {keys, values};
}

TokenStream stream_of(const std::vector<Tensor>& sequences) {
  TokenStream stream;
  std::vector<Tensor> positions;
  stream.bounds = {0};
  for (const Tensor& ids : sequences) {
    positions.push_back(at::arange(ids.numel(), at::kLong));
    stream.bounds.push_back(stream.bounds.back() + ids.numel());
  }
  stream.ids = at::cat(sequences).to(at::kLong);
  stream.positions = at::cat(positions);
  return stream;
}

TokenStream stream_at(const Tensor& ids, int64_t first_position) {
  TokenStream stream = stream_of({ids});
  stream.positions += first_position;
  return stream;
}

LoadedModel ReferenceCase::load(const Json& overrides) const {
  return load_model(model, {.dtype = at::kFloat, .config_overrides = overrides});
}

LoadedModel ReferenceCase::load_trainable(const Json& overrides) const {
  LoadedModel loaded = load(overrides);
  for (const NamedParameter& parameter : loaded.model->named_parameters()) make_trainable(parameter);
  return loaded;
}

Tensor ReferenceCase::value(const std::string& key) const { return SafetensorsFile(values).tensor(key).clone(); }

bool ReferenceCase::has(const std::string& key) const { return SafetensorsFile(values).contains(key); }

std::vector<std::string> ReferenceCase::keys() const { return SafetensorsFile(values).names(); }

std::vector<Tensor> ReferenceCase::batch_rows(const std::string& key) const {
  Tensor all = value("batch." + key), mask = value("batch.attention_mask");
  std::vector<Tensor> rows;
  for (int64_t r = 0; r < all.size(0); ++r) rows.push_back(all[r].slice(0, 0, mask[r].sum().item<int64_t>()));
  return rows;
}

std::vector<Tensor> ReferenceCase::packed_pieces(const std::string& key) const {
  Tensor all = value("packed." + key)[0], segments = value("packed.segment_ids")[0];
  std::vector<Tensor> pieces;
  for (int64_t s = 1; s <= segments.max().item<int64_t>(); ++s) {
    Tensor where = (segments == s).nonzero().flatten();
    pieces.push_back(all.index_select(0, where));
  }
  return pieces;
}

std::pair<Tensor, int64_t> next_token_loss(const Tensor& logits, const std::vector<Tensor>& labels) {
  std::vector<Tensor> targets;
  for (const Tensor& row : labels) {
    targets.push_back(at::cat({row.slice(0, 1).to(at::kLong), at::full({1}, -100, at::kLong)}));
  }
  Tensor all = at::cat(targets);
  Tensor sum = at::cross_entropy_loss(logits, all, {}, at::Reduction::Sum, -100);
  return {sum, (all != -100).sum().item<int64_t>()};
}

std::vector<ReferenceCase> reference_cases() {
  std::vector<ReferenceCase> cases;
  for (const char* name : {"llama",
                           "llama_headdim_tied",
                           "llama_mha_bias",
                           "llama_rope_linear",
                           "llama_rope_dynamic",
                           "llama_rope_yarn",
                           "llama_rope_llama3",
                           "qwen2",
                           "qwen2_swa",
                           "qwen3",
                           "ministral3",
                           "mistral_swa",
                           "gemma",
                           "gemma2",
                           "gemma3_text",
                           "phi",
                           "phi3",
                           "phi3_longrope",
                           "glm",
                           "glm4",
                           "granite",
                           "olmo",
                           "olmo2",
                           "olmo3",
                           "cohere",
                           "cohere2",
                           "starcoder2",
                           "stablelm",
                           "smollm3",
                           "exaone4",
                           "hunyuan_v1_dense",
                           "seed_oss",
                           "ernie4_5",
                           "nemotron",
                           "arcee",
                           "apertus",
                           "gpt2",
                           "gpt_neox",
                           "gptj",
                           "bloom",
                           "opt",
                           "falcon_7b_style",
                           "falcon_new_style",
                           "gpt_bigcode",
                           "mixtral",
                           "qwen2_moe",
                           "qwen3_moe",
                           "olmoe",
                           "deepseek_v2",
                           "deepseek_v3",
                           "glm4_moe",
                           "gpt_oss",
                           "granitemoe",
                           "ernie4_5_moe",
                           "hunyuan_v1_moe"}) {
    cases.push_back({std::string("golden_") + name, shared_path(std::string("golden/data/models/") + name),
                     shared_path(std::string("golden/data/forward/") + name + ".safetensors")});
  }
  for (const char* name : {"llama", "mistral", "qwen2", "qwen3", "ministral3", "qwen2_moe", "deepseek_v2", "glm4_moe_lite", "youtu", "dots1",
                           "flex_olmo", "minimax_m2", "hy_v3", "phimoe", "llama4_text"}) {
    const std::filesystem::path folder = fixture_path(std::string("archs/") + name);
    cases.push_back({std::string("fixture_") + name, folder, folder / "reference.safetensors"});
  }
  return cases;
}

}  // namespace lf::testing
