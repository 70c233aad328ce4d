#include "tokenizer/json_view.h"

#include "base/strings.h"

namespace lf {
namespace {

constexpr size_t kMaxDepth = 64;

const char* type_name(simdjson::dom::element value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "a list";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "true/false";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

}  // namespace

void JsonView::wrong_type(const char* needed) const {
  throw_error(ErrorKind::kFormat, "{}: needed {} but found {}", where(), needed, type_name(value_));
}

std::optional<JsonView> JsonView::find(std::string_view key) const {
  const simdjson::dom::object members = object();
  simdjson::dom::element member;
  if (members.at_key(key).get(member) || member.is_null()) return std::nullopt;
  return JsonView(member, *file_, path_.empty() ? std::string(key) : path_ + "." + std::string(key));
}

JsonView JsonView::at(std::string_view key) const {
  std::optional<JsonView> member = find(key);
  LF_CHECK(kFormat, member.has_value(), "{}: the key \"{}\" is missing", where(), key);
  return *member;
}

std::string_view JsonView::string() const {
  std::string_view text;
  if (value_.get(text)) wrong_type("a string");
  return text;
}

bool JsonView::boolean() const {
  bool flag = false;
  if (value_.get(flag)) wrong_type("true or false");
  return flag;
}

int64_t JsonView::integer(int64_t low, int64_t high) const {
  int64_t number = 0;
  if (value_.get(number)) wrong_type("an integer");
  LF_CHECK(kFormat, number >= low && number <= high, "{}: needed a number from {} to {} but found {}", where(), low,
           high, number);
  return number;
}

double JsonView::number() const {
  double number = 0;
  if (value_.get(number)) wrong_type("a number");
  return number;
}

simdjson::dom::array JsonView::array() const {
  simdjson::dom::array items;
  if (value_.get(items)) wrong_type("a list");
  return items;
}

simdjson::dom::object JsonView::object() const {
  simdjson::dom::object members;
  if (value_.get(members)) wrong_type("an object");
  return members;
}

std::string JsonView::string_or(std::string_view key, std::string_view fallback) const {
  const std::optional<JsonView> member = find(key);
  return std::string(member ? member->string() : fallback);
}

bool JsonView::boolean_or(std::string_view key, bool fallback) const {
  const std::optional<JsonView> member = find(key);
  return member ? member->boolean() : fallback;
}

void JsonView::each_item(const std::function<void(const JsonView&)>& visit) const {
  size_t index = 0;
  for (simdjson::dom::element item : array())
    visit(JsonView(item, *file_, path_ + "[" + std::to_string(index++) + "]"));
}

JsonFile::JsonFile(std::string& text, std::string name) : name_(std::move(name)) {
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  simdjson::error_code error = parser_.allocate(std::max<size_t>(text.size(), 64), kMaxDepth);
  LF_CHECK(kResource, !error, "{}: {}", name_, simdjson::error_message(error));
  error = parser_.parse(text).get(root_);
  LF_CHECK(kFormat, error != simdjson::DEPTH_ERROR, "{}: nested deeper than {} levels", name_, kMaxDepth);
  LF_CHECK(kFormat, !error, "{}: not valid JSON: {}", name_, printable(simdjson::error_message(error)));
  LF_CHECK(kFormat, root_.is_object(), "{}: needed an object but found {}", name_, type_name(root_));
}

}  // namespace lf
