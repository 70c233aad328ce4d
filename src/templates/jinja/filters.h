// Filters, one table for each file.
#pragma once
#include <span>

#include "templates/jinja/interp.h"

namespace lf::jinja {

std::span<const NamedBuiltin> text_filters();
std::span<const NamedBuiltin> layout_filters();
std::span<const NamedBuiltin> number_filters();
std::span<const NamedBuiltin> sequence_filters();
std::span<const NamedBuiltin> select_filters();
std::span<const NamedBuiltin> order_filters();
std::span<const NamedBuiltin> html_filters();
std::span<const NamedBuiltin> json_filters();

/// The value at a path such as "function.name" or "0.text"; also by an int. `otherwise` (may be missing) replaces what
/// is undefined on the way.
class AttributePath {
 public:
  explicit AttributePath(const Value& attribute, Value otherwise = {});
  Value operator()(const Value& item) const;

 private:
  std::vector<Value> parts_;
  Value otherwise_;
};

/// Strings in lower case, for comparing without case.
Value ignoring_case(const Value& value);
/// textwrap.wrap() of one line. A width that is no integer is fine as long as no word must be cut.
std::vector<std::string> wrap_line(std::string_view line, const Value& width, bool break_words, bool break_hyphens);
/// html.unescape(): without the character references of HTML.
std::string without_references(std::string_view text);
/// pprint.pformat().
std::string pretty(const Value& value);

}  // namespace lf::jinja
