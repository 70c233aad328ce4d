// rooms: base
// sources: src/data/source/json_row.cpp src/data/row_index.cpp src/data/source/utf8.cpp src/data/format.cpp
// sources: src/data/formats/alpaca.cpp src/data/formats/openai.cpp src/data/formats/sharegpt.cpp
//
// Any bytes as a data file: rows are found, parsed and converted, or refused with an lf::Error. What was parsed reads
// back the same.
#include <cstdlib>

#include "base/error.h"
#include "data/format.h"
#include "data/source/json_row.h"
#include "data/row_index.h"

namespace lf {
extern const FormatEntry entry_alpaca;
extern const FormatEntry entry_openai;
extern const FormatEntry entry_sharegpt;

namespace {

DatasetAttr all_columns(bool ranking) {
  DatasetAttr attr;
  attr.history = "history";
  attr.system = "system";
  attr.tools = "tools";
  attr.chosen = "chosen";
  attr.rejected = "rejected";
  attr.images = "images";
  attr.kto_tag = "label";
  attr.ranking = ranking;
  return attr;
}

void convert(const Json& row) {
  static const DatasetAttr attrs[] = {all_columns(false), all_columns(true)};
  for (const FormatEntry* format : {&entry_alpaca, &entry_openai, &entry_sharegpt}) {
    for (const DatasetAttr& attr : attrs) {
      try {
        const Conversation conversation = format->convert(row, attr);
        if (conversation.problem.empty() && conversation.prompt.size() > 1'000'000) std::abort();
      } catch (const Error&) {
      }
    }
  }
}

void read_row(std::string_view text, const RowPlace& place) {
  Json row;
  try {
    row = parse_json_row(text, place);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) std::abort();
    return;
  }
  if (parse_json_row(row.dump(), place) != row) std::abort();
  if (row.is_object()) convert(row);
}

}  // namespace
}  // namespace lf

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto kind : {lf::RowKind::kJson, lf::RowKind::kJsonLines, lf::RowKind::kText}) {
    try {
      for (const lf::RowSpan& row : lf::index_rows(text, "fuzz", kind)) {
        if (row.offset + row.bytes > size) std::abort();
        if (kind != lf::RowKind::kText)
          lf::read_row(text.substr(row.offset, row.bytes), {"fuzz", row.number, row.offset});
      }
    } catch (const lf::Error&) {
    }
  }
  return 0;
}
