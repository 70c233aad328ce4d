// The shuffle buffer, and the first rows of a flow or all others.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/numpy_random.h"
#include "data/streaming/row_flow.h"

namespace lf {

/// Rows of a buffer of `size` rows, drawn at random and replaced by the next ones; at the end the rest, shuffled.
class ShuffleFlow final : public RowFlow {
 public:
  using Held = std::vector<std::pair<uint32_t, int64_t>>;  // dataset, row
  /// Reads rows again, in the order asked for.
  using Fetch = std::function<std::vector<FlowRow>(const Held&)>;

  ShuffleFlow(std::unique_ptr<RowFlow> input, int64_t size, NumpyGenerator generator, Fetch fetch);

  bool next(FlowRow& row) override;
  Json state() const override;
  void restore(const Json& state) override;
  Held held() const override;

 private:
  size_t draw();

  std::unique_ptr<RowFlow> input_;
  size_t size_;
  NumpyGenerator generator_;
  Fetch fetch_;
  std::string lot_start_;     // state of the generator before the lot
  std::vector<int64_t> lot_;  // places in the buffer, drawn 1000 at a time
  size_t at_ = 0;
  std::vector<FlowRow> buffer_;  // once the input has ended: what is left, last one first
  bool ended_ = false;
};

/// The first `count` rows.
class TakeFlow final : public RowFlow {
 public:
  TakeFlow(std::unique_ptr<RowFlow> input, int64_t count) : input_(std::move(input)), count_(count) {}

  bool next(FlowRow& row) override;
  Json state() const override { return {{"taken", taken_}, {"input", input_->state()}}; }
  void restore(const Json& state) override;
  std::vector<std::pair<uint32_t, int64_t>> held() const override { return input_->held(); }

 private:
  std::unique_ptr<RowFlow> input_;
  int64_t count_, taken_ = 0;
};

/// All rows but the first `count`.
class SkipFlow final : public RowFlow {
 public:
  SkipFlow(std::unique_ptr<RowFlow> input, int64_t count) : input_(std::move(input)), left_(count) {}

  bool next(FlowRow& row) override;
  Json state() const override { return {{"left", left_}, {"input", input_->state()}}; }
  void restore(const Json& state) override;
  std::vector<std::pair<uint32_t, int64_t>> held() const override { return input_->held(); }

 private:
  std::unique_ptr<RowFlow> input_;
  int64_t left_;
};

}  // namespace lf
