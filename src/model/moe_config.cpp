#include "model/moe_config.h"

#include "base/error.h"
#include "model/loader.h"

namespace lf {

static int64_t first_int(const Json& config, std::initializer_list<const char*> keys, int64_t fallback) {
  for (const char* key : keys) {
    if (find_value(config, key)) return required_int(config, key);
  }
  return fallback > 0 ? fallback : required_int(config, *keys.begin());
}

MoeSpec read_experts(const Json& config, int64_t width, int64_t default_count, int64_t default_chosen) {
  MoeSpec moe;
  moe.experts.count =
      first_int(config, {"num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"}, default_count);
  moe.experts.width = width;
  moe.experts.activation = activation_named(string_or(config, "hidden_act", "silu"));
  moe.router.chosen = first_int(config, {"num_experts_per_tok", "moe_k", "moe_topk"}, default_chosen);
  return moe;
}

void use_mixtral_names(MoeSpec& moe) {
  moe.experts.stored_names = {.gate = "w1", .up = "w3", .down = "w2"};
  moe.experts.stored_prefix = "^^block_sparse_moe.experts.";
  moe.router.stored_weight = "^^block_sparse_moe.gate.weight";
}

MoeSpec read_deepseek_v3_experts(const Json& config, int64_t default_count, int64_t default_chosen) {
  const int64_t width = required_int(config, "moe_intermediate_size");
  MoeSpec moe = read_experts(config, width, default_count, default_chosen);
  moe.router.rule = RouterRule::kSigmoid;
  moe.router.in_fp32 = true;
  moe.router.correction_bias = "e_score_correction_bias";
  moe.router.groups = int_or(config, "n_group", 1);
  moe.router.kept_groups = int_or(config, "topk_group", 1);
  moe.router.group_score = GroupScore::kTwoLargest;
  moe.router.renormalise = bool_or(config, "norm_topk_prob", true);
  moe.router.norm_epsilon = 1e-20;
  moe.router.scale = number_or(config, "routed_scaling_factor", 1.0);
  moe.shared =
      MlpSpec{.intermediate_size = width * int_or(config, "n_shared_experts", 1), .activation = moe.experts.activation};
  return moe;
}

void set_experts(ModelSpec& spec, MoeSpec moe, const std::function<bool(int64_t layer)>& is_sparse) {
  const auto shared = std::make_shared<const MoeSpec>(std::move(moe));
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if (is_sparse(static_cast<int64_t>(i))) spec.layers[i].feed_forward = shared;
  }
}

std::function<bool(int64_t)> qwen_sparse_layers(const Json& config) {
  const int64_t step = int_or(config, "decoder_sparse_step", 1);
  LF_CHECK(kFormat, step > 0, "config.json: decoder_sparse_step must be positive but is {}", step);
  const std::vector<int64_t> dense = int_list(config, "mlp_only_layers");
  return [=](int64_t layer) {
    return std::find(dense.begin(), dense.end(), layer) == dense.end() && (layer + 1) % step == 0;
  };
}

void read_router_loss(const Json& config, ModelSpec& spec, int64_t chosen, double default_coefficient) {
  if (!bool_or(config, "output_router_logits", false)) return;
  spec.router_loss = {.coefficient = number_or(config, "router_aux_loss_coef", default_coefficient), .chosen = chosen};
}

Json router_loss_overrides(const Json& config, double coefficient) {
  static constexpr std::string_view kRecorded[] = {"dbrx",   "ernie4_5_moe", "granitemoe", "jamba",
                                                   "jetmoe", "llama4",       "mixtral",    "olmoe",
                                                   "phimoe", "qwen2_moe",    "qwen3_moe"};
  const std::string type = string_or(config, "model_type", "");
  if (type == "deepseek") return {{"aux_loss_alpha", coefficient}};
  if (std::find(std::begin(kRecorded), std::end(kRecorded), type) == std::end(kRecorded)) return Json::object();
  if (type == "dbrx") return {{"output_router_logits", true}};
  const char* key = type == "jetmoe" ? "aux_loss_coef" : "router_aux_loss_coef";
  return {{"output_router_logits", true}, {key, coefficient}};
}

void read_latent_attention(const Json& config, ModelSpec& spec) {
  auto latent = std::make_shared<LatentAttentionSpec>();
  latent->heads = spec.attention.heads;
  latent->query_rank = int_or(config, "q_lora_rank", 0);
  latent->kv_rank = required_int(config, "kv_lora_rank");
  latent->plain_width = required_int(config, "qk_nope_head_dim");
  latent->rotated_width = required_int(config, "qk_rope_head_dim");
  latent->value_width = required_int(config, "v_head_dim");
  latent->bias = bool_or(config, "attention_bias", false);
  latent->norm.eps = 1e-6;
  latent->dropout = spec.attention.dropout;
  RopeSpec& rope = spec.rope();
  rope.width = latent->rotated_width;
  rope.interleaved = bool_or(config, "rope_interleave", true);
  // YaRN's temperature acts on scores as a whole here, since only a part of each key turns.
  if (const double all = rope.mscale_all_dim.value_or(0); rope.scaling != RopeScaling::kNone && all != 0) {
    const double mscale = rope.factor <= 1 ? 1.0 : 0.1 * all * std::log(rope.factor) + 1.0;
    latent->scale = mscale * mscale / std::sqrt(static_cast<double>(latent->plain_width + latent->rotated_width));
  }
  for (LayerSpec& layer : spec.layers) layer.mixer = latent;
}

}  // namespace lf
