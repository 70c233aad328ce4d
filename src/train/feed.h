// Batches of a dataset by (epoch, index): random access, so that resuming needs no replay.
#pragma once
#include <cstdint>

#include "data/batch.h"

namespace lf {

class BatchFeed {
 public:
  virtual ~BatchFeed() = default;
  virtual int64_t examples() const = 0;
  virtual int64_t batches() const = 0;
  /// The `index`-th batch of `epoch`, in the order that seed and epoch decide.
  virtual Batch batch(int64_t epoch, int64_t index) const = 0;
};

}  // namespace lf
