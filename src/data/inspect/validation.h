// Everything that is wrong with a dataset, in one pass (`data validate`).
#pragma once
#include <map>
#include <string>
#include <vector>

#include "data/inspect/inspector.h"

namespace lf {

/// Rows that share a finding; the first few places are kept.
struct Finding {
  bool problem = true;  // makes the dataset invalid; else worth knowing
  std::string text;
  int64_t count = 0;
  std::vector<std::string> examples;  // places, or whole messages
};

struct Validation {
  std::string dataset, source;
  int64_t rows = 0, usable = 0;
  std::vector<Finding> findings;  // problems first, then by count
  bool ok() const;
};

/// Reads all rows. A file that cannot be read to its end is a finding too.
Validation validate_dataset(const DatasetAttr& attr, const RowEncoding* encoding);

std::string validation_text(const Validation& validation);
Json validation_json(const Validation& validation);

}  // namespace lf
