// Hunyuan-A13B: query and key norms after the rotation, experts and a shared MLP of the same width in every layer.
#include "base/error.h"
#include "model/moe_config.h"

namespace lf {

/// A number, or one for each layer, which must all be the same.
static int64_t same_in_all_layers(const Json& config, const char* key) {
  const Json* value = find_value(config, key);
  if (!value || !value->is_array()) return int_or(config, key, 1);
  const std::vector<int64_t> all = int_list(config, key);
  LF_CHECK(kFormat, !all.empty(), "config.json: {} is an empty list", key);
  LF_CHECK(kUnsupported, std::all_of(all.begin(), all.end(), [&](int64_t n) { return n == all.front(); }),
           "config.json: {} that differs from layer to layer is not available", key);
  return all.front();
}

/// `dynamic` with `alpha` raises the base once and for all.
static RopeSpec read_positions(Json config, const ModelSpec& spec) {
  const char* key = find_value(config, "rope_scaling") ? "rope_scaling" : "rope_parameters";
  const Json given = config.value(key, Json::object());
  const double alpha = given.is_object() ? number_or(given, "alpha", 0.0) : 0.0;
  const std::string type = given.is_object() ? string_or(given, "rope_type", string_or(given, "type", "")) : "";
  if (alpha <= 0 || type != "dynamic") return spec.rope();
  config[key]["rope_type"] = config[key]["type"] = "default";
  RopeSpec rope = read_rope(config, spec.max_positions);
  const auto width = static_cast<double>(spec.attention.head_dim);
  rope.theta *= std::pow(alpha, width / (width - 2));
  return rope;
}

static ModelSpec describe(const Json& given) {
  Json config = defaulted(given, {{"rms_norm_eps", 1e-5}});
  for (const char* key : {"num_experts", "moe_topk"}) config[key] = same_in_all_layers(config, key);
  ModelSpec spec = llama_spec(config);
  spec.attention.qk_norm = QkNorm::kPerHead;
  spec.attention.qk_norm_after_rope = true;
  spec.attention.names.q_norm = "query_layernorm";
  spec.attention.names.k_norm = "key_layernorm";
  spec.mlp.bias = false;
  spec.ropes = {read_positions(config, spec)};
  MoeSpec moe = read_experts(config, spec.mlp.intermediate_size, 1, 1);
  moe.router.form = RouterForm::kInnerLinear;
  moe.router.inner = "wg";
  moe.router.renormalise = moe.router.round_weights = true;
  moe.shared = spec.mlp;
  moe.shared_name = "shared_mlp";
  set_experts(spec, moe, [](int64_t) { return true; });
  return spec;
}

extern const ArchEntry entry_hunyuan_v1_moe;
constinit const ArchEntry entry_hunyuan_v1_moe{.name = "hunyuan_v1_moe", .describe = describe};

}  // namespace lf
