// Which examples share a row, and the row they make.
#pragma once
#include <cstdint>
#include <vector>

#include "data/batch.h"
#include "data/dataset.h"

namespace lf {

/// Bins of example indices.
using Bins = std::vector<std::vector<size_t>>;

/// Upstream's: repeatedly the longest that still fits; of equal lengths, the last one first. kInternal when a length is
/// above the capacity.
Bins greedy_knapsack(const std::vector<int64_t>& lengths, int64_t capacity);

/// Best-fit decreasing: each example, longest first, goes into the fullest bin that still takes it. At most 11/9 of the
/// fewest possible bins, plus four (Johnson 1973). O(n log n). Deterministic: examples ascend in a bin, and bins are
/// ordered by their first example. kInternal when a length is above the capacity.
Bins best_fit_decreasing(const std::vector<int64_t>& lengths, int64_t capacity);

struct PackShape {
  int64_t capacity = 0;  // most tokens of examples in a row; rows have one entry more, which is always padding
  int32_t pad_id = 0;
  bool separate = false;  // neat packing
};

/// The row that these examples make, one after the other, padded. Examples are whole.
EncodedExample pack_row(const std::vector<const EncodedExample*>& examples, const PackShape& shape);

/// Upstream's packing_params column: which tokens and media belong to which example of a neatly packed row.
struct PackingParams {
  std::vector<int64_t> sequence_boundaries;  // 0, end of each example, end of the padding
  /// For each image (video, audio) of the row its example, counted from 0; {2^32} when there are none.
  std::vector<int64_t> image_subseq_ids, video_subseq_ids, audio_subseq_ids;
  int64_t right_padding_length = 0;
};
PackingParams packing_params_of(const EncodedExample& packed);

/// "12 examples of 300 tokens in 2 rows of 257 tokens, 41.6% padding".
std::string packing_efficiency(const Dataset& packed);

}  // namespace lf
