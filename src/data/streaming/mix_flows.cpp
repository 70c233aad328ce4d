#include "data/streaming/mix_flows.h"

#include "base/error.h"

namespace lf {
namespace {

Json states_of(const std::vector<DatasetFlow*>& datasets) {
  Json states = Json::array();
  for (const DatasetFlow* dataset : datasets) states.push_back(dataset->state());
  return states;
}

void restore_all(const std::vector<DatasetFlow*>& datasets, const Json& states) {
  LF_CHECK(kFormat, states.size() == datasets.size(), "a stored stream of {} datasets does not fit {} datasets",
           states.size(), datasets.size());
  for (size_t i = 0; i < datasets.size(); ++i) datasets[i]->restore(states[i]);
}

}  // namespace

bool ConcatFlow::next(FlowRow& row) {
  for (; current_ < datasets_.size(); ++current_) {
    if (datasets_[current_]->next(row)) return true;
  }
  return false;
}

Json ConcatFlow::state() const { return {{"current", current_}, {"datasets", states_of(datasets_)}}; }

void ConcatFlow::restore(const Json& state) {
  restore_all(datasets_, state.at("datasets"));
  current_ = state.at("current").get<size_t>();
}

bool InterleaveFlow::next(FlowRow& row) {
  while (!is_done(used_up_, rule_)) {
    const size_t at = choice_.next();
    if (rule_ == StopRule::kAllOnce && used_up_[at]) continue;
    const bool found = datasets_[at]->next(row);
    if (datasets_[at]->at_end()) {
      used_up_[at] = true;
      if (rule_ == StopRule::kAll) datasets_[at]->rewind();
    }
    if (found) return true;
  }
  return false;
}

Json InterleaveFlow::state() const {
  return {{"choice", choice_.state()}, {"used_up", used_up_}, {"datasets", states_of(datasets_)}};
}

void InterleaveFlow::restore(const Json& state) {
  restore_all(datasets_, state.at("datasets"));
  choice_.restore(state.at("choice"));
  used_up_ = state.at("used_up").get<std::vector<bool>>();
  LF_CHECK(kFormat, used_up_.size() == datasets_.size(), "a stored stream does not fit {} datasets", datasets_.size());
}

}  // namespace lf
