#include "base/error.h"
#include "data/tokenized/columns_impl.h"

namespace lf {
namespace {

using Columns = std::vector<ColumnSpec>;

bool is_packed(const Dataset& dataset) { return !dataset.empty() && !dataset.starts(0).empty(); }

std::vector<int32_t> copy(std::span<const int32_t> values) { return {values.begin(), values.end()}; }

Columns exact_columns(const Dataset& dataset) {
  Columns columns = {{"input_ids", ColumnType::kInt32List}, {"labels", ColumnType::kInt32List}};
  if (dataset.kind() == ExampleKind::kPairwise || dataset.kind() == ExampleKind::kFeedback) {
    columns.push_back({"second_input_ids", ColumnType::kInt32List});
    columns.push_back({"second_labels", ColumnType::kInt32List});
  }
  if (dataset.kind() == ExampleKind::kFeedback) columns.push_back({"kto_tags", ColumnType::kBool});
  if (is_packed(dataset)) {
    columns.push_back({"starts", ColumnType::kInt32List});
    columns.push_back({"padding", ColumnType::kInt32});
  }
  return columns;
}

Columns packed_columns(bool separate) {
  if (!separate) {
    return {{"input_ids", ColumnType::kInt32List},
            {"attention_mask", ColumnType::kInt8List},
            {"position_ids", ColumnType::kInt64List},
            {"labels", ColumnType::kInt64List}};
  }
  return {{"input_ids", ColumnType::kInt64List},
          {"packing_params", ColumnType::kPackingParams},
          {"attention_mask", ColumnType::kInt64List},
          {"position_ids", ColumnType::kInt64List},
          {"labels", ColumnType::kInt64List}};
}

Columns one_sequence(bool labels) {
  Columns columns = {{"input_ids", ColumnType::kInt32List}, {"attention_mask", ColumnType::kInt8List}};
  if (labels) columns.push_back({"labels", ColumnType::kInt64List});
  return columns;
}

void add(Columns& to, const Columns& more) { to.insert(to.end(), more.begin(), more.end()); }

}  // namespace

Columns columns_of(const Dataset& dataset, const ColumnChoice& choice) {
  if (choice.exact) return exact_columns(dataset);
  Columns columns;
  switch (dataset.kind()) {
    case ExampleKind::kPairwise:
      columns = {{"chosen_input_ids", ColumnType::kInt64List},        {"chosen_attention_mask", ColumnType::kInt64List},
                 {"chosen_labels", ColumnType::kInt64List},           {"rejected_input_ids", ColumnType::kInt64List},
                 {"rejected_attention_mask", ColumnType::kInt64List}, {"rejected_labels", ColumnType::kInt64List}};
      break;
    case ExampleKind::kFeedback:
      columns = one_sequence(true);
      add(columns, {{"kl_input_ids", ColumnType::kInt64List},
                    {"kl_attention_mask", ColumnType::kInt64List},
                    {"kl_labels", ColumnType::kInt64List},
                    {"kto_tags", ColumnType::kBool}});
      break;
    case ExampleKind::kSupervised:
    case ExampleKind::kUnsupervised:
      columns = is_packed(dataset) ? packed_columns(dataset.separate()) : one_sequence(choice.labels);
      break;
  }
  if (choice.labels)
    add(columns, {{"images", ColumnType::kNull}, {"videos", ColumnType::kNull}, {"audios", ColumnType::kNull}});
  return columns;
}

std::vector<int32_t> list_of(const Dataset& dataset, int64_t row, const std::string& column) {
  const auto ends_with = [&](const char* end) { return column.ends_with(end); };
  const bool second = column.starts_with("rejected_") || column.starts_with("kl_") || column.starts_with("second_");
  if (column == "starts") return copy(dataset.starts(row));
  if (column == "position_ids") return positions_of(dataset.row(row));
  if (ends_with("input_ids")) return copy(second ? dataset.second_ids(row) : dataset.ids(row));
  if (ends_with("labels")) return copy(second ? dataset.second_labels(row) : dataset.labels(row));
  LF_ASSERT(ends_with("attention_mask"));
  if (second) return std::vector<int32_t>(dataset.second_ids(row).size(), 1);
  return segments_of(dataset.row(row));
}

}  // namespace lf
