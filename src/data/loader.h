// A dataset as a stream of batches with a position that a checkpoint can keep.
#pragma once
#include <cstdint>
#include <optional>

#include "data/batch_source.h"
#include "data/collate.h"
#include "data/dataset.h"
#include "data/sampler.h"

namespace lf {

/// Batches of a prepared dataset.
class DataLoader final : public BatchSource {
 public:
  /// `dataset` must outlive the loader.
  DataLoader(const Dataset& dataset, SamplerOptions sampler, CollateOptions collate = {});

  const Dataset& dataset() const { return dataset_; }
  int64_t batches_per_epoch() const { return sampler_.batches_per_epoch(); }

  std::optional<int64_t> examples() const override { return dataset_.size(); }
  std::optional<int64_t> epoch_batches() const override { return batches_per_epoch(); }
  std::optional<Batch> next() override;
  DataCursor cursor() const override { return cursor_; }
  void seek(DataCursor cursor) override;
  Json position() const override { return {{"epoch", cursor_.epoch}, {"batch", cursor_.batch}}; }
  void restore(const Json& position) override;
  /// Any batch, without moving the cursor.
  Batch at(DataCursor cursor) const;

 private:
  const Dataset& dataset_;
  BatchSampler sampler_;
  CollateOptions collate_;
  DataCursor cursor_;
};

}  // namespace lf
