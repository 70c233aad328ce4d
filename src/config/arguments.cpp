#include "config/arguments.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "config/fields.h"
#include "config/known_keys.h"
#include "config/source.h"

namespace lf {
namespace {

/// "bool", "str", "list", ... of a key; "str" when it is not known.
std::string type_of_key(std::string_view key) {
  const KnownKey* known = find_known_key(key);
  std::string type(known ? known->type : "str");
  if (!type.empty() && type.back() == '?') type.pop_back();
  return type;
}

bool is_list_key(ConfigKind kind, std::string_view key) {
  const FieldRef* field = find_field(default_fields(kind), key);
  return field ? type_name(field->target) == "list" : type_of_key(key) == "list";
}

YamlNode scalar(std::string text, bool quoted) {
  YamlNode node;
  const bool null = !quoted && resolve_scalar(std::string_view(text)).type == ScalarType::kNull;
  node.kind = null ? YamlNode::Kind::kNull : YamlNode::Kind::kScalar;
  node.quoted = quoted;
  node.text = std::move(text);
  return node;
}

void clear_positions(YamlNode& node) {
  node.at = {};
  for (YamlKey& key : node.keys) key.at = {};
  for (YamlNode& item : node.items) clear_positions(item);
}

/// The value of `key=value`: YAML, or the text itself where a text is wanted and it is not a YAML scalar ("You are:
/// x").
YamlNode override_value(std::string_view key, const std::string& text) {
  const bool wants_text = type_of_key(key) == "str";
  try {
    YamlNode node = parse_yaml(text, "value");
    clear_positions(node);
    if (wants_text && node.is_mapping()) return scalar(text, true);
    return node;
  } catch (const Error&) {
    return scalar(text, true);
  }
}

/// The value of a flag: the text, with argparse's short words for booleans.
YamlNode flag_value(std::string_view key, const std::string& text) {
  if (type_of_key(key) == "bool") {
    const std::string word = to_lower(text);
    if (word == "t" || word == "y" || word == "1") return scalar("true", false);
    if (word == "f" || word == "n" || word == "0") return scalar("false", false);
    return scalar(word, false);
  }
  return scalar(text, text.empty());
}

void merge(YamlNode& target, YamlNode value) {
  if (!target.is_mapping() || !value.is_mapping()) {
    target = std::move(value);
    return;
  }
  for (size_t i = 0; i < value.keys.size(); ++i) {
    if (YamlNode* present = target.find(value.keys[i].name)) {
      merge(*present, std::move(value.items[i]));
    } else {
      target.keys.push_back(std::move(value.keys[i]));
      target.items.push_back(std::move(value.items[i]));
    }
  }
}

/// Puts `value` at `a.b.c`, making mappings on the way.
void set_path(YamlNode& root, const std::vector<std::string>& path, YamlNode value) {
  for (size_t i = path.size(); i-- > 0;) {
    YamlNode outer;
    outer.kind = YamlNode::Kind::kMapping;
    outer.keys.push_back({path[i], {}});
    outer.items.push_back(std::move(value));
    value = std::move(outer);
  }
  for (YamlKey& key : root.keys) {
    if (key.name == path[0]) key.at = {};
  }
  merge(root, std::move(value));
  if (YamlNode* changed = root.find(path[0])) changed->at = {};
}

class ArgumentReader {
 public:
  ArgumentReader(ConfigKind kind, std::span<const std::string> args, YamlNode& root, Problems& problems)
      : kind_(kind), args_(args), root_(root), problems_(problems) {}

  void read() {
    while (next_ < args_.size()) {
      const std::string& argument = args_[next_++];
      if (argument.rfind("--", 0) == 0 && argument.size() > 2)
        flag(argument.substr(2));
      else if (argument.find('=') != std::string::npos && argument[0] != '=')
        assignment(argument);
      else
        stray(argument);
    }
  }

 private:
  void assignment(const std::string& argument) {
    const size_t equals = argument.find('=');
    const std::vector<std::string> path = split(argument.substr(0, equals), '.');
    if (path.size() > 16 || std::find(path.begin(), path.end(), "") != path.end()) {
      problems_.add({}, "", fmt::format("'{}': the part before = must be a key or key.inner", printable(argument, 60)));
      return;
    }
    set_path(root_, path, override_value(path[0], argument.substr(equals + 1)));
  }

  void flag(const std::string& text) {
    const size_t equals = text.find('=');
    std::string key = replace_all(text.substr(0, equals), "-", "_");
    if (equals != std::string::npos) {
      set_flag(key, flag_value(key, text.substr(equals + 1)));
    } else if (type_of_key(key) == "bool") {
      set_flag(key, next_is_bool() ? flag_value(key, args_[next_++]) : scalar("true", false));
    } else if (!find_known_key(key) && key.rfind("no_", 0) == 0 && type_of_key(key.substr(3)) == "bool") {
      set_flag(key.substr(3), scalar("false", false));
    } else if (next_ == args_.size() || args_[next_].rfind("--", 0) == 0) {
      if (find_known_key(key))
        problems_.add({}, key, fmt::format("--{} needs a value", key));
      else
        set_flag(key, scalar("true", false));
    } else {
      set_flag(key, value_of(key));
    }
  }

  YamlNode value_of(const std::string& key) {
    YamlNode value = flag_value(key, args_[next_++]);
    if (!is_list_key(kind_, key)) return value;
    if (value.is_scalar() && value.text[0] == '[') return override_value(key, value.text);
    std::string text = value.text;
    while (next_ < args_.size() && args_[next_].rfind("--", 0) != 0 && args_[next_].find('=') == std::string::npos) {
      text += "," + args_[next_++];
    }
    return scalar(std::move(text), false);
  }

  bool next_is_bool() const {
    if (next_ == args_.size()) return false;
    const std::string word = to_lower(args_[next_]);
    constexpr std::string_view kWords[] = {"true", "false", "yes", "no", "on", "off", "t",
                                           "f",    "y",     "n",   "1",  "0",  "null"};
    return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
  }

  void set_flag(const std::string& key, YamlNode value) { set_path(root_, {key}, std::move(value)); }

  void stray(const std::string& argument) {
    const std::string shown = printable(argument, 80);
    if (is_config_file(argument))
      problems_.add({}, "", fmt::format("'{}': one configuration file is read, and it comes first", shown));
    else if (find_known_key(argument))
      problems_.add({}, argument, fmt::format("'{}' has no value: write {}=value or --{} value", shown, shown, shown));
    else
      problems_.add(
          {}, "",
          fmt::format("'{}' is neither a configuration file (.yaml, .yml, .json) nor key=value nor --key value",
                      shown));
  }

  ConfigKind kind_;
  std::span<const std::string> args_;
  YamlNode& root_;
  Problems& problems_;
  size_t next_ = 0;
};

}  // namespace

void apply_arguments(ConfigKind kind, std::span<const std::string> args, YamlNode& root, Problems& problems) {
  ArgumentReader(kind, args, root, problems).read();
}

}  // namespace lf
