#include "layers/rms_norm.h"

#include "kernels/rms_norm.h"

namespace lf {

RmsNorm::RmsNorm(int64_t width, const NormSpec& spec)
    : weight_(at::empty({width}, at::TensorOptions(at::kMeta).dtype(at::kFloat))), eps_(spec.eps) {
  register_parameter("weight", weight_);
}

Tensor RmsNorm::forward(const Tensor& x) const { return rms_norm(x, weight_, eps_); }

}  // namespace lf
