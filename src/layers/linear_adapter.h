// What an adapter adds to a Linear. Implemented in adapters/; an adapter never knows how the base weight is stored.
#pragma once
#include <optional>
#include <string>

#include "tensor/tensor.h"

namespace lf {

/// y += scale * dropout(x) A^T B^T; fused kernels take it together with the base product.
struct LowRankView {
  Tensor a;  // r in
  Tensor b;  // out r
  double scale = 1.0;
  double dropout = 0.0;  // on x, in training only
};

class LinearAdapter {
 public:
  virtual ~LinearAdapter() = default;

  /// Name of the adapter set it belongs to ("default").
  virtual const std::string& set_name() const = 0;
  /// Adds to y = x W^T + bias. x: ... in, y: ... out. Returns the new y (may be y changed in place only when no grad is
  /// needed).
  virtual Tensor apply(const Tensor& x, const Tensor& y, bool training) const = 0;
  /// The low-rank form when that is all it is; nullopt sends Linear to apply().
  virtual std::optional<LowRankView> low_rank() const { return std::nullopt; }
  /// What merging adds to the dense weight: out in, fp32.
  virtual Tensor delta() const = 0;
};

}  // namespace lf
