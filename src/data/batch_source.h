// Batches one after another, epoch after epoch, with a position that a checkpoint can keep: from a prepared dataset
// (data/loader.h), or streamed (data/streaming/stream_loader.h).
#pragma once
#include <cstdint>
#include <optional>

#include "base/json.h"
#include "data/batch.h"

namespace lf {

/// The next batch to read.
struct DataCursor {
  int64_t epoch = 0;
  int64_t batch = 0;
  bool operator==(const DataCursor&) const = default;
};

class BatchSource {
 public:
  virtual ~BatchSource() = default;

  /// Rows and batches of an epoch; nothing while streaming, where they are not known before its end.
  virtual std::optional<int64_t> examples() const = 0;
  virtual std::optional<int64_t> epoch_batches() const = 0;

  /// Next batch of the current epoch, or nothing at its end (then the cursor stands at the start of the next epoch).
  virtual std::optional<Batch> next() = 0;
  virtual DataCursor cursor() const = 0;
  /// kData when the cursor lies outside an epoch. While streaming only the start of an epoch can be gone to.
  virtual void seek(DataCursor cursor) = 0;

  /// All that restore() needs in another process to go on with the same batch.
  virtual Json position() const = 0;
  /// kData, kFormat when `position` does not fit this data.
  virtual void restore(const Json& position) = 0;
};

}  // namespace lf
