#include "tokenizer/saving.h"

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"

namespace lf {
namespace {

/// Walks over valid JSON text without building anything.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  size_t at = 0;

  char peek() {
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t' || text_[at] == '\n' || text_[at] == '\r')) ++at;
    LF_ASSERT(at < text_.size());
    return text_[at];
  }
  std::string_view string() {
    const size_t begin = ++at;
    while (text_[at] != '"') at += text_[at] == '\\' ? 2 : 1;
    return text_.substr(begin, at++ - begin);
  }
  void skip_value() {
    int depth = 0;
    do {
      const char c = peek();
      if (c == '"') {
        string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at;
      if (depth == 0 && c != '}' && c != ']') skip_plain();
    } while (depth > 0);
  }

 private:
  void skip_plain() {
    while (at < text_.size() && std::string_view(",]} \t\r\n").find(text_[at]) == std::string_view::npos) ++at;
  }

  std::string_view text_;
};

std::string list_text(const std::map<TokenId, AddedToken>& tokens) {
  Json list = Json::array();
  for (const auto& [id, token] : tokens) {
    list.push_back({{"id", id},
                    {"content", token.content},
                    {"single_word", token.single_word},
                    {"lstrip", token.lstrip},
                    {"rstrip", token.rstrip},
                    {"normalized", token.normalized},
                    {"special", token.special}});
  }
  return replace_all(python_json(list, 2), "\n", "\n  ");
}

}  // namespace

std::string with_member(std::string_view json, std::string_view key, std::string_view value) {
  Scanner scanner(json);
  scanner.peek();
  const size_t first = ++scanner.at;
  while (scanner.peek() != '}') {
    if (scanner.peek() == ',') ++scanner.at;
    scanner.peek();
    const bool wanted = scanner.string() == key;
    scanner.peek();
    ++scanner.at;  // the colon
    scanner.peek();
    const size_t begin = scanner.at;
    scanner.skip_value();
    if (wanted) return std::string(json.substr(0, begin)) + std::string(value) + std::string(json.substr(scanner.at));
  }
  const bool alone = scanner.at == first || json.substr(first, scanner.at - first).find('"') == std::string_view::npos;
  return fmt::format("{}\n  \"{}\": {}{}{}", json.substr(0, first), key, value, alone ? "" : ",", json.substr(first));
}

std::string with_added_tokens(std::string_view json, const std::map<TokenId, AddedToken>& tokens) {
  return with_member(json, "added_tokens", list_text(tokens));
}

}  // namespace lf
