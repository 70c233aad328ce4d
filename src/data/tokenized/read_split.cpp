#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <limits>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "data/source/arrow_status_impl.h"
#include "data/tokenized/dataset_files.h"
#include "io/atomic_file.h"

namespace lf {
namespace {

/// Calls `use` with the typed array of an integer type; false for other types.
template <class Use>
bool with_integers(const arrow::Array& array, Use&& use) {
  switch (array.type_id()) {
    case arrow::Type::INT8:
      use(static_cast<const arrow::Int8Array&>(array));
      return true;
    case arrow::Type::UINT8:
      use(static_cast<const arrow::UInt8Array&>(array));
      return true;
    case arrow::Type::INT16:
      use(static_cast<const arrow::Int16Array&>(array));
      return true;
    case arrow::Type::UINT16:
      use(static_cast<const arrow::UInt16Array&>(array));
      return true;
    case arrow::Type::INT32:
      use(static_cast<const arrow::Int32Array&>(array));
      return true;
    case arrow::Type::UINT32:
      use(static_cast<const arrow::UInt32Array&>(array));
      return true;
    case arrow::Type::INT64:
      use(static_cast<const arrow::Int64Array&>(array));
      return true;
    default:
      return false;
  }
}

/// The cells of one record batch, with messages that name file, row and column.
class Cells {
 public:
  Cells(const arrow::RecordBatch& batch, std::string file, int64_t first_row)
      : batch_(batch), file_(std::move(file)), first_row_(first_row) {}

  bool has(const std::string& column) const { return batch_.GetColumnByName(column) != nullptr; }
  std::string where(int64_t row, const std::string& column) const {
    return fmt::format("{}: row {}, column '{}'", file_, first_row_ + row + 1, column);
  }

  std::vector<int32_t> integers(int64_t row, const std::string& column) const {
    return list(*require(column), row, column);
  }
  int32_t integer(int64_t row, const std::string& column) const { return number(*require(column), row, column); }
  bool flag(int64_t row, const std::string& column) const {
    const auto array = require(column);
    LF_CHECK(kData, !array->IsNull(row), "{}: true or false was needed but it is null", where(row, column));
    if (array->type_id() == arrow::Type::BOOL) return static_cast<const arrow::BooleanArray&>(*array).Value(row);
    return number(*array, row, column) != 0;
  }
  /// Whether a list (or anything) stands there that is not null and not empty.
  bool filled(int64_t row, const std::string& column) const {
    const auto array = batch_.GetColumnByName(column);
    if (!array || array->type_id() == arrow::Type::NA || array->IsNull(row)) return false;
    if (array->type_id() == arrow::Type::LIST)
      return static_cast<const arrow::ListArray&>(*array).value_length(row) > 0;
    if (array->type_id() == arrow::Type::LARGE_LIST)
      return static_cast<const arrow::LargeListArray&>(*array).value_length(row) > 0;
    return true;
  }
  /// sequence_boundaries and right_padding_length of upstream's packing_params, where the row has them.
  std::optional<std::pair<std::vector<int32_t>, int32_t>> packing_params(int64_t row) const {
    const std::string name = "packing_params";
    const auto array = batch_.GetColumnByName(name);
    if (!array || array->type_id() != arrow::Type::STRUCT || array->IsNull(row)) return std::nullopt;
    const auto& fields = static_cast<const arrow::StructArray&>(*array);
    const auto bounds = fields.GetFieldByName("sequence_boundaries"),
               padding = fields.GetFieldByName("right_padding_length");
    if (!bounds || !padding || padding->IsNull(row)) return std::nullopt;
    return std::pair{list(*bounds, row, name), number(*padding, row, name)};
  }

 private:
  std::shared_ptr<arrow::Array> require(const std::string& column) const {
    auto array = batch_.GetColumnByName(column);
    if (array) return array;
    std::vector<std::string> present;
    for (const auto& field : batch_.schema()->fields()) present.push_back(printable(field->name(), 60));
    throw_error(ErrorKind::kData,
                "{}: column '{}' was needed but the columns are {}; was this data prepared for another stage?", file_,
                column, join(present, ", "));
  }

  int32_t number(const arrow::Array& array, int64_t row, const std::string& column) const {
    int64_t value = std::numeric_limits<int64_t>::min();
    LF_CHECK(kData, !array.IsNull(row), "{}: a number was needed but it is null", where(row, column));
    const bool read =
        with_integers(array, [&](const auto& numbers) { value = static_cast<int64_t>(numbers.Value(row)); });
    LF_CHECK(kData, read, "{}: an integer was needed but the type is {}", where(row, column), array.type()->ToString());
    return narrow(value, row, column);
  }

  int32_t narrow(int64_t value, int64_t row, const std::string& column) const {
    LF_CHECK(kData, value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max(),
             "{}: {} is out of the range of token ids", where(row, column), value);
    return static_cast<int32_t>(value);
  }

  std::vector<int32_t> list(const arrow::Array& array, int64_t row, const std::string& column) const {
    LF_CHECK(kData, !array.IsNull(row), "{}: a list of integers was needed but it is null", where(row, column));
    std::shared_ptr<arrow::Array> values;
    int64_t first = 0, count = 0;
    const auto take = [&](const auto& lists) {
      values = lists.values();
      first = lists.value_offset(row);
      count = lists.value_length(row);
    };
    if (array.type_id() == arrow::Type::LIST) take(static_cast<const arrow::ListArray&>(array));
    if (array.type_id() == arrow::Type::LARGE_LIST) take(static_cast<const arrow::LargeListArray&>(array));
    if (array.type_id() == arrow::Type::FIXED_SIZE_LIST) take(static_cast<const arrow::FixedSizeListArray&>(array));
    std::vector<int32_t> out;
    out.reserve(static_cast<size_t>(count));
    const bool read = values && with_integers(*values, [&](const auto& numbers) {
                        for (int64_t i = first; i < first + count; ++i) {
                          LF_CHECK(kData, !numbers.IsNull(i), "{}: the list holds a null", where(row, column));
                          out.push_back(narrow(static_cast<int64_t>(numbers.Value(i)), row, column));
                        }
                      });
    LF_CHECK(kData, read || (values && count == 0 && values->type_id() == arrow::Type::NA),
             "{}: a list of integers was needed but the type is {}", where(row, column), array.type()->ToString());
    return out;
  }

  const arrow::RecordBatch& batch_;
  std::string file_;
  int64_t first_row_;
};

/// How many entries at the end are padding: they stand at position 0, bear no loss and are all the same token. (The
/// first of them could be an example of one token; so short a one bears no loss and is no loss.)
int32_t guess_padding(const EncodedExample& row, const std::vector<int32_t>& positions) {
  size_t real = positions.size();
  while (real > 1 && positions[real - 1] == 0 && row.labels[real - 1] == kIgnoreLabel &&
         row.ids[real - 1] == row.ids.back())
    --real;
  return static_cast<int32_t>(positions.size() - real);
}

void read_packing(const Cells& cells, int64_t at, EncodedExample& row) {
  const std::vector<int32_t> positions = cells.integers(at, "position_ids");
  LF_CHECK(kData, positions.size() == row.ids.size(), "{}: {} positions for {} tokens", cells.where(at, "position_ids"),
           positions.size(), row.ids.size());
  const auto params = cells.packing_params(at);
  row.padding = params ? params->second : guess_padding(row, positions);
  LF_CHECK(kData, row.padding >= 0 && row.padding <= static_cast<int64_t>(row.ids.size()),
           "{}: {} tokens of padding in a row of {}", cells.where(at, "packing_params"), row.padding, row.ids.size());
  const auto real = static_cast<int32_t>(row.ids.size()) - row.padding;
  for (int32_t i = 0; i < real; ++i) {
    if (positions[i] == 0) row.starts.push_back(i);
  }
  LF_CHECK(kData, row.starts.empty() || row.starts.front() == 0, "{}: the first position must be 0 but is {}",
           cells.where(at, "position_ids"), positions.front());
}

void check_lengths(const Cells& cells, int64_t at, const std::string& column, size_t ids, size_t labels) {
  LF_CHECK(kData, ids == labels, "{}: {} labels for {} tokens", cells.where(at, column), labels, ids);
}

EncodedExample read_pair(const Cells& cells, int64_t at, const char* first, const char* second, ExampleKind kind) {
  const std::string a(first), b(second);
  EncodedExample row{.ids = cells.integers(at, a + "input_ids"), .labels = cells.integers(at, a + "labels")};
  row.kind = kind;
  row.second_ids = cells.integers(at, b + "input_ids");
  row.second_labels = cells.integers(at, b + "labels");
  check_lengths(cells, at, a + "labels", row.ids.size(), row.labels.size());
  check_lengths(cells, at, b + "labels", row.second_ids.size(), row.second_labels.size());
  if (kind == ExampleKind::kFeedback) row.desirable = cells.flag(at, "kto_tags");
  return row;
}

/// A row in upstream's columns.
EncodedExample read_row(const Cells& cells, int64_t at, const ReadOptions& options) {
  for (const char* media : {"images", "videos", "audios"}) {
    LF_CHECK(kUnsupported, !cells.filled(at, media), "{}: media is not available yet", cells.where(at, media));
  }
  if (options.stage == "rm" || options.stage == "dpo")
    return read_pair(cells, at, "chosen_", "rejected_", ExampleKind::kPairwise);
  if (options.stage == "kto") return read_pair(cells, at, "", "kl_", ExampleKind::kFeedback);
  EncodedExample row{.ids = cells.integers(at, "input_ids"), .labels = {}};
  row.labels = options.stage == "pt" ? row.ids : cells.integers(at, "labels");
  if (options.stage == "ppo") {
    row.kind = ExampleKind::kUnsupervised;
    return row;
  }
  check_lengths(cells, at, "labels", row.ids.size(), row.labels.size());
  if (cells.has("position_ids")) {
    row.separate = options.neat_packing;
    read_packing(cells, at, row);
  }
  return row;
}

/// A row in the columns of our cache.
EncodedExample read_exact(const Cells& cells, int64_t at, const ReadOptions& options) {
  EncodedExample row{.ids = cells.integers(at, "input_ids"), .labels = cells.integers(at, "labels")};
  row.kind = options.kind;
  row.separate = options.neat_packing;
  if (cells.has("second_input_ids")) {
    row.second_ids = cells.integers(at, "second_input_ids");
    row.second_labels = cells.integers(at, "second_labels");
  }
  if (cells.has("kto_tags")) row.desirable = cells.flag(at, "kto_tags");
  if (cells.has("starts")) {
    row.starts = cells.integers(at, "starts");
    row.padding = cells.integer(at, "padding");
  }
  return row;
}

void read_file(const std::filesystem::path& path, const ReadOptions& options, Dataset& out) {
  const std::string name = path.string();
  guard_arrow(name, [&] {
    const auto file = check_arrow(arrow::io::MemoryMappedFile::Open(name, arrow::io::FileMode::READ), name);
    auto ipc = arrow::ipc::IpcReadOptions::Defaults();
    ipc.ensure_alignment = arrow::ipc::Alignment::kDataTypeSpecificAlignment;
    const auto reader = check_arrow(arrow::ipc::RecordBatchStreamReader::Open(file, ipc), name);
    int64_t rows = 0;
    for (;;) {
      std::shared_ptr<arrow::RecordBatch> batch;
      check_arrow(reader->ReadNext(&batch), name);
      if (!batch) return;
      check_arrow(batch->ValidateFull(), name);
      const Cells cells(*batch, name, rows);
      for (int64_t i = 0; i < batch->num_rows(); ++i)
        out.append(options.exact ? read_exact(cells, i, options) : read_row(cells, i, options));
      rows += batch->num_rows();
    }
  });
}

}  // namespace

Dataset read_split(const std::filesystem::path& folder, const ReadOptions& options) {
  const std::filesystem::path state_file = folder / "state.json";
  const Json state = read_json(state_file);
  LF_CHECK(kFormat, state.is_object() && state.contains("_data_files") && state["_data_files"].is_array(),
           "{}: has no list '_data_files'; is {} a folder of save_to_disk?", state_file.string(), folder.string());
  Dataset out;
  for (const Json& file : state["_data_files"]) {
    LF_CHECK(kFormat, file.is_object() && file.contains("filename") && file["filename"].is_string(),
             "{}: an entry of '_data_files' has no 'filename'", state_file.string());
    const auto name = file["filename"].get<std::string>();
    LF_CHECK(kFormat, is_plain_file_name(name), "{}: '{}' is not the name of a file in this folder",
             state_file.string(), printable(name));
    read_file(folder / name, options, out);
  }
  return out;
}

}  // namespace lf
