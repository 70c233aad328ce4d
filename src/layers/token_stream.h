// What the decoder reads: a stream of N tokens of one or several sequences, without padding. Attention is causal inside
// a sequence and never crosses a bound, so a batch and a pack look the same here and no B x T x T mask exists.
#pragma once
#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace lf {

struct TokenStream {
  Tensor ids;                   // N int64
  Tensor positions;             // N int64, rotary positions (restart where the data says, which need not be at a bound)
  std::vector<int64_t> bounds;  // S+1 offsets into the stream: 0, end of the 1st sequence, ..., N
  std::vector<int64_t> cache_sequences;  // S: which sequence of the KV cache each one continues; empty = 0..S-1
};

}  // namespace lf
