#include "base/strings.h"
#include "data/source/arrow_status_impl.h"

namespace lf {

void throw_arrow(const arrow::Status& status, const std::string& name) {
  const std::string message = printable(status.message(), 500);
  if (status.IsOutOfMemory())
    throw_error(ErrorKind::kResource, "{}: decoding needs too much memory at one time: {}", name, message);
  if (status.IsNotImplemented()) throw_error(ErrorKind::kUnsupported, "{}: {}", name, message);
  const bool system = status.IsIOError() && status.detail() != nullptr;
  throw_error(system ? ErrorKind::kIo : ErrorKind::kFormat, "{}: {}", name, message);
}

}  // namespace lf
