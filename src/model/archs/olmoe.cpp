// OLMoE (Muennighoff et al. 2024, arXiv 2409.02060): query and key norms over all heads, experts in every layer.
#include "base/error.h"
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"rms_norm_eps", 1e-5}}));
  LF_CHECK(kUnsupported, !find_value(config, "clip_qkv"),
           "config.json: clip_qkv is not available for olmoe (no published model has it)");
  spec.attention.qk_norm = QkNorm::kFull;
  MoeSpec moe = read_experts(config, spec.mlp.intermediate_size, 64, 8);
  moe.router.renormalise = bool_or(config, "norm_topk_prob", false);
  moe.router.round_weights = true;
  read_router_loss(config, spec, moe.router.chosen, 0.01);
  set_experts(spec, moe, [](int64_t) { return true; });
  return spec;
}

extern const ArchEntry entry_olmoe;
constinit const ArchEntry entry_olmoe{.name = "olmoe", .describe = describe};

}  // namespace lf
