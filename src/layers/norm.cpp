#include "layers/norm.h"

#include <fmt/format.h>

#include "kernels/rms_norm.h"

namespace lf {

namespace {
Tensor meta(std::vector<int64_t> shape) { return at::empty(shape, at::TensorOptions(at::kMeta).dtype(at::kFloat)); }

Tensor widened(const Tensor& x) { return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat); }
}  // namespace

Norm::Norm(int64_t width, const NormSpec& spec) : spec_(spec), width_(width) {
  if (!spec.affine) return;
  weight_ = meta({width});
  register_parameter("weight", weight_);
  if (!spec.bias) return;
  bias_ = meta({width});
  register_parameter("bias", bias_);
}

Norm::Norm(int64_t heads, int64_t width, const NormSpec& spec, bool as_modules) : spec_(spec), width_(width) {
  weight_ = meta({heads, width});
  if (!as_modules) {
    register_parameter("weight", weight_);
    return;
  }
  StoredAs stored{.part_shape = {width}};
  for (int64_t head = 0; head < heads; ++head) stored.parts.push_back(fmt::format("norms.{}.weight", head));
  register_parameter("weight", weight_, std::move(stored));
}

Tensor Norm::forward(const Tensor& x) const { return spec_.kind == NormKind::kRms ? rms(x) : layer_norm(x); }

Tensor Norm::effective_weight() const { return spec_.weight_offset == 0 ? weight_ : weight_ + spec_.weight_offset; }

Tensor Norm::rms(const Tensor& x) const {
  if (weight_.defined() && weight_.dim() == 1 && spec_.weight_offset == 0 && !spec_.fp32_weight) {
    return rms_norm(x, weight_, spec_.eps);
  }
  if (weight_.defined() && weight_.dim() == 1) {
    Tensor weight = widened(weight_) + spec_.weight_offset;
    return rms_norm(widened(x), weight, spec_.eps).to(x.scalar_type());
  }
  Tensor wide = widened(x);
  Tensor normed = wide * at::rsqrt(wide.pow(2).mean(-1, true) + spec_.eps);
  if (!weight_.defined()) return normed.to(x.scalar_type());
  if (spec_.fp32_weight) return (normed * widened(effective_weight())).to(x.scalar_type());
  return effective_weight() * normed.to(x.scalar_type());
}

Tensor Norm::layer_norm(const Tensor& x) const {
  const bool plain =
      weight_.defined() && weight_.dim() == 1 && !spec_.fp32_weight && weight_.scalar_type() == x.scalar_type();
  if (plain) return at::layer_norm(x, {width_}, effective_weight(), bias_, spec_.eps);
  Tensor normed = at::layer_norm(widened(x), {width_}, {}, {}, spec_.eps);
  if (weight_.defined()) normed = normed * widened(effective_weight());
  if (bias_.defined()) normed = normed + widened(bias_);
  // As autocast does: parameters wider than the input keep their precision unless the family rounds.
  return spec_.fp32_weight || !weight_.defined() ? normed.to(x.scalar_type()) : normed;
}

}  // namespace lf
