// A small recursive parser; depth is bounded because the text comes from a model.
#include "templates/python_call.h"

#include <cctype>

#include "base/json.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

constexpr int kMaxDepth = 64;

class PythonParser {
 public:
  explicit PythonParser(std::string_view text) : scan_(text) {}

  std::optional<FunctionCalls> calls() {
    FunctionCalls found;
    scan_.skip_blanks();
    const bool list = scan_.accept("[");
    do {
      scan_.skip_blanks();
      if (list && scan_.rest().substr(0, 1) == "]") break;
      auto call = one_call();
      if (!call) return std::nullopt;
      found.push_back(*call);
      scan_.skip_blanks();
    } while (list && scan_.accept(","));
    if (list && !scan_.accept("]")) return std::nullopt;
    scan_.skip_blanks();
    if (!scan_.rest().empty() || found.empty()) return std::nullopt;
    return found;
  }

 private:
  std::optional<std::string> word() {
    const std::string_view rest = scan_.rest();
    size_t end = 0;
    while (end < rest.size() &&
           (std::isalnum(static_cast<unsigned char>(rest[end])) || rest[end] == '_' || rest[end] & 0x80)) {
      ++end;
    }
    if (end == 0 || std::isdigit(static_cast<unsigned char>(rest[0]))) return std::nullopt;
    scan_.rewind(scan_.position() + end);
    return std::string(rest.substr(0, end));
  }

  std::optional<FunctionCall> one_call() {
    const auto name = word();
    scan_.skip_blanks();
    if (!name || !scan_.accept("(")) return std::nullopt;
    Json arguments = Json::object();
    scan_.skip_blanks();
    while (!scan_.accept(")")) {
      const auto key = word();
      scan_.skip_blanks();
      if (!key || !scan_.accept("=")) return std::nullopt;
      const auto value = argument();
      if (!value) return std::nullopt;
      arguments[*key] = *value;
      scan_.skip_blanks();
      if (!scan_.accept(",") && scan_.rest().substr(0, 1) != ")") return std::nullopt;
      scan_.skip_blanks();
    }
    return FunctionCall{*name, python_json(arguments)};
  }

  /// The value of a keyword: JSON's words are allowed here, but not deeper.
  std::optional<Json> argument() {
    scan_.skip_blanks();
    const size_t start = scan_.position();
    if (const auto name = word()) {
      if (*name == "true") return Json(true);
      if (*name == "false") return Json(false);
      if (*name == "null") return Json(nullptr);
      scan_.rewind(start);
    }
    return literal(0);
  }

  std::optional<Json> literal(int depth) {
    if (depth > kMaxDepth) return std::nullopt;
    scan_.skip_blanks();
    const std::string_view rest = scan_.rest();
    if (rest.empty()) return std::nullopt;
    if (rest[0] == '"' || rest[0] == '\'') return string_literal(rest[0]);
    if (rest[0] == '[') return sequence("[", "]", depth);
    if (rest[0] == '(') return sequence("(", ")", depth);
    if (rest[0] == '{') return dictionary(depth);
    if (scan_.accept("True")) return Json(true);
    if (scan_.accept("False")) return Json(false);
    if (scan_.accept("None")) return Json(nullptr);
    return number();
  }

  std::optional<Json> number() {
    const std::string_view rest = scan_.rest();
    const size_t end = std::min(rest.find_first_not_of("+-0123456789.eE"), rest.size());
    const std::optional<Json> value = try_json(rest.substr(0, end));
    if (!value || !value->is_number()) return std::nullopt;
    scan_.rewind(scan_.position() + end);
    return value;
  }

  std::optional<Json> string_literal(char quote) {
    const std::string_view rest = scan_.rest();
    std::string out;
    for (size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == quote) {
        scan_.rewind(scan_.position() + i + 1);
        return Json(out);
      }
      if (rest[i] == '\n') return std::nullopt;
      if (rest[i] != '\\') {
        out += rest[i];
        continue;
      }
      if (++i == rest.size()) return std::nullopt;
      constexpr std::string_view kNames = "ntr\\'\"", kMeanings = "\n\t\r\\'\"";
      const size_t which = kNames.find(rest[i]);
      if (which == std::string_view::npos)
        (out += '\\') += rest[i];
      else
        out += kMeanings[which];
    }
    return std::nullopt;
  }

  std::optional<Json> sequence(std::string_view open, std::string_view close, int depth) {
    scan_.accept(open);
    Json list = Json::array();
    scan_.skip_blanks();
    while (!scan_.accept(close)) {
      const auto item = literal(depth + 1);
      if (!item) return std::nullopt;
      list.push_back(*item);
      scan_.skip_blanks();
      if (!scan_.accept(",") && scan_.rest().substr(0, 1) != close) return std::nullopt;
      scan_.skip_blanks();
    }
    return list;
  }

  std::optional<Json> dictionary(int depth) {
    scan_.accept("{");
    Json object = Json::object();
    scan_.skip_blanks();
    while (!scan_.accept("}")) {
      const auto key = literal(depth + 1);
      scan_.skip_blanks();
      if (!key || !key->is_string() || !scan_.accept(":")) return std::nullopt;
      const auto value = literal(depth + 1);
      if (!value) return std::nullopt;
      object[key->get<std::string>()] = *value;
      scan_.skip_blanks();
      if (!scan_.accept(",") && scan_.rest().substr(0, 1) != "}") return std::nullopt;
      scan_.skip_blanks();
    }
    return object;
  }

  TextScanner scan_;
};

}  // namespace

std::optional<FunctionCalls> parse_python_calls(std::string_view text) { return PythonParser(text).calls(); }

}  // namespace lf
