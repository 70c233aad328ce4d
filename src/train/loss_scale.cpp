#include "train/loss_scale.h"

#include "base/error.h"

namespace lf {
namespace {

constexpr double kGrowth = 2.0, kBackoff = 0.5;
constexpr int64_t kGrowthInterval = 2000;

}  // namespace

void LossScale::update(bool finite) {
  if (!finite) {
    value_ *= kBackoff;
    finite_in_a_row_ = 0;
    return;
  }
  if (++finite_in_a_row_ < kGrowthInterval) return;
  value_ *= kGrowth;
  finite_in_a_row_ = 0;
}

void LossScale::restore(double value, int64_t finite_in_a_row) {
  LF_CHECK(kFormat, value > 0 && finite_in_a_row >= 0, "the checkpoint has a loss scale of {} after {} steps", value,
           finite_in_a_row);
  value_ = value;
  finite_in_a_row_ = finite_in_a_row;
}

}  // namespace lf
