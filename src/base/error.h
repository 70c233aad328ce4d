// The one exception of the library. cli/ turns it into an exit code; nothing below cli/ prints or exits.
#pragma once
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace lf {

enum class ErrorKind {
  kConfig,       // keys, values, combinations of options
  kData,         // datasets: rows, columns, descriptions
  kFormat,       // a file is not what it says
  kIo,           // open, read, write, rename, disk full
  kResource,     // memory, device
  kUnsupported,  // known but not available
  kInternal,     // our own bug
};

/// Lower-case name of a kind, as shown to the user: "config", "data", ...
const char* kind_name(ErrorKind kind);
/// Exit status for a kind, after sysexits.h: config 78, data/format 65, io 74, resource 75, unsupported 69,
/// internal 70.
int exit_code(ErrorKind kind);

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

/// throw_error(ErrorKind::kData, "{}: row {} has no column '{}'", file, row, name)
template <class... Args>
[[noreturn]] void throw_error(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace lf

/// Refuses bad input: LF_CHECK(kConfig, rank > 0, "[lora] rank must be positive but is {}", rank).
#define LF_CHECK(kind, condition, ...)                                       \
  do {                                                                       \
    if (!(condition)) ::lf::throw_error(::lf::ErrorKind::kind, __VA_ARGS__); \
  } while (false)

/// For our own bugs only.
#define LF_ASSERT(condition)                                                                                      \
  do {                                                                                                            \
    if (!(condition)) ::lf::throw_error(::lf::ErrorKind::kInternal, "{}:{}: {}", __FILE__, __LINE__, #condition); \
  } while (false)
