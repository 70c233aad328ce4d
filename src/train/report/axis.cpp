#include "train/report/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lf {
namespace {

double nice_step(double range, int count) {
  const double rough = range / std::max(count, 1);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (rough <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::vector<double> multiples(double low, double high, double step) {
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-9);
  for (int i = 0; i < 100; ++i) {
    const double tick = (first + i) * step;
    if (tick > high + step * 1e-9) break;
    ticks.push_back(tick == 0 ? 0.0 : tick);
  }
  return ticks;
}

std::string label_of(double tick, double step, double largest) {
  if (largest >= 1e6 || (largest != 0 && largest < 1e-3)) return fmt::format("{:.3g}", tick);
  int decimals = 0;
  for (double rest = step; decimals < 8 && std::fabs(rest - std::round(rest)) > 1e-6 * rest; ++decimals) rest *= 10;
  return fmt::format("{:.{}f}", tick, decimals);
}

}  // namespace

std::vector<double> nice_ticks(double low, double high, int count) {
  if (!(high > low) || !std::isfinite(high - low)) return {};
  return multiples(low, high, nice_step(high - low, count));
}

Axis make_axis(double low, double high, int count, bool whole) {
  if (low == high) {
    const double widen = low == 0 ? 0.5 : std::fabs(low) * 0.05;
    low -= whole ? 0.5 : widen;
    high += whole ? 0.5 : widen;
  } else {
    const double margin = (high - low) * 0.05;
    low -= margin;
    high += margin;
  }
  Axis axis{.low = low, .high = high, .ticks = nice_ticks(low, high, count), .labels = {}};
  if (whole) axis.ticks = multiples(low, high, std::max(1.0, std::ceil(nice_step(high - low, count))));
  double largest = 0;
  for (const double tick : axis.ticks) largest = std::max(largest, std::fabs(tick));
  const double step = axis.ticks.size() > 1 ? axis.ticks[1] - axis.ticks[0] : 1;
  for (const double tick : axis.ticks) axis.labels.push_back(label_of(tick, step, largest));
  return axis;
}

}  // namespace lf
