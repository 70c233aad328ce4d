// Which of several datasets gives the next row when they are interleaved (as the datasets library chooses), and when
// that ends.
#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "data/numpy_random.h"

namespace lf {

enum class StopRule {
  kFirst,    // interleave_under: when the first dataset is used up
  kAll,      // interleave_over: when all are, starting over with those that are
  kAllOnce,  // interleave_once: when all are, each row once
};

/// kConfig when `strategy` is none of the three.
StopRule stop_rule(const std::string& strategy);
bool is_done(const std::vector<bool>& used_up, StopRule rule);

/// kConfig: not one for each dataset, negative, not adding up to 1, or a zero under a rule that would never be met.
void check_probabilities(const std::vector<double>& probabilities, size_t datasets, StopRule rule);

/// In turn, or drawn in lots of 1000 with the given probabilities.
class SourceChoice {
 public:
  SourceChoice(size_t count, std::vector<double> probabilities, NumpyGenerator generator);

  size_t next();
  Json state() const;
  void restore(const Json& state);

 private:
  void draw_lot();

  size_t count_;
  std::vector<double> probabilities_;
  NumpyGenerator generator_;
  std::string lot_start_;  // state of the generator before the lot
  std::vector<int64_t> lot_;
  size_t at_ = 0;  // in the lot, or the turn
};

}  // namespace lf
