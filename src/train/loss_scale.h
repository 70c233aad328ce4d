// Dynamic loss scaling for fp16 (Micikevicius et al. 2018, arXiv 1710.03740), with the numbers of torch.amp.GradScaler:
// small gradients survive fp16 because the loss is multiplied before the backward pass and gradients are divided after.
#pragma once
#include <cstdint>

namespace lf {

class LossScale {
 public:
  double value() const { return value_; }
  int64_t finite_in_a_row() const { return finite_in_a_row_; }
  /// After each step: gradients that overflowed halve the scale, 2000 steps in a row without any double it.
  void update(bool finite);
  /// Goes on from a checkpoint.
  void restore(double value, int64_t finite_in_a_row);

 private:
  double value_ = 65536.0;
  int64_t finite_in_a_row_ = 0;
};

}  // namespace lf
