#include <arrow/array/array_run_end.h>
#include <arrow/extension_type.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/float16.h>

#include <cmath>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/arrow_cell_impl.h"
#include "data/source/json_row.h"
#include "data/source/utf8.h"

namespace lf {
namespace {

class CellReader {
 public:
  explicit CellReader(const RowPlace& place) : place_(place) {}

  Json read(const arrow::Array& array, int64_t i) {
    if (array.type_id() == arrow::Type::NA || array.IsNull(i)) return nullptr;
    switch (array.type_id()) {
      case arrow::Type::BOOL:
        return cast<arrow::BooleanArray>(array).Value(i);
      case arrow::Type::INT8:
        return number<arrow::Int8Array>(array, i);
      case arrow::Type::INT16:
        return number<arrow::Int16Array>(array, i);
      case arrow::Type::INT32:
        return number<arrow::Int32Array>(array, i);
      case arrow::Type::INT64:
        return number<arrow::Int64Array>(array, i);
      case arrow::Type::UINT8:
        return number<arrow::UInt8Array>(array, i);
      case arrow::Type::UINT16:
        return number<arrow::UInt16Array>(array, i);
      case arrow::Type::UINT32:
        return number<arrow::UInt32Array>(array, i);
      case arrow::Type::UINT64:
        return number<arrow::UInt64Array>(array, i);
      case arrow::Type::HALF_FLOAT:
        return arrow::util::Float16::FromBits(cast<arrow::HalfFloatArray>(array).Value(i)).ToDouble();
      case arrow::Type::FLOAT:
        return static_cast<double>(cast<arrow::FloatArray>(array).Value(i));
      case arrow::Type::DOUBLE:
        return cast<arrow::DoubleArray>(array).Value(i);
      default:
        return read_long(array, i);
    }
  }

 private:
  template <class Array>
  static const Array& cast(const arrow::Array& array) {
    return static_cast<const Array&>(array);
  }
  template <class Array>
  static Json number(const arrow::Array& array, int64_t i) {
    return cast<Array>(array).Value(i);
  }

  Json read_long(const arrow::Array& array, int64_t i) {
    switch (array.type_id()) {
      case arrow::Type::STRING:
        return text(cast<arrow::StringArray>(array).GetView(i));
      case arrow::Type::LARGE_STRING:
        return text(cast<arrow::LargeStringArray>(array).GetView(i));
      case arrow::Type::STRING_VIEW:
        return text(cast<arrow::StringViewArray>(array).GetView(i));
      case arrow::Type::BINARY:
        return bytes(cast<arrow::BinaryArray>(array).GetView(i));
      case arrow::Type::LARGE_BINARY:
        return bytes(cast<arrow::LargeBinaryArray>(array).GetView(i));
      case arrow::Type::BINARY_VIEW:
        return bytes(cast<arrow::BinaryViewArray>(array).GetView(i));
      case arrow::Type::FIXED_SIZE_BINARY:
        return bytes(cast<arrow::FixedSizeBinaryArray>(array).GetView(i));
      default:
        return read_nested(array, i);
    }
  }

  Json read_nested(const arrow::Array& array, int64_t i) {
    if (++depth_ > kMaxRowDepth) fail(fmt::format("nested deeper than {} levels", kMaxRowDepth));
    Json value = nested(array, i);
    --depth_;
    return value;
  }

  Json nested(const arrow::Array& array, int64_t i) {
    switch (array.type_id()) {
      case arrow::Type::LIST:
        return list(cast<arrow::ListArray>(array), i);
      case arrow::Type::LARGE_LIST:
        return list(cast<arrow::LargeListArray>(array), i);
      case arrow::Type::FIXED_SIZE_LIST:
        return list(cast<arrow::FixedSizeListArray>(array), i);
      case arrow::Type::LIST_VIEW:
        return list(cast<arrow::ListViewArray>(array), i);
      case arrow::Type::LARGE_LIST_VIEW:
        return list(cast<arrow::LargeListViewArray>(array), i);
      case arrow::Type::MAP:
        return map(cast<arrow::MapArray>(array), i);
      case arrow::Type::STRUCT:
        return object(cast<arrow::StructArray>(array), i);
      case arrow::Type::DICTIONARY: {
        const auto& coded = cast<arrow::DictionaryArray>(array);
        return read(*coded.dictionary(), coded.GetValueIndex(i));
      }
      case arrow::Type::EXTENSION:
        return read(*cast<arrow::ExtensionArray>(array).storage(), i);
      default:
        return written(array, i);
    }
  }

  template <class List>
  Json list(const List& array, int64_t i) {
    Json out = Json::array();
    const int64_t from = array.value_offset(i);
    for (int64_t k = 0; k < array.value_length(i); ++k) {
      charge(1);
      out.push_back(read(*array.values(), from + k));
    }
    return out;
  }

  Json map(const arrow::MapArray& array, int64_t i) {
    Json out = Json::array();
    for (int64_t k = array.value_offset(i); k < array.value_offset(i) + array.value_length(i); ++k) {
      charge(2);
      out.push_back(Json::array({read(*array.keys(), k), read(*array.items(), k)}));
    }
    return out;
  }

  Json object(const arrow::StructArray& array, int64_t i) {
    Json out = Json::object();
    auto& members = out.get_ref<Json::object_t&>();
    for (int k = 0; k < array.num_fields(); ++k) {
      charge(1);
      members.emplace_back(array.struct_type()->field(k)->name(), read(*array.field(k), i));
    }
    return out;
  }

  /// Dates, times, durations and decimals, as Arrow writes them.
  Json written(const arrow::Array& array, int64_t i) {
    const auto id = array.type_id();
    if (!arrow::is_temporal(id) && !arrow::is_decimal(id) && !arrow::is_interval(id))
      fail(fmt::format("values of the type {} cannot be read", array.type()->ToString()));
    const auto scalar = array.GetScalar(i);
    if (!scalar.ok()) fail(scalar.status().message());
    return text((*scalar)->ToString());
  }

  Json text(std::string_view value) {
    charge(value.size());
    if (find_invalid_utf8(value) != std::string_view::npos) fail("a text is not valid UTF-8");
    return std::string(value);
  }
  Json bytes(std::string_view value) {
    charge(value.size());
    return Json::binary({value.begin(), value.end()});
  }

  /// A few values can stand for any number of bytes (dictionaries, views), so a row has a budget like a line of JSON.
  void charge(uint64_t bytes) {
    spent_ += bytes;
    if (spent_ > kMaxRowBytes) fail(fmt::format("a row above {}", human_bytes(kMaxRowBytes)));
  }
  [[noreturn]] void fail(std::string_view reason) const {
    throw_error(ErrorKind::kData, "{}: {}", describe(place_), reason);
  }

  const RowPlace& place_;
  int depth_ = 0;
  uint64_t spent_ = 0;
};

}  // namespace

Json arrow_row(const arrow::RecordBatch& batch, int64_t row, const RowPlace& place) {
  CellReader reader(place);
  Json out = Json::object();
  auto& members = out.get_ref<Json::object_t&>();
  for (int i = 0; i < batch.num_columns(); ++i) {
    const std::string& name = batch.column_name(i);
    try {
      members.emplace_back(name, reader.read(*batch.column(i), row));
    } catch (const Error& error) {
      throw_error(error.kind(), "{} (column '{}')", error.what(), printable(name, 60));
    }
  }
  return out;
}

}  // namespace lf
