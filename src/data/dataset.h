// Encoded rows of one dataset, kept in a few flat arrays.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "data/batch.h"

namespace lf {

/// Ids and labels of many sequences, end to end.
class SequenceTable {
 public:
  void append(const std::vector<int32_t>& ids, const std::vector<int32_t>& labels);

  int64_t size() const { return static_cast<int64_t>(offsets_.size()) - 1; }
  int64_t length(int64_t row) const { return offsets_[row + 1] - offsets_[row]; }
  int64_t total() const { return static_cast<int64_t>(ids_.size()); }
  std::span<const int32_t> ids(int64_t row) const;
  std::span<const int32_t> labels(int64_t row) const;
  uint64_t hash(uint64_t hash) const;

 private:
  std::vector<int32_t> ids_;
  std::vector<int32_t> labels_;  // empty while every label equals its id
  bool own_labels_ = false;      // some label does not
  std::vector<int64_t> offsets_{0};
  std::vector<int64_t> label_offsets_;  // empty while labels are as many as ids in every row
};

class Dataset {
 public:
  /// All rows of a dataset are of one kind and packed in one way.
  void append(const EncodedExample& row);

  int64_t size() const { return first_.size(); }
  bool empty() const { return size() == 0; }
  /// kSupervised while empty.
  ExampleKind kind() const { return kind_; }
  /// Tokens of a row (of its first sequence), padding of packed rows included.
  int64_t length(int64_t row) const { return first_.length(row); }
  EncodedExample row(int64_t row) const;

  /// Views of one row without copying. What ids and second_ids are: ExampleKind.
  std::span<const int32_t> ids(int64_t row) const { return first_.ids(row); }
  std::span<const int32_t> labels(int64_t row) const { return first_.labels(row); }
  std::span<const int32_t> second_ids(int64_t row) const;  // empty for kinds with one sequence
  std::span<const int32_t> second_labels(int64_t row) const;
  bool desirable(int64_t row) const { return kind_ == ExampleKind::kFeedback && desirable_[row] != 0; }
  std::span<const int32_t> starts(int64_t row) const;  // empty = one example
  int32_t padding(int64_t row) const { return padding_.empty() ? 0 : padding_[row]; }
  bool separate() const { return separate_; }
  bool has_media() const { return !media_.empty(); }
  const RowMedia& media(int64_t row) const;
  std::span<const int32_t> media_counts(int64_t row) const;  // EncodedExample::media_counts

  /// Over all rows: tokens without padding (of both sequences), and next-token targets that bear loss (kPairwise: in
  /// both sequences, kFeedback: in the first; kUnsupervised: tokens of reference responses).
  int64_t total_tokens() const;
  int64_t target_tokens() const { return target_tokens_; }
  /// Rows in which no token bears loss (kPairwise: in either sequence).
  int64_t masked_rows() const { return masked_rows_; }
  /// Changes with any id, label, bound, tag, path or the order of rows: tells a resumed run that the data is another.
  uint64_t fingerprint() const;

 private:
  void count_targets(const EncodedExample& row);
  void append_starts(const EncodedExample& row);
  void append_media(const EncodedExample& row);

  ExampleKind kind_ = ExampleKind::kSupervised;
  SequenceTable first_;
  SequenceTable second_;  // empty for kinds with one sequence
  std::vector<uint8_t> desirable_;
  std::vector<int32_t> starts_;
  std::vector<int64_t> start_offsets_{0};  // stays {0} while no row is packed
  std::vector<int32_t> padding_;           // empty while no row has padding
  std::vector<RowMedia> media_;            // empty while no row has media; so is media_counts_
  std::vector<std::vector<int32_t>> media_counts_;
  bool separate_ = false;
  int64_t target_tokens_ = 0;
  int64_t masked_rows_ = 0;
};

}  // namespace lf
