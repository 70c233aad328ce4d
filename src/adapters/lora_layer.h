// The low-rank term of one linear layer: y += scale * (dropout(x) A^T) B^T. Hu et al. 2021, arXiv 2106.09685.
#pragma once
#include <ATen/core/Generator.h>

#include <optional>
#include <string>

#include "layers/linear_adapter.h"

namespace lf {

class LoraLayer final : public LinearAdapter {
 public:
  /// a: r in, b: out r, both fp32.
  LoraLayer(std::string set_name, Tensor a, Tensor b, double scale, double dropout);

  const std::string& set_name() const override { return set_name_; }
  Tensor apply(const Tensor& x, const Tensor& y, bool training) const override;
  std::optional<LowRankView> low_rank() const override { return LowRankView{a_, b_, scale_, dropout_}; }
  Tensor delta() const override;

  Tensor& a() { return a_; }
  Tensor& b() { return b_; }

 private:
  std::string set_name_;
  Tensor a_, b_;
  double scale_, dropout_;
};

struct LoraFactors {
  Tensor a, b;
};

/// Initial factors as PEFT draws them, number for number: A uniform (Kaiming, a = sqrt 5), B zero. `rounding` is the
/// type of the base weight, through which PEFT passes A.
LoraFactors initial_factors(int64_t in, int64_t out, int64_t rank, c10::ScalarType rounding,
                            const std::optional<at::Generator>& generator);

}  // namespace lf
