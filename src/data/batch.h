// Rows after encoding, and what a training step reads: padding removed, labels shifted, sequence bounds instead of
// masks.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/media.h"
#include "tensor/tensor.h"

namespace lf {

inline constexpr int32_t kIgnoreLabel = -100;

/// What a row holds, by LLaMA-Factory's processor (docs/PROCESSORS.md).
enum class ExampleKind : uint8_t {
  kSupervised,    // stages pt and sft, packed or not: ids and labels of equal length
  kPairwise,      // stages rm and dpo: ids/labels = chosen, second_ids/second_labels = rejected
  kFeedback,      // stage kto: ids/labels = completion, second_ids/second_labels = KL pair, desirable = kto_tag
  kUnsupervised,  // stage ppo, and evaluation by generation: ids = prompt, labels = ids of the reference response
};

/// One row after encoding (and packing).
struct EncodedExample {
  std::vector<int32_t> ids;
  std::vector<int32_t> labels;  // as long as ids (kUnsupervised: any length); -100 = no loss; not shifted
  std::vector<int32_t>
      starts;             // packed rows: first token of each example; positions restart there. Empty = one example
  int32_t padding = 0;    // packed rows: how many entries at the end are padding (position 0, no loss)
  bool separate = false;  // neat packing: examples do not see each other
  ExampleKind kind = ExampleKind::kSupervised;
  std::vector<int32_t> second_ids = {};  // kPairwise, kFeedback: see ExampleKind
  std::vector<int32_t> second_labels = {};
  bool desirable = false;                  // kFeedback: kto_tag
  RowMedia media = {};                     // of all examples of the row, in order
  std::vector<int32_t> media_counts = {};  // packed rows with media: images, videos, audios of each example, 3 each

  bool operator==(const EncodedExample&) const = default;
};

/// Position of every entry as the rotary embedding takes it: restarts at `starts`, 0 on padding.
std::vector<int32_t> positions_of(const EncodedExample& example);
/// Neat packing's mask row: 1,2,3,... per example and 0 on padding; all 1 when the examples see each other.
std::vector<int32_t> segments_of(const EncodedExample& example);

/// A micro-batch of R rows as one stream of N real tokens. Pairwise data: R = 2n, the chosen of all n rows of the
/// dataset, then the rejected of all.
struct Batch {
  Tensor ids;                       // N int64
  Tensor positions;                 // N int64
  Tensor targets;                   // N int64: label of the next token of the same row, -100 where none
  std::vector<int64_t> bounds;      // S+1 offsets: attention never crosses them
  std::vector<int64_t> row_bounds;  // R+1 offsets of the rows (a packed row may hold several sequences)
  int64_t target_count = 0;         // targets that are not -100
  int64_t label_count = 0;    // labels that are not -100 before the shift: upstream divides the training loss by this
  int64_t rows = 0;           // R
  int64_t padded_tokens = 0;  // R times the padded length (what upstream's token counters count)
  std::vector<int64_t> samples;  // dataset indices of the rows, for messages; n of them for pairwise data
  ExampleKind kind = ExampleKind::kSupervised;  // of the dataset
  std::shared_ptr<const Batch> kl;              // kFeedback: the KL pairs of the same rows
  std::vector<uint8_t> desirable;               // kFeedback: kto_tag of each row
  std::vector<std::vector<int32_t>> responses;  // kUnsupervised: reference response of each row (targets are all -100)
};

}  // namespace lf
