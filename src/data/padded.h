// Batches as Python has them: padded tensors under the names of upstream's collators. Training does not need them; they
// are for comparison, export and models that are fed in rectangles.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "data/batch.h"
#include "data/dataset.h"

namespace lf {

/// How a packed dataset's mask is given.
enum class PackedMask {
  kSegments,  // [R, L] int64: segments_of() (neat packing: 1,2,3... per example, 0 = padding; plain packing: all 1)
  kAdditive,  // [R, 1, L, L] of mask_dtype: block_causal_mask() of it (neat packing with eager or sdpa attention)
  kNone,      // no mask, padding cut off; needs exactly one row (neat packing with flash attention)
};

struct PadOptions {
  int32_t pad_id = 0;
  int32_t label_pad = kIgnoreLabel;  // pad_id with ignore_pad_token_for_loss: false (rm has -100 all the same)
  int64_t multiple = 1;              // lengths are rounded up to it: padding_multiple()
  bool left = false;                 // padding in front (ppo, evaluation by generation)
  PackedMask packed_mask = PackedMask::kSegments;
  c10::ScalarType mask_dtype = at::kFloat;
};

/// Column -> tensor on the CPU, int64 [R, L] unless said: input_ids, attention_mask, labels, and
/// - packed rows: position_ids;
/// - pairwise data: R = 2n, chosen before rejected;
/// - feedback data: kl_input_ids, kl_attention_mask, kl_labels of a length of their own, kto_tags (bool [R]);
/// - unsupervised data: labels (the reference responses) have a length of their own.
using PaddedBatch = std::map<std::string, Tensor>;

/// kData when kNone meets other than one row, or rows that are not neatly packed.
PaddedBatch padded(const Dataset& dataset, std::span<const int64_t> rows, const PadOptions& options);

/// Segments [R, L] (0 = padding) -> additive mask [R, 1, L, L]: 0 where the key is not after the query and both are of
/// the same segment, else the lowest number of `dtype`. Rows of padding see nothing. (Upstream's
/// prepare_4d_attention_mask.)
Tensor block_causal_mask(const Tensor& segments, c10::ScalarType dtype);

}  // namespace lf
