// Filters for HTML, and tojson. Text that is safe or escaped escapes what is added to it, as markupsafe does.
#include "base/error.h"
#include "base/strings.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/filters.h"
#include "templates/jinja/methods.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

Value escape(Interp&, const Value& self, const Args& args) {
  positional_only("escape", args, 0, 0);
  return Value::text(escaped(self), true);
}

Value forceescape(Interp&, const Value& self, const Args& args) {
  const Params params("forceescape", args, {});
  return Value::text(escaped(Value::text(to_text(self))), true);
}

Value safe(Interp&, const Value& self, const Args& args) {
  const Params params("safe", args, {});
  return Value::text(to_text(self), true);
}

Value xmlattr(Interp&, const Value& self, const Args& args) {
  const Params params("xmlattr", args, {"autospace"});
  if (self.is_undefined()) throw_error(ErrorKind::kData, "{}", self.as<UndefinedObject>().hint);
  LF_CHECK(kData, self.is(Kind::kDict), "'{}' object has no attribute 'items'", type_name(self));
  std::vector<std::string> parts;
  for (const auto& [key, value] : self.as_dict().items) {
    charge();
    if (value.is_none() || value.is_undefined()) continue;
    LF_CHECK(kData, key.is_string(), "expected string, got '{}'", type_name(key));
    LF_CHECK(kData, key.as_text().find_first_of(" \t\n\r\f\v/>=") == std::string::npos,
             "Invalid character in attribute name: {}", repr(key));
    parts.push_back(escaped(key) + "=\"" + escaped(value) + "\"");
  }
  const std::string text = join(parts, " ");
  return Value::text(params.flag(0, true) && !text.empty() ? " " + text : text);
}

/// Without comments and tags; what is not closed stays.
std::string without_tags(std::string_view text) {
  std::string out;
  size_t at = 0;
  for (size_t start; (start = text.find('<', at)) != text.npos;) {
    const bool comment = text.substr(start).starts_with("<!--");
    const size_t end = comment ? text.find("-->", start + 4) : text.find('>', start);
    if (end == text.npos) break;
    out += text.substr(at, start - at);
    at = end + (comment ? 3 : 1);
  }
  return out += text.substr(at);
}

Value striptags(Interp&, const Value& self, const Args& args) {
  const Params params("striptags", args, {});
  const std::string text = without_tags(to_text(self));
  std::string out;
  for (std::string_view word : split_blanks(text)) (out += out.empty() ? "" : " ") += word;
  return Value::text(without_references(out));
}

Value refused(Interp&, const Value&, const Args&) {
  throw_error(ErrorKind::kUnsupported, "the filters random and urlize are not supported in chat templates");
}

constexpr NamedBuiltin kFilters[] = {{"escape", escape},  {"e", escape},        {"forceescape", forceescape},
                                     {"safe", safe},      {"xmlattr", xmlattr}, {"striptags", striptags},
                                     {"random", refused}, {"urlize", refused}};

std::string indent_of(const Params& params) {
  if (params[1].is_string()) return params[1].as_text();
  const int64_t width = std::max<int64_t>(params.integer(1), 0);
  charge_text(static_cast<size_t>(width));
  return std::string(static_cast<size_t>(width), ' ');
}

/// json.dumps(x, ensure_ascii=..., indent=..., separators=..., sort_keys=...), as transformers defines the filter.
Value tojson(Interp&, const Value& self, const Args& args) {
  const Params params("tojson", args, {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style;
  style.ensure_ascii = params.flag(0, false);
  style.sort_keys = params.flag(3, false);
  const std::vector<Value> separators = params.given(2) ? to_vector(params[2]) : std::vector<Value>();
  LF_CHECK(kData, !params.given(2) || separators.size() == 2, "separators must be two strings");
  if (self.is_string()) return Value::text(to_json(self, style));  // Python looks at the rest only for other values
  if (params.given(1)) {
    style.indent = indent_of(params);
    style.item_separator = ",";
  }
  if (params.given(2)) {
    const auto text = [](const Value& value) {
      return value.is_string() ? std::optional(value.as_text()) : std::nullopt;
    };
    style.item_separator = text(separators[0]);
    style.key_separator = text(separators[1]);
    LF_CHECK(kData, style.indent || (style.item_separator && style.key_separator), "separators must be two strings");
  }
  return Value::text(to_json(self, style));
}

constexpr NamedBuiltin kJson[] = {{"tojson", tojson}};

}  // namespace

std::span<const NamedBuiltin> html_filters() { return kFilters; }
std::span<const NamedBuiltin> json_filters() { return kJson; }

Builtin find_filter(std::string_view name) {
  for (const auto& table : {text_filters(), layout_filters(), number_filters(), sequence_filters(), select_filters(),
                            order_filters(), html_filters(), json_filters()}) {
    if (const Builtin found = find_builtin(table, name)) return found;
  }
  return nullptr;
}

}  // namespace lf::jinja
