// Errors and names of Arrow.
#include <arrow/extension_type.h>
#include <arrow/type.h>

#include <memory>
#include <set>

#include "base/strings.h"
#include "data/source/arrow_batches_impl.h"
#include "data/source/arrow_status_impl.h"
#include "data/source/utf8.h"

namespace lf {
namespace {

void check_fields(const arrow::FieldVector& fields, const std::string& file) {
  std::set<std::string_view> seen;
  for (const auto& field : fields) {
    LF_CHECK(kFormat, find_invalid_utf8(field->name()) == std::string_view::npos,
             "{}: the name of a column is not valid UTF-8", file);
    LF_CHECK(kFormat, seen.insert(field->name()).second, "{}: two columns are called '{}'", file,
             printable(field->name(), 60));
  }
}

/// Names count in structs only; other types call their parts "item", "entries" ... as they like.
void check_type(const arrow::DataType& type, const std::string& file) {
  if (type.id() == arrow::Type::STRUCT) check_fields(type.fields(), file);
  if (type.id() == arrow::Type::DICTIONARY)
    check_type(*static_cast<const arrow::DictionaryType&>(type).value_type(), file);
  if (type.id() == arrow::Type::EXTENSION)
    check_type(*static_cast<const arrow::ExtensionType&>(type).storage_type(), file);
  for (const auto& field : type.fields()) check_type(*field->type(), file);
}

class SystemError final : public arrow::StatusDetail {
 public:
  const char* type_id() const override { return "lf::SystemError"; }
  std::string ToString() const override { return "input or output failed"; }
};

}  // namespace

void check_names(const arrow::Schema& schema, const std::string& file) {
  check_fields(schema.fields(), file);
  for (const auto& field : schema.fields()) check_type(*field->type(), file);
}

arrow::Status as_system_error(const arrow::Status& status) {
  if (!status.IsIOError() || status.detail()) return status;
  return status.WithDetail(std::make_shared<SystemError>());
}

void throw_arrow(const arrow::Status& status, const std::string& name) {
  const std::string message = printable(status.message(), 500);
  if (status.IsOutOfMemory())
    throw_error(ErrorKind::kResource, "{}: decoding needs too much memory at one time: {}", name, message);
  if (status.IsNotImplemented()) throw_error(ErrorKind::kUnsupported, "{}: {}", name, message);
  const bool system = status.IsIOError() && status.detail() != nullptr;
  throw_error(system ? ErrorKind::kIo : ErrorKind::kFormat, "{}: {}", name, message);
}

}  // namespace lf
