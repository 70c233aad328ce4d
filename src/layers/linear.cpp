// The base product (dense or stored otherwise), the first low-rank adapter fused into it, then the rest.
#include "layers/linear.h"

#include "base/error.h"
#include "kernels/linear.h"
#include "tensor/precision.h"

namespace lf {

Linear::Linear(int64_t in_features, int64_t out_features, bool has_bias, bool transposed)
    : in_features_(in_features), out_features_(out_features), has_bias_(has_bias), transposed_(transposed) {
  const auto meta = at::TensorOptions(at::kMeta).dtype(at::kFloat);
  own_weight_ = at::empty({out_features, in_features}, meta);
  if (has_bias) bias_ = at::empty({out_features}, meta);
  if (transposed) {
    register_parameter("weight", *weight_, StoredAs{.transposed = true});
  } else {
    register_parameter("weight", *weight_);
  }
  register_parameter("bias", bias_);
}

Linear::Linear(Tensor& tied_weight)
    : in_features_(tied_weight.size(1)), out_features_(tied_weight.size(0)), has_bias_(false), weight_(&tied_weight) {
  register_parameter("weight", *weight_);
}

void Linear::set_storage(std::unique_ptr<WeightStorage> storage) {
  LF_ASSERT(!is_tied());
  storage_ = std::move(storage);
  own_weight_ = Tensor();
}

Tensor Linear::row_lengths() const {
  constexpr double kLeast = 1e-12;  // as torch's normalize()
  return at::linalg_vector_norm(*weight_, 2, 1, true).clamp_min(kLeast);
}

Tensor Linear::effective_weight() const { return normalized_ ? *weight_ / row_lengths() : *weight_; }

Tensor Linear::base_product(const Tensor& x) const {
  if (storage_) return storage_->multiply(x, bias_);
  const auto compute = ComputeDtype::current().value_or(c10::promoteTypes(x.scalar_type(), weight_->scalar_type()));
  if (!normalized_) return linear(x, *weight_, bias_, compute);
  return linear(x, *weight_, Tensor(), compute) / row_lengths().view({1, out_features_}).to(compute);
}

Tensor Linear::forward(const Tensor& x) {
  if (adapters_.empty() || !adapters_enabled_) return base_product(x);
  size_t next = 0;
  Tensor y;
  if (auto view = adapters_.front()->low_rank(); view && !storage_ && !normalized_) {
    const auto compute = ComputeDtype::current().value_or(c10::promoteTypes(x.scalar_type(), weight_->scalar_type()));
    y = lora_linear(x, *weight_, bias_, {view->a, view->b, view->scale, training_ ? view->dropout : 0.0}, compute);
    next = 1;
  } else {
    y = base_product(x);
  }
  for (; next < adapters_.size(); ++next) y = adapters_[next]->apply(x, y, training_);
  return y;
}

bool Linear::is_trainable() const {
  auto trains = [](const Tensor& t) { return t.defined() && t.requires_grad(); };
  if (trains(*weight_) || trains(bias_)) return true;
  return std::any_of(adapters_.begin(), adapters_.end(), [&](const auto& adapter) {
    auto view = adapter->low_rank();
    return !view || trains(view->a) || trains(view->b);
  });
}

}  // namespace lf
