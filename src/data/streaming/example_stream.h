// Encoded (and packed) rows of one epoch, made on the fly: windows of preprocessing batches are read, encoded and
// packed as they are needed.
#pragma once
#include <deque>
#include <memory>
#include <optional>

#include "data/row_encoder.h"
#include "data/streaming/row_pipeline.h"

namespace lf {

/// A place between two examples: the rows at the start of a window, and how many of its examples are used.
struct StreamMark {
  std::shared_ptr<const Json> window;
  int64_t used = 0;
};

class ExampleStream {
 public:
  /// `batch_size`: preprocessing_batch_size.
  ExampleStream(std::unique_ptr<RowPipeline> rows, RowEncoder& encoder, int64_t batch_size);

  /// Nothing at the end of the epoch.
  std::optional<EncodedExample> next();
  /// Where the next example is.
  StreamMark mark() const { return {window_, used_}; }
  void restore(const StreamMark& mark);

 private:
  bool read_window();

  std::unique_ptr<RowPipeline> rows_;
  RowEncoder& encoder_;
  int64_t batch_size_;
  std::shared_ptr<const Json> window_;
  std::deque<EncodedExample> examples_;
  int64_t used_ = 0;
  bool ended_ = false;
};

}  // namespace lf
