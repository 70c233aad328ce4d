#include "data/streaming/part_flows.h"

#include <algorithm>

#include "base/error.h"

namespace lf {

ShuffleFlow::ShuffleFlow(std::unique_ptr<RowFlow> input, int64_t size, NumpyGenerator generator, Fetch fetch)
    : input_(std::move(input)), size_(static_cast<size_t>(size)), generator_(generator), fetch_(std::move(fetch)) {
  LF_CHECK(kConfig, size > 0, "buffer_size must be positive but is {}", size);
  lot_start_ = generator_.state();
}

size_t ShuffleFlow::draw() {
  if (at_ == lot_.size()) {
    lot_start_ = generator_.state();
    lot_ = generator_.integers(static_cast<int64_t>(size_), 1000);
    at_ = 0;
  }
  return static_cast<size_t>(lot_[at_++]);
}

bool ShuffleFlow::next(FlowRow& row) {
  while (!ended_) {
    FlowRow fresh;
    if (!input_->next(fresh)) {
      ended_ = true;
      generator_.shuffle(buffer_);
      std::reverse(buffer_.begin(), buffer_.end());
    } else if (buffer_.size() < size_) {
      buffer_.push_back(std::move(fresh));
    } else {
      FlowRow& drawn = buffer_[draw()];
      row = std::move(drawn);
      drawn = std::move(fresh);
      return true;
    }
  }
  if (buffer_.empty()) return false;
  row = std::move(buffer_.back());
  buffer_.pop_back();
  return true;
}

ShuffleFlow::Held ShuffleFlow::held() const {
  Held held;
  held.reserve(buffer_.size());
  for (const FlowRow& row : buffer_) held.emplace_back(row.dataset, row.row);
  return held;
}

Json ShuffleFlow::state() const {
  Json rows = Json::array();
  for (const FlowRow& row : buffer_) {
    rows.push_back(row.dataset);
    rows.push_back(row.row);
  }
  return {{"generator", lot_start_},  {"drawn", !lot_.empty()}, {"at", at_}, {"ended", ended_}, {"rows", rows},
          {"input", input_->state()}, {"size", size_}};
}

void ShuffleFlow::restore(const Json& state) {
  Held held;
  const Json& rows = state.at("rows");
  for (size_t i = 0; i + 1 < rows.size(); i += 2)
    held.emplace_back(rows[i].get<uint32_t>(), rows[i + 1].get<int64_t>());
  LF_CHECK(kConfig, state.at("size").get<size_t>() == size_ && held.size() <= size_,
           "a stored shuffle buffer of {} rows does not fit buffer_size {}", state.at("size").get<size_t>(), size_);
  buffer_ = fetch_(held);
  input_->restore(state.at("input"));
  generator_.restore(state.at("generator").get<std::string>());
  lot_start_ = generator_.state();
  lot_.clear();
  if (state.at("drawn").get<bool>()) lot_ = generator_.integers(static_cast<int64_t>(size_), 1000);
  at_ = state.at("at").get<size_t>();
  ended_ = state.at("ended").get<bool>();
}

bool TakeFlow::next(FlowRow& row) {
  if (taken_ >= count_ || !input_->next(row)) return false;
  ++taken_;
  return true;
}

void TakeFlow::restore(const Json& state) {
  input_->restore(state.at("input"));
  taken_ = state.at("taken").get<int64_t>();
}

bool SkipFlow::next(FlowRow& row) {
  for (; left_ > 0; --left_) {
    if (!input_->next(row)) return false;
  }
  return input_->next(row);
}

void SkipFlow::restore(const Json& state) {
  input_->restore(state.at("input"));
  left_ = state.at("left").get<int64_t>();
}

}  // namespace lf
