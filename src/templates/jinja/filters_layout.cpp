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
  std::string blanks;
  if (params.has(0) && params[0].is_string()) {
    blanks = text_for(self, params[0]);
  } else {
    const int64_t width = std::max<int64_t>(params.integer(0, 4), 0);
    charge_text(static_cast<size_t>(width));
    blanks = std::string(static_cast<size_t>(width), ' ');
  }
  const Value text = binary_operation(Op::kAdd, self, Value::text("\n"));  // a str, else Python's error
  const std::vector<std::string_view> lines = split_lines(text.as_text());
  const bool blank = params.flag(2, false);
  std::string out = params.flag(1, false) ? blanks : "";
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i) out += '\n';
    if (i && (blank || !lines[i].empty())) out += blanks;
    out += lines[i];
    if (out.size() > current_limits().output_bytes) charge_text(out.size());
  }
  return text_like(self, std::move(out));
}

Value wordwrap(Interp&, const Value& self, const Args& args) {
  const Params params("wordwrap", args, {"width", "break_long_words", "wrapstring", "break_on_hyphens"});
  LF_CHECK(kData, self.is_string(), "wordwrap needs a str, not {}", type_name(self));
  const int64_t width = params.integer(0, 79);
  const std::string newline = params.given(2) ? params.text(2) : "\n";
  std::vector<std::string> paragraphs;
  for (std::string_view line : split_lines(self.as_text())) {
    paragraphs.push_back(join(wrap_line(line, width, params.flag(1, true), params.flag(3, true)), newline));
  }
  return Value::text(join(paragraphs, newline));
}

Value pprint(Interp&, const Value& self, const Args& args) {
  const Params params("pprint", args, {});
  return Value::text(pretty(self));
}

constexpr NamedBuiltin kFilters[] = {{"indent", indent}, {"wordwrap", wordwrap}, {"pprint", pprint}};

}  // namespace

std::span<const NamedBuiltin> layout_filters() { return kFilters; }

}  // namespace lf::jinja
