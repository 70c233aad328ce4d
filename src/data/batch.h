// What a training step reads: padding removed, labels shifted, sequence bounds instead of masks.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace lf {

inline constexpr int32_t kIgnoreLabel = -100;

/// One row after encoding (and packing).
struct EncodedExample {
  std::vector<int32_t> ids;
  std::vector<int32_t> labels;  // as long as ids; -100 = no loss; not shifted
  std::vector<int32_t>
      starts;             // packed rows: first token of each example; positions restart there. Empty = one example
  int32_t padding = 0;    // packed rows: how many entries at the end are padding (position 0, no loss)
  bool separate = false;  // neat packing: examples do not see each other
};

/// Position of every entry as the rotary embedding takes it: restarts at `starts`, 0 on padding.
std::vector<int32_t> positions_of(const EncodedExample& example);
/// Neat packing's mask row: 1,2,3,... per example and 0 on padding; all 1 when the examples see each other.
std::vector<int32_t> segments_of(const EncodedExample& example);

/// A micro-batch of B rows as one stream of N real tokens.
struct Batch {
  Tensor ids;                       // N int64
  Tensor positions;                 // N int64
  Tensor targets;                   // N int64: label of the next token of the same row, -100 where none
  std::vector<int64_t> bounds;      // S+1 offsets: attention never crosses them
  std::vector<int64_t> row_bounds;  // B+1 offsets of the rows (a packed row may hold several sequences)
  int64_t target_count = 0;         // targets that are not -100
  int64_t label_count = 0;    // labels that are not -100 before the shift: upstream divides the training loss by this
  int64_t rows = 0;           // B
  int64_t padded_tokens = 0;  // B times the padded length (what upstream's token counters count)
  std::vector<int64_t> samples;  // dataset indices of the rows, for messages
};

}  // namespace lf
