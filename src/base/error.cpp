#include "base/error.h"

namespace lf {

const char* kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kConfig:
      return "config";
    case ErrorKind::kData:
      return "data";
    case ErrorKind::kFormat:
      return "format";
    case ErrorKind::kIo:
      return "io";
    case ErrorKind::kResource:
      return "resource";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kConfig:
      return 78;
    case ErrorKind::kData:
    case ErrorKind::kFormat:
      return 65;
    case ErrorKind::kIo:
      return 74;
    case ErrorKind::kResource:
      return 75;
    case ErrorKind::kUnsupported:
      return 69;
    case ErrorKind::kInternal:
      return 70;
  }
  return 70;
}

}  // namespace lf
