// Apertus: the Llama block with query and key norms and a plain MLP of xIELU.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"hidden_act", "xielu"},
                                                 {"rms_norm_eps", 1e-5},
                                                 {"pad_token_id", 3},
                                                 {"rope_theta", 1.2e7},
                                                 {"max_position_embeddings", 65536}}));
  spec.attention.qk_norm = QkNorm::kPerHead;
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, spec.mlp.activation, false, "up_proj", "down_proj");
  spec.block.attention_norm = "attention_layernorm";
  spec.block.mlp_norm = "feedforward_layernorm";
  return spec;
}

extern const ArchEntry entry_apertus;
constinit const ArchEntry entry_apertus{.name = "apertus", .describe = describe};

}  // namespace lf
