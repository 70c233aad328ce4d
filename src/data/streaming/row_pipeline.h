// The rows of one epoch for one worker: datasets, mixture, shuffle buffer, part - put together as LLaMA-Factory does it
// with IterableDataset (load, merge, shuffle, take or skip).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset_info.h"
#include "data/source/bad_rows.h"
#include "data/streaming/dataset_flow.h"
#include "data/streaming/part_flows.h"

namespace lf {

/// What a stream consists of.
struct StreamSpec {
  std::vector<DatasetAttr> datasets;
  std::string mix_strategy = "concat";
  std::vector<double> probabilities;
  std::optional<int64_t> buffer_size;  // nothing: not shuffled
  uint64_t seed = 42;
  std::optional<int64_t> take;  // only the first rows of the shuffled stream
  int64_t skip = 0;             // all but the first rows
  int64_t workers = 1;          // each takes a contiguous part of every dataset
  BadRowPolicy bad_rows;
};

/// Opens the rows of dataset `dataset` for worker `worker`.
using OpenRows = std::function<std::unique_ptr<SourceRows>(const DatasetAttr& attr, int64_t worker)>;

class RowPipeline {
 public:
  /// The order of epoch `epoch` and the part of worker `worker`.
  RowPipeline(const StreamSpec& spec, const OpenRows& open, int64_t epoch, int64_t worker, BadRows& bad_rows);

  bool next(FlowRow& row) { return flow_->next(row); }
  /// All that restore() needs in another process.
  Json state() const;
  /// kData, kFormat when `state` is not of this stream.
  void restore(const Json& state);

 private:
  std::vector<FlowRow> fetch(const ShuffleFlow::Held& rows);

  std::vector<std::unique_ptr<DatasetFlow>> datasets_;
  std::unique_ptr<RowFlow> flow_;
};

/// The seed of epoch `epoch` (IterableDataset's effective generator).
uint64_t epoch_seed(uint64_t seed, int64_t epoch);

}  // namespace lf
