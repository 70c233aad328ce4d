// Keys and values of earlier tokens, per layer. Implemented in infer/; layers only append and read.
#pragma once
#include <utility>

#include "tensor/tensor.h"

namespace lf {

class KvCache {
 public:
  virtual ~KvCache() = default;
  /// Tokens stored so far for `sequence` (the same in every layer between forward passes).
  virtual int64_t length(int64_t sequence) const = 0;
  /// Appends t new tokens of `sequence` in `layer` and returns everything stored: keys, values as K T E (kv heads,
  /// tokens, head width). new_keys, new_values: K t E, rotated already.
  virtual std::pair<Tensor, Tensor> append(int64_t layer, int64_t sequence, const Tensor& new_keys,
                                           const Tensor& new_values) = 0;
};

}  // namespace lf
