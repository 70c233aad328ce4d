#include "layers/embedding.h"

namespace lf {

Embedding::Embedding(int64_t rows, int64_t width, std::optional<int64_t> padding_row)
    : weight_(at::empty({rows, width}, at::TensorOptions(at::kMeta).dtype(at::kFloat))), padding_row_(padding_row) {
  register_parameter("weight", weight_);
}

Tensor Embedding::forward(const Tensor& ids) const { return at::embedding(weight_, ids, padding_row_.value_or(-1)); }

}  // namespace lf
