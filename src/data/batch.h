// What a training step reads: padding removed, labels shifted, sequence bounds instead of masks.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace lf {

/// One row after encoding (and packing). All vectors have the same length.
struct EncodedExample {
  std::vector<int32_t> ids;
  std::vector<int32_t> labels;     // -100 = no loss; not shifted
  std::vector<int32_t> positions;  // empty = 0..n-1
  std::vector<int32_t> segments;   // neat packing: 1,2,3,... and 0 on padding; empty = one sequence
};

/// A micro-batch of B rows as one stream of N real tokens.
struct Batch {
  Tensor ids;                   // N int64
  Tensor positions;             // N int64
  Tensor targets;               // N int64: label of the next token of the same row, -100 where none
  std::vector<int64_t> bounds;  // S+1 offsets: attention never crosses them
  int64_t target_count = 0;     // targets that are not -100
  int64_t label_count = 0;      // labels that are not -100 before the shift: upstream divides the training loss by this
  int64_t rows = 0;             // B
  int64_t padded_tokens = 0;    // B times the padded length (what upstream's token counters count)
  std::vector<int64_t> samples; // dataset indices of the rows, for messages
};

}  // namespace lf
