// Rotary position angles for every scaling kind. Frequencies are computed in fp32 in the order of operations that
// transformers uses.
#pragma once
#include <utility>

#include "layers/specs.h"
#include "tensor/tensor.h"

namespace lf {

/// cos and sin of the first half of the angles (the second half repeats them): N E/2, fp32 or the dtype asked for.
struct RopeTable {
  Tensor cos, sin;
};

class Rope {
 public:
  Rope(const RopeSpec& spec, int64_t head_dim);

  /// positions: N int64. `dtype` is the dtype to which transformers rounds cos and sin (that of the hidden states).
  /// With dynamic scaling the base follows the largest position of the stream, as transformers does for a batch.
  RopeTable table(const Tensor& positions, c10::ScalarType dtype);

  /// Inverse frequencies for a sequence of `length` tokens: E/2 fp32. Only dynamic scaling depends on the length.
  Tensor inverse_frequencies(int64_t length) const;
  /// What cos and sin are multiplied by (yarn; else 1).
  double attention_factor() const { return attention_factor_; }

 private:
  RopeSpec spec_;
  int64_t head_dim_;
  double attention_factor_ = 1.0;
  Tensor frequencies_;
};

}  // namespace lf
