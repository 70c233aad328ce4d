// A dataset as a stream of batches with a position that a checkpoint can keep.
#pragma once
#include <cstdint>
#include <optional>

#include "data/collate.h"
#include "data/dataset.h"
#include "data/sampler.h"

namespace lf {

/// The next batch to read.
struct DataCursor {
  int64_t epoch = 0;
  int64_t batch = 0;
  bool operator==(const DataCursor&) const = default;
};

class DataLoader {
 public:
  /// `dataset` must outlive the loader.
  DataLoader(const Dataset& dataset, SamplerOptions sampler, CollateOptions collate = {});

  const Dataset& dataset() const { return dataset_; }
  int64_t batches_per_epoch() const { return sampler_.batches_per_epoch(); }

  /// Next batch of the current epoch, or nothing at its end (then the cursor stands at the start of the next epoch).
  std::optional<Batch> next();
  DataCursor cursor() const { return cursor_; }
  /// kData when the cursor lies outside an epoch of this dataset.
  void seek(DataCursor cursor);
  /// Any batch, without moving the cursor.
  Batch at(DataCursor cursor) const;

 private:
  const Dataset& dataset_;
  BatchSampler sampler_;
  CollateOptions collate_;
  DataCursor cursor_;
};

}  // namespace lf
