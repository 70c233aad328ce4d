// StarCoder 2 (arXiv 2402.19173): layer norms, a plain GELU MLP, biases, an optional sliding window.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"tie_word_embeddings", true},
                                                 {"hidden_act", "gelu_pytorch_tanh"},
                                                 {"num_key_value_heads", 2},
                                                 {"max_position_embeddings", 4096}}));
  const bool bias = bool_or(config, "use_bias", true);
  spec.norm = layer_norm_spec(number_or(config, "norm_epsilon", 1e-5));
  spec.attention.qkv_bias = spec.attention.output_bias = bias;
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, spec.mlp.activation, bias, "c_fc", "c_proj");
  const int64_t window = int_or(config, "sliding_window", 0);
  for (LayerSpec& layer : spec.layers) layer.window = window;
  return spec;
}

extern const ArchEntry entry_starcoder2;
constinit const ArchEntry entry_starcoder2{.name = "starcoder2", .describe = describe};

}  // namespace lf
