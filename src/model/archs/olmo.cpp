// OLMo (arXiv 2402.00838): layer norms without parameters, projections cut to a range.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"pad_token_id", 1}}));
  spec.norm = {.kind = NormKind::kLayer, .eps = 1e-5, .affine = false};
  spec.attention.clip_qkv = number_or(config, "clip_qkv", 0);
  spec.mlp.bias = false;
  return spec;
}

extern const ArchEntry entry_olmo;
constinit const ArchEntry entry_olmo{.name = "olmo", .describe = describe};

}  // namespace lf
