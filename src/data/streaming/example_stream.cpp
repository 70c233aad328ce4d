#include "data/streaming/example_stream.h"

#include "base/error.h"

namespace lf {
namespace {

/// Small preprocessing batches are taken together up to here, so that all threads have work and marks are few.
constexpr int64_t kWindowRows = 1024;

}  // namespace

ExampleStream::ExampleStream(std::unique_ptr<RowPipeline> rows, RowEncoder& encoder, int64_t batch_size)
    : rows_(std::move(rows)), encoder_(encoder), batch_size_(batch_size) {
  LF_CHECK(kConfig, batch_size > 0, "preprocessing_batch_size must be positive but is {}", batch_size);
  window_ = std::make_shared<const Json>(rows_->state());
}

/// False when no row is left.
bool ExampleStream::read_window() {
  const int64_t wanted = std::max<int64_t>(kWindowRows / batch_size_, 1) * batch_size_;
  window_ = std::make_shared<const Json>(rows_->state());
  used_ = 0;
  std::vector<FlowRow> rows;
  for (FlowRow row; static_cast<int64_t>(rows.size()) < wanted && rows_->next(row);) rows.push_back(std::move(row));
  if (rows.empty()) return false;
  BatchBounds batches;
  const auto count = static_cast<int64_t>(rows.size());
  for (int64_t at = 0; at < count; at += batch_size_) batches.emplace_back(at, std::min(at + batch_size_, count));
  for (EncodedExample& example : encoder_.encode(std::move(rows), batches)) examples_.push_back(std::move(example));
  return true;
}

std::optional<EncodedExample> ExampleStream::next() {
  while (examples_.empty() && !ended_) ended_ = !read_window();
  if (examples_.empty()) return std::nullopt;
  EncodedExample example = std::move(examples_.front());
  examples_.pop_front();
  ++used_;
  return example;
}

void ExampleStream::restore(const StreamMark& mark) {
  rows_->restore(*mark.window);
  examples_.clear();
  ended_ = false;
  window_ = mark.window;
  used_ = 0;
  for (int64_t i = 0; i < mark.used; ++i) {
    LF_CHECK(kData, next(), "the stream ends before the place at which the checkpoint was written");
    LF_ASSERT(used_ == i + 1);
  }
}

}  // namespace lf
