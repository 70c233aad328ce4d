#include "adapters/lora_layer.h"

#include "tensor/precision.h"

namespace lf {

LoraLayer::LoraLayer(std::string set_name, Tensor a, Tensor b, double scale, double dropout)
    : set_name_(std::move(set_name)), a_(std::move(a)), b_(std::move(b)), scale_(scale), dropout_(dropout) {}

Tensor LoraLayer::apply(const Tensor& x, const Tensor& y, bool training) const {
  const auto compute = ComputeDtype::current().value_or(a_.scalar_type());
  const Tensor input = at::dropout(x.to(compute), dropout_, training);
  const Tensor low = at::linear(at::linear(input, a_.to(compute)), b_.to(compute));
  return (y + low * scale_).to(y.scalar_type());
}

Tensor LoraLayer::delta() const {
  at::NoGradGuard no_grad;
  return at::mm(b_.to(at::kFloat), a_.to(at::kFloat)).mul_(scale_);
}

/// torch.nn.Linear's initial weight.
static Tensor kaiming_uniform(int64_t rows, int64_t columns, const std::optional<at::Generator>& generator) {
  const double slope = std::sqrt(5.0), gain = std::sqrt(2.0 / (1.0 + slope * slope));
  const double deviation = gain / std::sqrt(static_cast<double>(columns)), bound = std::sqrt(3.0) * deviation;
  return at::empty({rows, columns}, at::kFloat).uniform_(-bound, bound, generator);
}

LoraFactors initial_factors(int64_t in, int64_t out, int64_t rank, c10::ScalarType rounding,
                            const std::optional<at::Generator>& generator) {
  kaiming_uniform(rank, in, generator);  // PEFT builds two nn.Linear first, which draw numbers as well
  kaiming_uniform(out, rank, generator);
  const Tensor a = kaiming_uniform(rank, in, generator);
  return {a.to(rounding).to(at::kFloat), at::zeros({out, rank}, at::kFloat)};
}

}  // namespace lf
