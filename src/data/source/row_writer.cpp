#include "data/source/row_writer.h"

#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/writer.h>
#include <parquet/arrow/writer.h>

#include <algorithm>

#include "base/strings.h"
#include "data/source/arrow_status_impl.h"
#include "io/atomic_file.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
using Kind = RowSchema::Type::Kind;

constexpr int64_t kBatchRows = 1000;                // datasets' own batch
constexpr int64_t kBatchBytes = int64_t{64} << 20;  // of JSON text, about

bool holds_bytes(const Json& value) {
  if (value.is_binary()) return true;
  return value.is_structured() && std::any_of(value.begin(), value.end(), holds_bytes);
}

class JsonWriter final : public RowWriter {
 public:
  JsonWriter(const fs::path& path, bool lines) : file_(path), lines_(lines) {}

  void write(const Json& row) override {
    LF_CHECK(kData, !holds_bytes(row), "a row holds bytes (an image or a sound), which JSON cannot; write .parquet");
    if (lines_)
      text_ += python_json(row) + "\n";
    else
      text_ += (first_ ? "[\n" : ",\n") + python_json(row);
    first_ = false;
    if (text_.size() >= (size_t{1} << 20)) flush();
  }
  void finish() override {
    if (!lines_) text_ += first_ ? "[]\n" : "\n]\n";
    flush();
    file_.commit();
  }

 private:
  void flush() {
    file_.write(text_);
    text_.clear();
  }

  DurableFile file_;
  std::string text_;
  bool lines_;
  bool first_ = true;
};

/// Arrow's output into a file that appears only when it is whole.
class DurableOutput final : public arrow::io::OutputStream {
 public:
  explicit DurableOutput(const fs::path& path) : file_(path) {}

  arrow::Status Write(const void* data, int64_t bytes) override {
    try {
      file_.write(data, static_cast<size_t>(bytes));
    } catch (const Error& error) {
      return arrow::Status::IOError(error.what());
    }
    return arrow::Status::OK();
  }
  using arrow::io::OutputStream::Write;
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return static_cast<int64_t>(file_.bytes_written()); }
  bool closed() const override { return closed_; }
  void commit() { file_.commit(); }

 private:
  DurableFile file_;
  bool closed_ = false;
};

std::shared_ptr<arrow::DataType> arrow_type(const RowSchema::Type& type) {
  switch (type.kind) {
    case Kind::kBool:
      return arrow::boolean();
    case Kind::kWhole:
      return arrow::int64();
    case Kind::kNumber:
      return arrow::float64();
    case Kind::kText:
      return arrow::utf8();
    case Kind::kBytes:
      return arrow::binary();
    case Kind::kList:
      return arrow::list(type.element.empty() ? arrow::null() : arrow_type(type.element[0]));
    case Kind::kStruct: {
      arrow::FieldVector fields;
      for (const auto& [name, field] : type.fields) fields.push_back(arrow::field(name, arrow_type(field)));
      return arrow::struct_(fields);
    }
    default:
      return arrow::null();
  }
}

arrow::Status append(arrow::ArrayBuilder& builder, const RowSchema::Type& type, const Json& value) {
  if (value.is_null()) return builder.AppendNull();
  switch (type.kind) {
    case Kind::kBool:
      return static_cast<arrow::BooleanBuilder&>(builder).Append(value.get<bool>());
    case Kind::kWhole:
      if (value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
        return arrow::Status::Invalid("the number ", value.dump(), " is above 63 bits");
      return static_cast<arrow::Int64Builder&>(builder).Append(value.get<int64_t>());
    case Kind::kNumber:
      return static_cast<arrow::DoubleBuilder&>(builder).Append(value.get<double>());
    case Kind::kText:
      return static_cast<arrow::StringBuilder&>(builder).Append(value.get_ref<const std::string&>());
    case Kind::kBytes: {
      const auto& bytes = value.get_binary();
      return static_cast<arrow::BinaryBuilder&>(builder).Append(bytes.data(), static_cast<int32_t>(bytes.size()));
    }
    case Kind::kList: {
      auto& list = static_cast<arrow::ListBuilder&>(builder);
      ARROW_RETURN_NOT_OK(list.Append());
      for (const Json& item : value) ARROW_RETURN_NOT_OK(append(*list.value_builder(), type.element[0], item));
      return arrow::Status::OK();
    }
    default:
      break;
  }
  auto& object = static_cast<arrow::StructBuilder&>(builder);
  ARROW_RETURN_NOT_OK(object.Append());
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const auto item = value.find(type.fields[i].first);
    arrow::ArrayBuilder& field = *object.field_builder(static_cast<int>(i));
    ARROW_RETURN_NOT_OK(item == value.end() ? field.AppendNull() : append(field, type.fields[i].second, *item));
  }
  return arrow::Status::OK();
}

class ArrowWriter final : public RowWriter {
 public:
  ArrowWriter(const fs::path& path, const RowSchema& schema, bool parquet)
      : name_(path.string()), type_(schema.root()), out_(std::make_shared<DurableOutput>(path)) {
    schema_ = arrow::schema(arrow_type(type_)->fields());
    if (parquet) {
      const auto properties = parquet::WriterProperties::Builder().compression(arrow::Compression::ZSTD)->build();
      const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
      parquet_ = check_arrow(
          parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(), out_, properties, arrow_properties),
          name_);
    } else {
      stream_ = check_arrow(arrow::ipc::MakeStreamWriter(out_, schema_), name_);
    }
    check_arrow(arrow::MakeBuilder(arrow::default_memory_pool(), arrow::struct_(schema_->fields()), &builder_), name_);
  }

  void write(const Json& row) override {
    check_arrow(append(*builder_, type_, row), name_);
    bytes_ += static_cast<int64_t>(row.dump().size());
    if (builder_->length() >= kBatchRows || bytes_ >= kBatchBytes) flush();
  }
  void finish() override {
    flush();
    check_arrow(parquet_ ? parquet_->Close() : stream_->Close(), name_);
    out_->commit();
  }

 private:
  void flush() {
    bytes_ = 0;
    if (builder_->length() == 0) return;
    const auto array = check_arrow(builder_->Finish(), name_);
    const auto batch = check_arrow(arrow::RecordBatch::FromStructArray(array), name_);
    if (!parquet_) return check_arrow(stream_->WriteRecordBatch(*batch), name_);
    check_arrow(parquet_->WriteRecordBatch(*batch), name_);
  }

  std::string name_;
  RowSchema::Type type_;
  std::shared_ptr<DurableOutput> out_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<parquet::arrow::FileWriter> parquet_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> stream_;
  std::unique_ptr<arrow::ArrayBuilder> builder_;
  int64_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<RowWriter> write_rows(const fs::path& path, const RowSchema& schema) {
  const std::string extension = to_lower(path.extension().string());
  if (extension == ".jsonl" || extension == ".json") return std::make_unique<JsonWriter>(path, extension == ".jsonl");
  LF_CHECK(kConfig, extension == ".parquet" || extension == ".arrow",
           "{}: rows are written as .jsonl, .json, .parquet or .arrow", path.string());
  return std::make_unique<ArrowWriter>(path, schema, extension == ".parquet");
}

}  // namespace lf
