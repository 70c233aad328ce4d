// RMS norm as Hugging Face computes it: in fp32, then weight * (result in the input's dtype).
#pragma once
#include "layers/specs.h"
#include "tensor/module.h"

namespace lf {

class RmsNorm : public Module {
 public:
  /// `weight` (width) is created on the meta device.
  RmsNorm(int64_t width, const NormSpec& spec);
  std::string_view kind() const override { return "RMSNorm"; }
  /// x: ... width -> same.
  Tensor forward(const Tensor& x) const;
  Tensor& weight() { return weight_; }

 private:
  Tensor weight_;
  double eps_;
};

}  // namespace lf
