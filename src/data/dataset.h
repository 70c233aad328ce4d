// Encoded rows of one dataset, kept in a few flat arrays.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "data/batch.h"

namespace lf {

class Dataset {
 public:
  void append(const EncodedExample& row);

  int64_t size() const { return static_cast<int64_t>(offsets_.size()) - 1; }
  bool empty() const { return size() == 0; }
  /// Tokens of a row, padding of packed rows included.
  int64_t length(int64_t row) const { return offsets_[row + 1] - offsets_[row]; }
  EncodedExample row(int64_t row) const;

  /// Views of one row without copying.
  std::span<const int32_t> ids(int64_t row) const;
  std::span<const int32_t> labels(int64_t row) const;
  std::span<const int32_t> starts(int64_t row) const;  // empty = one example
  int32_t padding(int64_t row) const { return padding_.empty() ? 0 : padding_[row]; }
  bool separate() const { return separate_; }

  /// Over all rows: tokens without padding, and next-token targets that bear loss.
  int64_t total_tokens() const;
  int64_t target_tokens() const { return target_tokens_; }
  /// Rows in which no token bears loss.
  int64_t masked_rows() const { return masked_rows_; }
  /// Changes with any id, label, bound or the order of rows: tells a resumed run that the data is another.
  uint64_t fingerprint() const;

 private:
  void append_labels(const EncodedExample& row);
  void append_starts(const EncodedExample& row);

  std::vector<int32_t> ids_;
  std::vector<int32_t> labels_;  // empty while every label equals its id
  std::vector<int64_t> offsets_{0};
  std::vector<int32_t> starts_;
  std::vector<int64_t> start_offsets_{0};  // stays {0} while no row is packed
  std::vector<int32_t> padding_;           // empty while no row has padding
  bool separate_ = false;
  int64_t target_tokens_ = 0;
  int64_t masked_rows_ = 0;
};

}  // namespace lf
