#include <arrow/builder.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "base/error.h"
#include "base/json.h"
#include "data/source/arrow_status_impl.h"
#include "data/tokenized/columns_impl.h"
#include "data/tokenized/dataset_files.h"
#include "io/atomic_file.h"
#include "io/content_hash.h"

namespace lf {
namespace {

constexpr int64_t kRowsPerBatch = 1000;               // as datasets writes
constexpr int64_t kBytesPerFile = 500 * 1000 * 1000;  // datasets' max_shard_size

std::shared_ptr<arrow::DataType> arrow_type(ColumnType type) {
  switch (type) {
    case ColumnType::kInt8List:
      return arrow::list(arrow::int8());
    case ColumnType::kInt32List:
      return arrow::list(arrow::int32());
    case ColumnType::kInt64List:
      return arrow::list(arrow::int64());
    case ColumnType::kBool:
      return arrow::boolean();
    case ColumnType::kNull:
      return arrow::null();
    case ColumnType::kInt32:
      return arrow::int32();
    case ColumnType::kPackingParams:
      break;
  }
  const auto list = arrow::list(arrow::int64());
  return arrow::struct_({arrow::field("sequence_boundaries", list), arrow::field("image_subseq_ids", list),
                         arrow::field("video_subseq_ids", list), arrow::field("audio_subseq_ids", list),
                         arrow::field("right_padding_length", arrow::int64())});
}

/// A type in the words of dataset_info.json.
Json feature_of(const arrow::DataType& type) {
  if (type.id() == arrow::Type::LIST)
    return {{"feature", feature_of(*static_cast<const arrow::ListType&>(type).value_type())}, {"_type", "List"}};
  if (type.id() == arrow::Type::STRUCT) {
    Json fields = Json::object();
    for (const auto& field : type.fields()) fields[field->name()] = feature_of(*field->type());
    return fields;
  }
  return {{"dtype", type.ToString()}, {"_type", "Value"}};
}

Json features_of(const std::vector<ColumnSpec>& columns) {
  Json features = Json::object();
  for (const ColumnSpec& column : columns) features[column.name] = feature_of(*arrow_type(column.type));
  return features;
}

/// Arrow's output into a file of ours: durable, with errors that name it.
class FileOutput final : public arrow::io::OutputStream {
 public:
  explicit FileOutput(const std::filesystem::path& path) : file_(path, WriteMode::kFresh) {}
  arrow::Status Close() override {
    if (!closed_) file_.commit();
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return static_cast<int64_t>(file_.bytes_written()); }
  arrow::Status Write(const void* data, int64_t bytes) override {
    file_.write(data, static_cast<size_t>(bytes));
    return arrow::Status::OK();
  }

 private:
  DurableFile file_;
  bool closed_ = false;
};

template <class Builder>
void append_list(arrow::ArrayBuilder& builder, const std::vector<int32_t>& values, const std::string& name) {
  auto& list = static_cast<arrow::ListBuilder&>(builder);
  check_arrow(list.Append(), name);
  auto& items = static_cast<Builder&>(*list.value_builder());
  check_arrow(items.Reserve(static_cast<int64_t>(values.size())), name);
  for (const int32_t value : values) items.UnsafeAppend(static_cast<typename Builder::value_type>(value));
}

/// Upstream's PackingParams of a row without media ([1024] stands for "no media").
void append_packing(arrow::ArrayBuilder& builder, const Dataset& dataset, int64_t row, const std::string& name) {
  auto& fields = static_cast<arrow::StructBuilder&>(builder);
  check_arrow(fields.Append(), name);
  std::vector<int32_t> bounds(dataset.starts(row).begin(), dataset.starts(row).end());
  const auto length = static_cast<int32_t>(dataset.length(row));
  bounds.push_back(length - dataset.padding(row));
  if (dataset.padding(row) > 0) bounds.push_back(length);
  append_list<arrow::Int64Builder>(*fields.field_builder(0), bounds, name);
  for (int media = 1; media <= 3; ++media) append_list<arrow::Int64Builder>(*fields.field_builder(media), {1024}, name);
  check_arrow(static_cast<arrow::Int64Builder&>(*fields.field_builder(4)).Append(dataset.padding(row)), name);
}

void append_cell(arrow::ArrayBuilder& builder, const ColumnSpec& column, const Dataset& dataset, int64_t row,
                 const std::string& name) {
  switch (column.type) {
    case ColumnType::kInt8List:
      return append_list<arrow::Int8Builder>(builder, list_of(dataset, row, column.name), name);
    case ColumnType::kInt32List:
      return append_list<arrow::Int32Builder>(builder, list_of(dataset, row, column.name), name);
    case ColumnType::kInt64List:
      return append_list<arrow::Int64Builder>(builder, list_of(dataset, row, column.name), name);
    case ColumnType::kBool:
      return check_arrow(static_cast<arrow::BooleanBuilder&>(builder).Append(dataset.desirable(row)), name);
    case ColumnType::kNull:
      return check_arrow(builder.AppendNull(), name);
    case ColumnType::kInt32:
      return check_arrow(static_cast<arrow::Int32Builder&>(builder).Append(dataset.padding(row)), name);
    case ColumnType::kPackingParams:
      return append_packing(builder, dataset, row, name);
  }
}

std::shared_ptr<arrow::RecordBatch> batch_of(const Dataset& dataset, int64_t first, int64_t last,
                                             const std::vector<ColumnSpec>& columns,
                                             const std::shared_ptr<arrow::Schema>& schema, const std::string& name) {
  arrow::ArrayVector arrays;
  for (const ColumnSpec& column : columns) {
    const auto builder = check_arrow(arrow::MakeBuilder(arrow_type(column.type)), name);
    for (int64_t row = first; row < last; ++row) append_cell(*builder, column, dataset, row, name);
    arrays.push_back(check_arrow(builder->Finish(), name));
  }
  return arrow::RecordBatch::Make(schema, last - first, std::move(arrays));
}

int64_t bytes_of(const Dataset& dataset, const std::vector<ColumnSpec>& columns) {
  int64_t tokens = 0;
  for (int64_t row = 0; row < dataset.size(); ++row)
    tokens += dataset.length(row) + static_cast<int64_t>(dataset.second_ids(row).size());
  int64_t width = 0;
  for (const ColumnSpec& column : columns)
    width += column.type == ColumnType::kInt64List ? 8 : column.type == ColumnType::kInt32List ? 4 : 1;
  return tokens * width;
}

void write_file(const std::filesystem::path& path, const Dataset& dataset, int64_t first, int64_t last,
                const std::vector<ColumnSpec>& columns) {
  arrow::FieldVector fields;
  for (const ColumnSpec& column : columns) fields.push_back(arrow::field(column.name, arrow_type(column.type)));
  const Json info = {{"info", {{"features", features_of(columns)}}}};
  const auto schema = arrow::schema(std::move(fields), arrow::key_value_metadata({"huggingface"}, {python_json(info)}));
  const std::string name = path.string();
  FileOutput output(path);
  const auto writer = check_arrow(arrow::ipc::MakeStreamWriter(&output, schema), name);
  for (int64_t at = first; at < last; at += kRowsPerBatch) {
    const int64_t end = std::min(at + kRowsPerBatch, last);
    check_arrow(writer->WriteRecordBatch(*batch_of(dataset, at, end, columns, schema, name)), name);
  }
  check_arrow(writer->Close(), name);
  check_arrow(output.Close(), name);
}

}  // namespace

void write_split(const std::filesystem::path& folder, const Dataset& dataset, const SplitOptions& options) {
  LF_CHECK(kUnsupported, !dataset.has_media(), "{}: rows with media cannot be written yet", folder.string());
  create_folder(folder);
  const auto columns = columns_of(dataset, {.labels = options.labels, .exact = options.exact});
  const int64_t bytes = bytes_of(dataset, columns);
  require_free_space(folder, static_cast<uint64_t>(bytes), "prepared data");
  const int64_t files =
      std::clamp<int64_t>((bytes + kBytesPerFile - 1) / kBytesPerFile, 1, std::max<int64_t>(dataset.size(), 1));
  Json names = Json::array();
  for (int64_t i = 0; i < files; ++i) {
    const std::string name = fmt::format("data-{:05d}-of-{:05d}.arrow", i, files);
    const int64_t part = dataset.size() / files, rest = dataset.size() % files;
    const int64_t first = part * i + std::min(i, rest);
    write_file(folder / name, dataset, first, first + part + (i < rest ? 1 : 0), columns);
    names.push_back({{"filename", name}});
  }
  const Json info = {
      {"citation", ""}, {"description", ""}, {"features", features_of(columns)}, {"homepage", ""}, {"license", ""}};
  write_file_durably(folder / "dataset_info.json", python_json(info, 2), WriteMode::kFresh);
  const Json state = {{"_data_files", names},       {"_fingerprint", fmt::format("{:016x}", dataset.fingerprint())},
                      {"_format_columns", nullptr}, {"_format_kwargs", Json::object()},
                      {"_format_type", nullptr},    {"_output_all_columns", false},
                      {"_split", nullptr}};
  write_file_durably(folder / "state.json", python_json(state, 2), WriteMode::kFresh);
  sync_folder(folder);
}

}  // namespace lf
