#include "config/source.h"

#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "config/known_keys.h"

namespace lf {
namespace {

constexpr std::string_view kKeyLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";

/// The known key that a line begins with in column 1, or "".
std::string_view leading_key(std::string_view line) {
  const std::string_view word = line.substr(0, line.find_first_not_of(kKeyLetters));
  return find_known_key(word) ? word : std::string_view();
}

/// Does the quote or bracket that opens at `start` close before the next line that begins with a key?
bool closes(const std::vector<std::string>& lines, size_t line, size_t start) {
  const char open = lines[line][start];
  const char close = open == '[' ? ']' : open == '{' ? '}' : open;
  if (lines[line].find(close, start + 1) != std::string::npos) return true;
  for (size_t i = line + 1; i < lines.size(); ++i) {
    if (!leading_key(lines[i]).empty()) return false;
    if (lines[i].find(close) != std::string::npos) return true;
  }
  return false;
}

/// What is wrong with one line of a file that is not YAML, and in which column; the slips people make most.
std::optional<std::pair<size_t, std::string>> line_slip(const std::vector<std::string>& lines, size_t i) {
  const std::string& line = lines[i];
  const size_t first = line.find_first_not_of(" \t");
  if (first == std::string::npos || line[first] == '#') return std::nullopt;
  const size_t tab = line.substr(0, first).find('\t');
  if (tab != std::string::npos) return std::make_pair(tab + 1, std::string("a tab cannot indent YAML; use blanks"));
  const std::string_view key = leading_key(line);
  if (key.empty()) return std::nullopt;
  const size_t after = line.find_first_not_of(" \t", key.size());
  if (after == std::string::npos)
    return std::make_pair(size_t{1}, fmt::format("'{}' has no colon: write `{}: value`", key, key));
  if (line[after] == '=')
    return std::make_pair(size_t{1}, fmt::format("write `{}: value`; key=value is for the command line", key));
  if (line[after] != ':') return std::make_pair(size_t{1}, fmt::format("a colon is missing: write `{}: value`", key));
  if (after + 1 == line.size()) return std::nullopt;
  if (line[after + 1] != ' ' && line[after + 1] != '\t') {
    return std::make_pair(after + 1, fmt::format("a blank is missing after `{}:`", key));
  }
  return std::nullopt;
}

/// A quote or bracket that opens the value of line `i` and is never closed. (yaml-cpp ends some of these in silence.)
std::optional<std::pair<size_t, std::string>> unclosed(const std::vector<std::string>& lines, size_t i) {
  const std::string& line = lines[i];
  const std::string_view key = leading_key(line);
  if (key.empty() || line.size() <= key.size() || line[key.size()] != ':') return std::nullopt;
  const size_t value = line.find_first_not_of(" \t", key.size() + 1);
  const bool opens =
      value != std::string::npos && std::string_view("[{\"'").find(line[value]) != std::string_view::npos;
  if (!opens || closes(lines, i, value)) return std::nullopt;
  return std::make_pair(value + 1, fmt::format("the {} is not closed", line[value]));
}

/// `parsed`: the text went through yaml-cpp, so only what that overlooks is looked for.
bool find_slips(std::string_view text, bool parsed, Problems& problems) {
  const std::vector<std::string> lines = split(replace_all(std::string(text), "\r\n", "\n"), '\n');
  bool found = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    auto slip = parsed ? std::nullopt : line_slip(lines, i);
    if (!slip) slip = unclosed(lines, i);
    if (slip) {
      problems.add({i + 1, slip->first}, "", slip->second);
      found = true;
    }
  }
  return found;
}

/// "train.yaml:3:7: reason" -> position and reason; the position is 1:1 when the message has none.
void add_located(const std::string& message, std::string_view where, Problems& problems) {
  YamlPosition at{1, 1};
  std::string reason = message;
  if (message.rfind(where, 0) == 0) {
    size_t line = 0, column = 0;
    int used = 0;
    if (std::sscanf(message.c_str() + where.size(), ":%zu:%zu: %n", &line, &column, &used) == 2 && used > 0 &&
        line > 0) {
      at = {line, column};
      reason = message.substr(where.size() + static_cast<size_t>(used));
    } else {
      reason = std::string(trim(std::string_view(message).substr(where.size() + 1)));
    }
  }
  problems.add(at, "", reason);
}

YamlNode empty_mapping() {
  YamlNode node;
  node.kind = YamlNode::Kind::kMapping;
  return node;
}

YamlNode need_mapping(YamlNode root, std::string_view text, Problems& problems) {
  if (root.is_mapping()) return root;
  if (root.kind != YamlNode::Kind::kNull && !find_slips(text, false, problems)) {
    problems.add({1, 1}, "", "a mapping is needed, lines of `key: value`");
  }
  return empty_mapping();
}

YamlNode from_json(const Json& json) {
  YamlNode node;
  if (json.is_object() || json.is_array()) {
    node.kind = json.is_object() ? YamlNode::Kind::kMapping : YamlNode::Kind::kSequence;
    for (auto it = json.begin(); it != json.end(); ++it) {
      if (json.is_object()) node.keys.push_back({it.key(), {}});
      node.items.push_back(from_json(*it));
    }
  } else if (!json.is_null()) {
    node.kind = YamlNode::Kind::kScalar;
    node.quoted = json.is_string();
    node.text = json.is_string() ? json.get<std::string>() : python_json(json);
  }
  return node;
}

/// Positions of the keys and values of the outermost object of valid JSON, in order.
class JsonPositions {
 public:
  JsonPositions(std::string_view text, YamlNode& root) : text_(text), root_(root) {}

  void fill() {
    size_t index = 0;
    for (; at_ < text_.size(); next()) {
      const char c = text_[at_];
      if (c == '"') {
        const YamlPosition start = here_;
        skip_string();
        if (depth_ == 1 && key_expected_ && index < root_.keys.size()) {
          root_.keys[index].at = start;
          key_expected_ = false;
        } else {
          place_value(index, start);
        }
      } else if (c == '{' || c == '[') {
        place_value(index, here_);
        ++depth_;
      } else if (c == '}' || c == ']') {
        --depth_;
      } else if (c == ',' && depth_ == 1) {
        key_expected_ = true;
        ++index;
      } else if (c != ':' && c != ',' && static_cast<unsigned char>(c) > ' ') {
        place_value(index, here_);
      }
    }
  }

 private:
  void place_value(size_t index, YamlPosition at) {
    if (depth_ != 1 || key_expected_ || index >= root_.items.size()) return;
    if (root_.items[index].at.line == 0) root_.items[index].at = at;
  }
  void skip_string() {
    for (next(); at_ < text_.size() && text_[at_] != '"'; next()) {
      if (text_[at_] == '\\') next();
    }
  }
  void next() {
    if (at_ < text_.size() && text_[at_] == '\n') here_ = {here_.line + 1, 0};
    ++here_.column;
    ++at_;
  }

  std::string_view text_;
  YamlNode& root_;
  size_t at_ = 0;
  YamlPosition here_{1, 1};
  int depth_ = 0;
  bool key_expected_ = true;
};

}  // namespace

bool is_config_file(std::string_view argument) {
  const std::string lower = to_lower(argument);
  auto ends = [&](std::string_view end) {
    return lower.size() > end.size() && lower.compare(lower.size() - end.size(), end.size(), end) == 0;
  };
  return argument.rfind("--", 0) != 0 && (ends(".yaml") || ends(".yml") || ends(".json")) &&
         argument.find('=') == std::string_view::npos;
}

YamlNode parse_yaml_source(std::string_view text, std::string_view where, Problems& problems) {
  std::vector<YamlProblem> found;
  try {
    YamlNode root = parse_yaml(text, where, &found);
    if (find_slips(text, true, problems)) return empty_mapping();
    for (const YamlProblem& problem : found) problems.add(problem.at, "", problem.message);
    return need_mapping(std::move(root), text, problems);
  } catch (const Error& error) {
    if (!find_slips(text, false, problems)) add_located(error.what(), where, problems);
    return empty_mapping();
  }
}

YamlNode parse_json_source(std::string_view text, std::string_view where, Problems& problems) {
  try {
    YamlNode root = from_json(parse_json(text, where));
    if (!root.is_mapping()) {
      problems.add({1, 1}, "", "an object is needed: {\"key\": value, ...}");
      return empty_mapping();
    }
    JsonPositions(text, root).fill();
    return root;
  } catch (const Error& error) {
    add_located(error.what(), where, problems);
    return empty_mapping();
  }
}

}  // namespace lf
