#include "data/loader.h"

#include "base/error.h"

namespace lf {
namespace {

class BatchBuilder {
 public:
  BatchBuilder(const Dataset& dataset, int64_t tokens) : dataset_(dataset) {
    batch_.ids = at::empty({tokens}, at::kLong);
    batch_.positions = at::empty({tokens}, at::kLong);
    batch_.targets = at::full({tokens}, kIgnoreLabel, at::kLong);
    batch_.bounds = {0};
    batch_.row_bounds = {0};
  }

  void add(int64_t row) {
    const auto ids = dataset_.ids(row);
    const int64_t real = static_cast<int64_t>(ids.size()) - dataset_.padding(row);
    std::copy_n(ids.begin(), real, batch_.ids.mutable_data_ptr<int64_t>() + at_);
    add_targets(dataset_.labels(row), real);
    add_positions(dataset_.starts(row), real);
    at_ += real;
    if (real > 0) batch_.bounds.push_back(at_);
    batch_.row_bounds.push_back(at_);
    longest_ = std::max(longest_, static_cast<int64_t>(ids.size()));
    batch_.samples.push_back(row);
    ++batch_.rows;
  }

  Batch finish(const CollateOptions& options) {
    const int64_t multiple = options.pad_to_multiple;
    batch_.padded_tokens = batch_.rows * ((longest_ + multiple - 1) / multiple * multiple);
    return std::move(batch_);
  }

 private:
  /// The token before an example's first one has that one's label as target, as in upstream's shift of the whole row.
  void add_targets(std::span<const int32_t> labels, int64_t real) {
    int64_t* targets = batch_.targets.mutable_data_ptr<int64_t>() + at_;
    for (int64_t i = 0; i < real; ++i) {
      batch_.label_count += labels[i] != kIgnoreLabel;
      if (i == 0 || labels[i] == kIgnoreLabel) continue;
      targets[i - 1] = labels[i];
      ++batch_.target_count;
    }
  }

  void add_positions(std::span<const int32_t> starts, int64_t real) {
    int64_t* positions = batch_.positions.mutable_data_ptr<int64_t>() + at_;
    int64_t start = 0;
    size_t next = 0;
    for (int64_t i = 0; i < real; ++i) {
      if (next < starts.size() && starts[next] == i) {
        start = i;
        if (i > 0 && dataset_.separate()) batch_.bounds.push_back(at_ + i);
        ++next;
      }
      positions[i] = i - start;
    }
  }

  const Dataset& dataset_;
  Batch batch_;
  int64_t at_ = 0;
  int64_t longest_ = 0;
};

}  // namespace

Batch collate(const Dataset& dataset, std::span<const int64_t> rows, const CollateOptions& options) {
  int64_t tokens = 0;
  for (const int64_t row : rows) tokens += dataset.length(row) - dataset.padding(row);
  BatchBuilder builder(dataset, tokens);
  for (const int64_t row : rows) builder.add(row);
  return builder.finish(options);
}

DataLoader::DataLoader(const Dataset& dataset, SamplerOptions sampler, CollateOptions collate)
    : dataset_(dataset), sampler_(dataset.size(), std::move(sampler)), collate_(collate) {}

std::optional<Batch> DataLoader::next() {
  if (cursor_.batch >= batches_per_epoch()) {
    cursor_ = {cursor_.epoch + 1, 0};
    return std::nullopt;
  }
  Batch batch = at(cursor_);
  ++cursor_.batch;
  return batch;
}

void DataLoader::seek(DataCursor cursor) {
  LF_CHECK(kData, cursor.epoch >= 0 && cursor.batch >= 0 && cursor.batch <= batches_per_epoch(),
           "the data position (epoch {}, batch {}) lies outside this dataset of {} batches", cursor.epoch, cursor.batch,
           batches_per_epoch());
  cursor_ = cursor;
}

void DataLoader::restore(const Json& position) {
  seek({position.at("epoch").get<int64_t>(), position.at("batch").get<int64_t>()});
}

Batch DataLoader::at(DataCursor cursor) const {
  return collate(dataset_, sampler_.batch(cursor.epoch, cursor.batch), collate_);
}

}  // namespace lf
