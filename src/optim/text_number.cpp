#include "optim/text_number.h"

#include <charconv>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

double parse_number(std::string_view text, const std::string& where) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  LF_CHECK(kConfig, error == std::errc() && end == text.data() + text.size() && !text.empty(),
           "{} must be a number but is '{}'", where, printable(text));
  return value;
}

}  // namespace lf
