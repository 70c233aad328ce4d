// Pieces of recurrences that are computed chunk by chunk.
#pragma once
#include "tensor/tensor.h"

namespace lf {

constexpr int64_t kChunkTokens = 64;

/// How T tokens are cut: `chunks` of `length`, the last one filled up with `padding` tokens of zeros.
struct Chunks {
  explicit Chunks(int64_t tokens);
  int64_t length, chunks, padding;

  /// T H E -> chunks H length E; T H -> chunks H length.
  Tensor split(const Tensor& x) const;
  /// chunks H length E -> T H E.
  Tensor join(const Tensor& x) const;
};

/// log_decay summed up to each token: ... C -> e^(sum_i - sum_j) for j <= i, else 0: ... C C.
Tensor decay_matrix(const Tensor& summed);

/// x: T G ..., G groups -> T H ... with each group's entry repeated for its H / G heads.
Tensor repeat_heads(const Tensor& x, int64_t heads);

}  // namespace lf
