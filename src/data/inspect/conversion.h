// Datasets into other files and forms (`data convert`).
#pragma once
#include <filesystem>
#include <string>

#include "data/conversation.h"
#include "data/dataset_info.h"
#include "data/source/bad_rows.h"

namespace lf {

struct ConversionOptions {
  std::filesystem::path to;  // .jsonl, .json, .parquet or .arrow
  std::string form;          // alpaca, sharegpt, openai; "rows" = the columns as they are; empty = the dataset's own
  BadRowPolicy bad_rows;
};

struct Conversion {
  int64_t written = 0, dropped = 0, bad = 0;
  std::string first_dropped;
  Json entry;          // of dataset_info.json for the new file; null for "rows"
  std::string notice;  // something the reader of the new file should know; empty = nothing
};

/// Read again in its new form a row is the same conversation (openai adds its words to the system text of other
/// forms, see Q6). Rows that training would drop are left out and counted. kData for a row that the form cannot hold
/// (tool calls in alpaca), naming it.
Conversion convert_dataset(const DatasetAttr& attr, const ConversionOptions& options);

/// A row in a form (not "rows"); kData when it cannot be held.
Json row_in_form(const Conversation& conversation, const Json& columns, const DatasetAttr& attr,
                 const std::string& form);

}  // namespace lf
