#include "data/source_choice.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

StopRule stop_rule(const std::string& strategy) {
  if (strategy == "interleave_under") return StopRule::kFirst;
  if (strategy == "interleave_over") return StopRule::kAll;
  LF_CHECK(kConfig, strategy == "interleave_once", "Unknown mixing strategy: {}.", printable(strategy));
  return StopRule::kAllOnce;
}

bool is_done(const std::vector<bool>& used_up, StopRule rule) {
  const auto yes = [](bool flag) { return flag; };
  return rule == StopRule::kFirst ? std::any_of(used_up.begin(), used_up.end(), yes)
                                  : std::all_of(used_up.begin(), used_up.end(), yes);
}

void check_probabilities(const std::vector<double>& probabilities, size_t datasets, StopRule rule) {
  if (probabilities.empty()) return;
  LF_CHECK(kConfig, probabilities.size() == datasets, "interleave_probs has {} numbers for {} datasets",
           probabilities.size(), datasets);
  const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  const double least = *std::min_element(probabilities.begin(), probabilities.end());
  LF_CHECK(kConfig, least >= 0 && std::fabs(sum - 1) <= 1e-8,
           "interleave_probs must be probabilities that add up to 1 but add up to {}", sum);
  LF_CHECK(kConfig, least > 0 || rule == StopRule::kFirst,
           "interleave_probs holds a 0: a dataset that is never drawn is never used up, so only interleave_under would "
           "come to an end");
}

SourceChoice::SourceChoice(size_t count, std::vector<double> probabilities, NumpyGenerator generator)
    : count_(count), probabilities_(std::move(probabilities)), generator_(generator), lot_start_(generator_.state()) {}

void SourceChoice::draw_lot() {
  lot_start_ = generator_.state();
  lot_ = generator_.choice(probabilities_, 1000);
  at_ = 0;
}

size_t SourceChoice::next() {
  if (probabilities_.empty()) return at_++ % count_;
  if (at_ == lot_.size()) draw_lot();
  return static_cast<size_t>(lot_[at_++]);
}

Json SourceChoice::state() const { return {{"generator", lot_start_}, {"at", at_}, {"drawn", !lot_.empty()}}; }

void SourceChoice::restore(const Json& state) {
  generator_.restore(state.at("generator").get<std::string>());
  lot_start_ = generator_.state();
  lot_.clear();
  if (state.at("drawn").get<bool>()) draw_lot();
  at_ = state.at("at").get<size_t>();
  LF_CHECK(kFormat, probabilities_.empty() || at_ <= lot_.size(), "a stored choice of datasets is damaged");
}

}  // namespace lf
