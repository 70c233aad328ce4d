// Seed-OSS: the Llama block with biases on queries, keys and values.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"attention_bias", true},
                                                 {"head_dim", 128},
                                                 {"num_key_value_heads", 8},
                                                 {"attention_dropout", 0.1},
                                                 {"pad_token_id", 1}}));
  spec.attention.output_bias = bool_or(config, "attention_out_bias", false);
  return spec;
}

extern const ArchEntry entry_seed_oss;
constinit const ArchEntry entry_seed_oss{.name = "seed_oss", .describe = describe};

}  // namespace lf
