#include "data/collate.h"

#include "base/error.h"

namespace lf {
namespace {

/// One sequence as it goes into the stream.
struct StreamRow {
  std::span<const int32_t> ids, labels, starts;
  int64_t real = 0;  // entries in front of the padding
};

StreamRow first_of(const Dataset& dataset, int64_t row) {
  const auto ids = dataset.ids(row);
  const bool prompt_only = dataset.kind() == ExampleKind::kUnsupervised;
  return {ids, prompt_only ? std::span<const int32_t>() : dataset.labels(row), dataset.starts(row),
          static_cast<int64_t>(ids.size()) - dataset.padding(row)};
}

StreamRow second_of(const Dataset& dataset, int64_t row) {
  const auto ids = dataset.second_ids(row);
  return {ids, dataset.second_labels(row), {}, static_cast<int64_t>(ids.size())};
}

class BatchBuilder {
 public:
  BatchBuilder(const std::vector<StreamRow>& rows, bool separate) : separate_(separate) {
    int64_t tokens = 0;
    for (const StreamRow& row : rows) tokens += row.real;
    batch_.ids = at::empty({tokens}, at::kLong);
    batch_.positions = at::empty({tokens}, at::kLong);
    batch_.targets = at::full({tokens}, kIgnoreLabel, at::kLong);
    batch_.bounds = {0};
    batch_.row_bounds = {0};
    for (const StreamRow& row : rows) add(row);
  }

  Batch finish(int64_t multiple) {
    batch_.padded_tokens = batch_.rows * ((longest_ + multiple - 1) / multiple * multiple);
    return std::move(batch_);
  }

 private:
  void add(const StreamRow& row) {
    std::copy_n(row.ids.begin(), row.real, batch_.ids.mutable_data_ptr<int64_t>() + at_);
    if (!row.labels.empty()) add_targets(row.labels, row.real);
    add_positions(row.starts, row.real);
    at_ += row.real;
    if (row.real > 0) batch_.bounds.push_back(at_);
    batch_.row_bounds.push_back(at_);
    longest_ = std::max(longest_, static_cast<int64_t>(row.ids.size()));
    ++batch_.rows;
  }

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
        if (i > 0 && separate_) batch_.bounds.push_back(at_ + i);
        ++next;
      }
      positions[i] = i - start;
    }
  }

  bool separate_;
  Batch batch_;
  int64_t at_ = 0;
  int64_t longest_ = 0;
};

}  // namespace

Batch collate(const Dataset& dataset, std::span<const int64_t> rows, const CollateOptions& options) {
  const ExampleKind kind = dataset.kind();
  std::vector<StreamRow> first, second;
  for (const int64_t row : rows) {
    first.push_back(first_of(dataset, row));
    if (kind == ExampleKind::kPairwise || kind == ExampleKind::kFeedback) second.push_back(second_of(dataset, row));
  }
  if (kind == ExampleKind::kPairwise) first.insert(first.end(), second.begin(), second.end());
  Batch batch = BatchBuilder(first, dataset.separate()).finish(options.pad_to_multiple);
  batch.kind = kind;
  batch.samples.assign(rows.begin(), rows.end());
  if (kind == ExampleKind::kFeedback) {
    Batch kl = BatchBuilder(second, false).finish(options.pad_to_multiple);
    kl.kind = kind;
    kl.samples = batch.samples;
    batch.kl = std::make_shared<const Batch>(std::move(kl));
    for (const int64_t row : rows) batch.desirable.push_back(dataset.desirable(row));
  }
  if (kind == ExampleKind::kUnsupervised) {
    for (const int64_t row : rows) {
      const auto labels = dataset.labels(row);
      batch.responses.emplace_back(labels.begin(), labels.end());
    }
  }
  return batch;
}

int64_t padding_multiple(const std::string& stage, bool do_train) {
  return stage == "rm" || stage == "dpo" || stage == "kto" || (stage == "sft" && do_train) ? 8 : 1;
}

}  // namespace lf
