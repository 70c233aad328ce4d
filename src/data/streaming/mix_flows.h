// Several datasets as one flow: one after another, or interleaved.
#pragma once
#include <memory>
#include <vector>

#include "data/source_choice.h"
#include "data/streaming/dataset_flow.h"

namespace lf {

/// One after another, in the order of `datasets`.
class ConcatFlow final : public RowFlow {
 public:
  explicit ConcatFlow(std::vector<DatasetFlow*> datasets) : datasets_(std::move(datasets)) {}

  bool next(FlowRow& row) override;
  Json state() const override;
  void restore(const Json& state) override;

 private:
  std::vector<DatasetFlow*> datasets_;
  size_t current_ = 0;
};

/// Interleaved. A dataset counts as used up as soon as its last row is taken.
class InterleaveFlow final : public RowFlow {
 public:
  InterleaveFlow(std::vector<DatasetFlow*> datasets, SourceChoice choice, StopRule rule)
      : datasets_(std::move(datasets)), choice_(std::move(choice)), rule_(rule), used_up_(datasets_.size(), false) {}

  bool next(FlowRow& row) override;
  Json state() const override;
  void restore(const Json& state) override;

 private:
  std::vector<DatasetFlow*> datasets_;
  SourceChoice choice_;
  StopRule rule_;
  std::vector<bool> used_up_;
};

}  // namespace lf
