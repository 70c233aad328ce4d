// InternLM 2 and 2.5 (arXiv 2403.17297), after the code published with the models: the Llama block with queries, keys
// and values in one matrix, grouped by key head, and names of its own.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"pad_token_id", 0}}));
  spec.attention.qkv_bias = spec.attention.output_bias = bool_or(config, "bias", true);
  spec.attention.layout = QkvLayout::kGrouped;
  spec.attention.names.fused = "wqkv";
  spec.attention.names.output = "wo";
  spec.mlp.bias = false;
  spec.mlp.names = {.gate = "w1", .up = "w3", .down = "w2"};
  spec.block.attention = "attention";
  spec.block.mlp = "feed_forward";
  spec.block.attention_norm = "attention_norm";
  spec.block.mlp_norm = "ffn_norm";
  spec.names.embedding = "tok_embeddings";
  spec.names.head = "output";
  return spec;
}

extern const ArchEntry entry_internlm2;
constinit const ArchEntry entry_internlm2{.name = "internlm2", .describe = describe};

}  // namespace lf
