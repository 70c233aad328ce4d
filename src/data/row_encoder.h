// Conversations of consecutive preprocessing batches -> encoded (and packed) rows, on all threads; counts what is left
// out. Shared by prepared and streamed data.
#pragma once
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/encode/encoder.h"
#include "data/source/bad_rows.h"
#include "data/streaming/row_flow.h"

namespace lf {

/// Rows left out (or remarked on), by reason, with the first place of each.
class RowTally {
 public:
  void add(const std::string& reason, const std::string& place);
  int64_t count() const { return count_; }
  std::string text() const;

 private:
  struct Entry {
    int64_t count = 0;
    std::string first;
  };
  std::map<std::string, Entry> entries_;
  int64_t count_ = 0;
};

/// [first, last) of the rows handed to RowEncoder::encode.
using BatchBounds = std::vector<std::pair<int64_t, int64_t>>;

class RowEncoder {
 public:
  /// `names` of the datasets by FlowRow::dataset. All arguments must outlive this.
  RowEncoder(const Encoder& encoder, std::vector<std::string> names, BadRows& bad_rows, size_t threads)
      : encoder_(encoder), names_(std::move(names)), bad_rows_(bad_rows), threads_(threads) {}

  /// Encodes rows and packs them batch by batch. kData names the row; rows that the policy skips are left out, too
  /// (those with row < 0 already are). kUnsupported for rows with media.
  std::vector<EncodedExample> encode(std::vector<FlowRow> rows, const BatchBounds& batches);

  const std::vector<std::string>& names() const { return names_; }
  const RowTally& dropped() const { return dropped_; }
  int64_t rows_read() const { return rows_read_; }
  /// Warnings about rows that were dropped, remarked on, skipped.
  std::vector<std::string> summary() const;
  /// " All 12 rows were dropped: ..." or " 12 rows were read.": why nothing is left.
  std::string why_empty() const;

 private:
  EncodedRow encode_one(std::span<const Conversation> batch, size_t at, const FlowRow& row);
  std::string where(const FlowRow& row) const;

  const Encoder& encoder_;
  std::vector<std::string> names_;
  BadRows& bad_rows_;
  size_t threads_;
  RowTally dropped_, notes_;
  int64_t rows_read_ = 0;
};

}  // namespace lf
