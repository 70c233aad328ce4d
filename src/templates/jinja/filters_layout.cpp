// Filters that lay text out: indent, wordwrap, pprint.
#include "base/error.h"
#include "base/strings.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/filters.h"
#include "templates/jinja/methods.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

Value indent(Interp&, const Value& self, const Args& args) {
  const Params params("indent", args, {"width", "first", "blank"});
  const auto plus = [](const Value& a, const Value& b) { return binary_operation(Op::kAdd, a, b); };
  Value blanks;
  if (params.has(0) && params[0].is_string()) {
    blanks = self.is_markup() ? text_like(self, params[0].as_text()) : params[0];
  } else {
    const int64_t width = std::max<int64_t>(params.integer(0, 4), 0);
    charge_text(static_cast<size_t>(width));
    blanks = text_like(self, std::string(static_cast<size_t>(width), ' '));
  }
  const Value newline = text_like(self, "\n"), text = plus(self, newline);  // a str, else Python's error
  const bool blank = params.flag(2, false);
  const Value between = blank ? plus(newline, blanks) : newline;
  std::string out;
  bool first = true;
  for (std::string_view line : split_lines(text.as_text())) {
    Value part = text_like(self, std::string(line));
    if (!first && !blank && !line.empty()) part = plus(blanks, part);
    if (!std::exchange(first, false)) out += between.as_text();
    out += text_for(between, part);
    check_growing(out);
  }
  const Value all = text_like(between, std::move(out));
  return params.flag(1, false) ? plus(blanks, all) : all;
}

Value wordwrap(Interp&, const Value& self, const Args& args) {
  const Params params("wordwrap", args, {"width", "break_long_words", "wrapstring", "break_on_hyphens"});
  LF_CHECK(kData, self.is_string(), "wordwrap needs a str, not {}", type_name(self));
  const Value width = params.has(0) ? params[0] : Value::integer(79);
  const Value newline = params.given(2) ? params[2] : Value::text("\n");
  const std::string between = params.given(2) ? params.text(2) : "\n";
  std::string out;
  const auto add = [&](std::string_view part, bool first) {
    if (!first) out += between;
    out += part;
    check_growing(out);
  };
  bool first_line = true;
  for (std::string_view line : split_lines(self.as_text())) {
    add("", std::exchange(first_line, false));
    bool first_part = true;
    for (std::string& part : wrap_line(line, width, params.flag(1, true), params.flag(3, true)))
      add(text_for(newline, Value::text(std::move(part))), std::exchange(first_part, false));
  }
  return text_like(newline, std::move(out));
}

Value pprint(Interp&, const Value& self, const Args& args) {
  const Params params("pprint", args, {});
  return Value::text(pretty(self));
}

constexpr NamedBuiltin kFilters[] = {{"indent", indent}, {"wordwrap", wordwrap}, {"pprint", pprint}};

}  // namespace

std::span<const NamedBuiltin> layout_filters() { return kFilters; }

}  // namespace lf::jinja
