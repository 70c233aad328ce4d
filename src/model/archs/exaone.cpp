// EXAONE 3.0 and 3.5 (arXiv 2408.03541), after the code published with the models: the Llama block under GPT-like
// names.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  Json named = defaulted(renamed(config, {{"num_layers", "num_hidden_layers"},
                                          {"layer_norm_epsilon", "rms_norm_eps"},
                                          {"activation_function", "hidden_act"}}),
                         {{"tie_word_embeddings", true}, {"rms_norm_eps", 1e-5}});
  if (!find_value(named, "intermediate_size")) named["intermediate_size"] = 4 * required_int(named, "hidden_size");
  ModelSpec spec = llama_spec(named);
  spec.embedding_dropout = number_or(config, "embed_dropout", 0.0);
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  spec.attention.names.output = "out_proj";
  spec.mlp.names = {.gate = "c_fc_0", .up = "c_fc_1", .down = "c_proj"};
  spec.block.attention = "attn.attention";
  spec.block.attention_norm = "ln_1";
  spec.block.mlp_norm = "ln_2";
  spec.names.base = "transformer";
  spec.names.embedding = "wte";
  spec.names.layers = "h";
  spec.names.norm = "ln_f";
  return spec;
}

extern const ArchEntry entry_exaone;
constinit const ArchEntry entry_exaone{.name = "exaone", .describe = describe};

}  // namespace lf
