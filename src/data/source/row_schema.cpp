#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/row_writer.h"

namespace lf {
namespace {

using Type = RowSchema::Type;
using Kind = Type::Kind;

const char* kind_text(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "true or false";
    case Kind::kWhole:
    case Kind::kNumber:
      return "a number";
    case Kind::kText:
      return "text";
    case Kind::kBytes:
      return "bytes";
    case Kind::kList:
      return "a list";
    case Kind::kStruct:
      return "an object";
    default:
      return "null";
  }
}

Kind kind_of(const Json& value) {
  if (value.is_null()) return Kind::kNull;
  if (value.is_boolean()) return Kind::kBool;
  if (value.is_number_float()) return Kind::kNumber;
  if (value.is_number()) return Kind::kWhole;
  if (value.is_string()) return Kind::kText;
  if (value.is_binary()) return Kind::kBytes;
  return value.is_array() ? Kind::kList : Kind::kStruct;
}

void learn_value(Type& type, const Json& value, const std::string& path) {
  const Kind kind = kind_of(value);
  if (kind == Kind::kNull) return;
  const bool numbers =
      (type.kind == Kind::kWhole && kind == Kind::kNumber) || (type.kind == Kind::kNumber && kind == Kind::kWhole);
  if (type.kind == Kind::kNull)
    type.kind = kind;
  else if (numbers)
    type.kind = Kind::kNumber;
  LF_CHECK(kData, type.kind == kind || numbers, "column '{}' holds {} here and {} in rows before", printable(path, 100),
           kind_text(kind), kind_text(type.kind));
  if (kind == Kind::kList) {
    if (type.element.empty()) type.element.emplace_back();
    for (const Json& item : value) learn_value(type.element[0], item, path + "[]");
  } else if (kind == Kind::kStruct) {
    for (const auto& [name, item] : value.items()) {
      auto field = std::find_if(type.fields.begin(), type.fields.end(), [&](const auto& f) { return f.first == name; });
      if (field == type.fields.end()) field = type.fields.insert(type.fields.end(), {name, Type{}});
      learn_value(field->second, item, path.empty() ? name : path + "." + name);
    }
  }
}

}  // namespace

void RowSchema::learn(const Json& row) {
  LF_CHECK(kData, row.is_object(), "a row must be an object but is {}", row.type_name());
  learn_value(root_, row, "");
}

}  // namespace lf
