// Ticks of a plot's axis: where they stand and what is written beside them.
#pragma once
#include <string>
#include <vector>

namespace lf {

struct Axis {
  double low = 0, high = 1;         // ends of the axis, data and margin inside
  std::vector<double> ticks;        // round numbers within, ascending
  std::vector<std::string> labels;  // one for each tick
};

/// Round numbers (1, 2, 2.5 or 5 times a power of ten apart) within [low, high], about `count` of them, ascending.
std::vector<double> nice_ticks(double low, double high, int count);
/// An axis for data in [low, high] (finite; widened when equal). `whole`: ticks at whole numbers only.
Axis make_axis(double low, double high, int count, bool whole);

}  // namespace lf
