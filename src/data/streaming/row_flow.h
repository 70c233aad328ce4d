// Rows on their way from the files to the encoder: each step (a dataset, a mixture, a shuffle buffer, a part) is a flow
// that reads the flows before it. All follow the order of the datasets library's IterableDataset (4.0).
#pragma once
#include <cstdint>
#include <vector>

#include "base/json.h"
#include "data/conversation.h"
#include "data/source/row_place.h"

namespace lf {

struct FlowRow {
  uint32_t dataset = 0;
  int64_t row = 0;  // in the dataset
  RowPlace place;
  Conversation conversation;
};

class RowFlow {
 public:
  virtual ~RowFlow() = default;
  /// False at the end of the epoch.
  virtual bool next(FlowRow& row) = 0;
  /// What restore() needs in a flow made alike to go on with the same row.
  virtual Json state() const = 0;
  virtual void restore(const Json& state) = 0;
  /// Rows that are held here and must be found again by restore(): (dataset, row).
  virtual std::vector<std::pair<uint32_t, int64_t>> held() const { return {}; }
};

}  // namespace lf
