// Lengths and shares of a dataset (`data stats`).
#pragma once
#include <map>
#include <string>

#include "data/inspect/inspector.h"

namespace lf {

struct Statistics {
  std::string dataset, source, unit;  // unit: tokens or characters
  int64_t rows = 0, usable = 0, bad = 0, dropped = 0;
  std::map<int64_t, int64_t> lengths;  // how many usable rows have a length, before cutting
  int64_t total = 0;                   // sum of lengths
  int64_t turns = 0;                   // messages of usable rows
  // With tokens:
  int64_t cutoff = 0, truncated = 0;  // usable rows above the cutoff
  int64_t kept_tokens = 0, loss_tokens = 0;

  /// The length that a share q of the usable rows does not exceed, 0 <= q <= 1.
  int64_t quantile(double q) const;
};

Statistics dataset_statistics(const DatasetAttr& attr, const RowEncoding* encoding);
/// With a histogram of `width` columns.
std::string statistics_text(const Statistics& statistics, int width);
Json statistics_json(const Statistics& statistics);

}  // namespace lf
