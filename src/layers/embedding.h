// Token embedding.
#pragma once
#include <optional>

#include "tensor/module.h"

namespace lf {

class Embedding : public Module {
 public:
  /// `weight` (rows width) is created on the meta device. The row of `padding_row` gets no gradient.
  Embedding(int64_t rows, int64_t width, std::optional<int64_t> padding_row);
  std::string_view kind() const override { return "Embedding"; }
  /// ids: N int64 -> N D.
  Tensor forward(const Tensor& ids) const;
  Tensor& weight() { return weight_; }
  std::optional<int64_t> padding_row() const { return padding_row_; }

 private:
  Tensor weight_;
  std::optional<int64_t> padding_row_;
};

}  // namespace lf
