// Arrow's errors as ours. Only for the few files that include Arrow.
#pragma once
#include <arrow/result.h>
#include <arrow/status.h>

#include <string>
#include <utility>

#include "base/error.h"

namespace lf {

/// kIo for the system's errors, kUnsupported for what Arrow does not implement, else kFormat.
[[noreturn]] void throw_arrow(const arrow::Status& status, const std::string& name);

/// I/O errors of networks carry no detail that tells them from those of damaged files; this adds it, for throw_arrow.
arrow::Status as_system_error(const arrow::Status& status);
template <class T>
arrow::Result<T> as_system_error(arrow::Result<T> result) {
  return result.ok() ? std::move(result) : arrow::Result<T>(as_system_error(result.status()));
}

inline void check_arrow(const arrow::Status& status, const std::string& name) {
  if (!status.ok()) throw_arrow(status, name);
}
template <class T>
T check_arrow(arrow::Result<T> result, const std::string& name) {
  if (!result.ok()) throw_arrow(result.status(), name);
  return std::move(result).ValueUnsafe();
}

/// Runs `action`; exceptions of libparquet and of the standard library become kFormat.
template <class Action>
auto guard_arrow(const std::string& name, Action&& action) {
  try {
    return action();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw_arrow(arrow::Status::Invalid(error.what()), name);
  }
}

}  // namespace lf
