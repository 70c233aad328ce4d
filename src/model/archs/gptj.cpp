// GPT-J: attention and MLP side by side on one layer norm, the first dimensions of each head turn in interleaved pairs.
#include "model/family_parts.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  const Json named = with_gpt2_keys(config);
  ModelSpec spec = llama_spec(named);
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_epsilon", 1e-5));
  spec.rope() = {};
  spec.rope().interleaved = true;
  spec.rope().width = int_or(config, "rotary_dim", spec.attention.head_dim);
  spec.attention.names.output = "out_proj";
  spec.attention.dropout = number_or(config, "attn_pdrop", 0.0);
  spec.mlp = plain_mlp(spec.mlp.intermediate_size,
                       activation_named(string_or(config, "activation_function", "gelu_new")), true, "fc_in", "fc_out");
  spec.names = {.base = "transformer", .embedding = "wte", .positions = "wpe", .layers = "h", .norm = "ln_f"};
  spec.block = {.attention = "attn", .attention_norm = "ln_1", .mlp_norm = "ln_2"};
  spec.names.positions.clear();
  spec.block.wiring = Wiring::kParallel;
  spec.block.mlp_norm.clear();
  spec.head_bias = true;
  return spec;
}

extern const ArchEntry entry_gptj;
constinit const ArchEntry entry_gptj{.name = "gptj", .describe = describe};

}  // namespace lf
