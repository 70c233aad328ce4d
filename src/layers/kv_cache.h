// What earlier tokens left behind, per layer: keys and values of attention, states of recurrent mixers. Implemented in
// infer/; layers only append, read and replace.
#pragma once
#include <utility>

#include "tensor/tensor.h"

namespace lf {

class KvCache {
 public:
  virtual ~KvCache() = default;
  /// Tokens of `sequence` that earlier forward passes went over.
  virtual int64_t length(int64_t sequence) const = 0;
  /// Every layer has gone over `tokens` more tokens of `sequence`: the decoder says so at the end of a forward pass.
  virtual void advance(int64_t sequence, int64_t tokens) = 0;
  /// Appends t new tokens of `sequence` in `layer` and returns everything stored: keys K T E, values K T F (kv heads,
  /// tokens, head widths). new_keys: K t E, rotated already; new_values: K t F.
  virtual std::pair<Tensor, Tensor> append(int64_t layer, int64_t sequence, const Tensor& new_keys,
                                           const Tensor& new_values) = 0;
  /// A recurrent mixer's state number `slot` (0, 1, ...) of `sequence` in `layer`: undefined before the first token;
  /// the mixer replaces it. A cache that holds such a state cannot forget single tokens.
  virtual Tensor& state(int64_t layer, int64_t sequence, int64_t slot) = 0;
};

}  // namespace lf
