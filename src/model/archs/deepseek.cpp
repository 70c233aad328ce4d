// DeepSeekMoE 16B (Dai et al. 2024, arXiv 2401.06066), after the code published with the model: Llama's attention, fine
// experts behind a softmax router, shared experts.
#include "base/error.h"
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.mlp.bias = false;
  const std::string scoring = string_or(config, "scoring_func", "softmax");
  LF_CHECK(kUnsupported, scoring == "softmax", "config.json: scoring_func '{}' is not available for deepseek (softmax)",
           scoring);
  const int64_t width = int_or(config, "moe_intermediate_size", 1407);
  MoeSpec moe = read_experts(config, width, 64, 6);
  moe.router.renormalise = bool_or(config, "norm_topk_prob", false);
  moe.router.norm_epsilon = 1e-20;
  moe.router.balance = number_or(config, "aux_loss_alpha", 0.001);
  moe.router.balance_over_all = !bool_or(config, "seq_aux", true);
  if (const auto shared = optional_int(config, "n_shared_experts")) {
    moe.shared = MlpSpec{.intermediate_size = width * *shared, .activation = moe.experts.activation};
  }
  const int64_t dense = int_or(config, "first_k_dense_replace", 0), step = int_or(config, "moe_layer_freq", 1);
  LF_CHECK(kFormat, step > 0, "config.json: moe_layer_freq must be positive but is {}", step);
  set_experts(spec, moe, [=](int64_t layer) { return layer >= dense && layer % step == 0; });
  return spec;
}

extern const ArchEntry entry_deepseek;
constinit const ArchEntry entry_deepseek{.name = "deepseek", .describe = describe};

}  // namespace lf
