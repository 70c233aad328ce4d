// InternLM (first), after the code published with the model: the Llama block with biases in attention.
#include "model/arch.h"

namespace lf {

/// {"base": 10000, "type": "dynamic", "scaling_factor": 1.0}
static Json with_rope(Json config) {
  const Json rotary = find_value(config, "rotary") ? config.at("rotary") : Json::object();
  config["rope_theta"] = number_or(rotary, "base", 10000.0);
  if (string_or(rotary, "type", "dynamic") == "dynamic") {
    config["rope_scaling"] = {{"type", "dynamic"}, {"factor", number_or(rotary, "scaling_factor", 1.0)}};
  }
  return config;
}

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(with_rope(config), {{"pad_token_id", 0}}));
  spec.attention.qkv_bias = spec.attention.output_bias = bool_or(config, "bias", true);
  spec.mlp.bias = false;
  return spec;
}

extern const ArchEntry entry_internlm;
constinit const ArchEntry entry_internlm{.name = "internlm", .describe = describe};

}  // namespace lf
