// RMS and layer norms as Hugging Face computes them: in fp32, then rounded to the input's dtype before or after the
// weight is applied (NormSpec::fp32_weight).
#pragma once
#include "layers/specs.h"
#include "tensor/module.h"

namespace lf {

class Norm : public Module {
 public:
  /// Parameters are created on the meta device: `weight` and `bias` (width), as far as the spec has them.
  Norm(int64_t width, const NormSpec& spec);
  /// One weight for each of `heads` rows: heads x width. `as_modules`: checkpoints hold "norms.0.weight", ...
  Norm(int64_t heads, int64_t width, const NormSpec& spec, bool as_modules);

  std::string_view kind() const override { return spec_.kind == NormKind::kRms ? "RMSNorm" : "LayerNorm"; }
  const NormSpec& spec() const { return spec_; }
  /// x: ... width -> same.
  Tensor forward(const Tensor& x) const;
  /// Undefined without `affine`.
  Tensor& weight() { return weight_; }

 private:
  Tensor rms(const Tensor& x) const;
  Tensor layer_norm(const Tensor& x) const;
  Tensor effective_weight() const;

  NormSpec spec_;
  int64_t width_;
  Tensor weight_, bias_;
};

}  // namespace lf
