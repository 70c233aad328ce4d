// A dataset as a stream of batches with a position that a checkpoint can keep.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "data/batch_source.h"
#include "data/dataset.h"
#include "data/sampler.h"

namespace lf {

struct CollateOptions {
  int64_t pad_to_multiple = 1;  // 8 for sft in a training run: counts in Batch::padded_tokens only, nothing is padded
};

/// One batch of the given rows (CPU tensors). Rows follow each other in the stream; targets stay within their row.
/// A plainly packed row is one attention sequence whose positions restart at each example; a neatly packed row is one
/// attention sequence for each example. Packing's padding is left out.
Batch collate(const Dataset& dataset, std::span<const int64_t> rows, const CollateOptions& options = {});

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
