// Rotary position angles for every scaling kind. Frequencies are computed in fp32 in the order of operations that
// transformers uses.
#pragma once
#include <utility>

#include "layers/specs.h"
#include "tensor/tensor.h"

namespace lf {

/// cos and sin of the angle of each pair of dimensions: N W/2 fp32, rounded to the dtype asked for. W = what turns.
struct RopeTable {
  Tensor cos, sin;
  bool interleaved = false;
};

/// x: N H E; its first W dimensions turn, the rest passes.
Tensor rotate(const Tensor& x, const RopeTable& table);

class Rope {
 public:
  Rope(const RopeSpec& spec, int64_t head_dim);

  /// positions: N int64. `dtype` is the dtype to which transformers rounds cos and sin (that of the hidden states).
  /// With dynamic scaling the base follows the largest position of the stream, as transformers does for a batch.
  RopeTable table(const Tensor& positions, c10::ScalarType dtype, bool training = false);

  /// Whether keys that were rotated for a sequence of `before` tokens are of no use to one of `after` (longrope changes
  /// its factors when a sequence outgrows the trained length; ntk_steps its base with every doubling).
  bool outgrown(int64_t before, int64_t after) const;
  /// Inverse frequencies for a sequence of `length` tokens: W/2 fp32. Only dynamic, longrope and ntk_steps depend on
  /// the length.
  Tensor inverse_frequencies(int64_t length, bool training = false) const;
  /// What cos and sin are multiplied by (yarn, longrope; else 1).
  double attention_factor() const { return attention_factor_; }

 private:
  int64_t stepped_length(int64_t length) const;
  Tensor stepped_frequencies(int64_t length, bool training) const;
  double attention_factor(int64_t length) const;

  RopeSpec spec_;
  int64_t width_;
  double attention_factor_ = 1.0;
  Tensor frequencies_;
};

}  // namespace lf
