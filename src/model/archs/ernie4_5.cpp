// ERNIE 4.5 dense: the Llama block with interleaved rotary positions.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"tie_word_embeddings", true},
                                                 {"pad_token_id", 0},
                                                 {"rms_norm_eps", 1e-5},
                                                 {"rope_theta", 5e5},
                                                 {"head_dim", 128},
                                                 {"max_position_embeddings", 131072}}));
  spec.rope().interleaved = true;
  const bool bias = bool_or(config, "use_bias", false);
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = bias;
  return spec;
}

extern const ArchEntry entry_ernie4_5;
constinit const ArchEntry entry_ernie4_5{.name = "ernie4_5", .describe = describe};

}  // namespace lf
