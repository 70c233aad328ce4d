// `configs` in the YAML head of a dataset's README.md.
#include "base/error.h"
#include "base/strings.h"
#include "base/yaml.h"
#include "hub/dataset_files.h"

namespace lf {
namespace {

/// The lines between the first "---" and the next; "" when there is no head.
std::string_view yaml_head(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const size_t first = text.find_first_not_of(" \r\n\t");
  if (first == text.npos || text.substr(first, 3) != "---") return "";
  const size_t start = text.find('\n', first);
  if (start == text.npos) return "";
  for (size_t line = start + 1; line < text.size();) {
    const size_t end = std::min(text.find('\n', line), text.size());
    if (trim(text.substr(line, end - line)) == "---") return text.substr(start + 1, line - start - 1);
    line = end + 1;
  }
  return "";
}

class ConfigReader {
 public:
  explicit ConfigReader(const std::string& where) : where_(where) {}

  std::vector<DatasetConfig> read(const YamlNode& root) const {
    const YamlNode* list = root.find("configs");
    if (!list || list->kind == YamlNode::Kind::kNull) return {};
    need(list->is_sequence(), *list, "configs must be a list");
    std::vector<DatasetConfig> configs;
    for (const YamlNode& item : list->items) configs.push_back(config(item));
    return configs;
  }

 private:
  void need(bool good, const YamlNode& node, std::string_view what) const {
    LF_CHECK(kFormat, good, "{}:{}: {}", where_, node.at.line, what);
  }

  std::string text(const YamlNode& node, std::string_view what) const {
    need(node.is_scalar(), node, what);
    return node.text;
  }

  std::vector<std::string> patterns(const YamlNode& node) const {
    if (node.is_scalar()) return {node.text};
    need(node.is_sequence(), node, "path must be a name or a list of names");
    std::vector<std::string> list;
    for (const YamlNode& item : node.items) list.push_back(text(item, "path must be a name or a list of names"));
    return list;
  }

  DatasetConfig config(const YamlNode& node) const {
    need(node.is_mapping(), node, "each of configs must have a config_name");
    DatasetConfig config;
    const YamlNode* name = node.find("config_name");
    need(name != nullptr, node, "each of configs must have a config_name");
    config.name = text(*name, "config_name must be text");
    if (const YamlNode* value = node.find("default")) config.is_default = resolve_scalar(*value).boolean;
    if (const YamlNode* value = node.find("data_dir")) config.data_dir = text(*value, "data_dir must be text");
    if (const YamlNode* value = node.find("data_files")) config.data_files = data_files(*value);
    return config;
  }

  /// A name, a list of names (split train), or a list of {split, path}.
  std::vector<std::pair<std::string, std::vector<std::string>>> data_files(const YamlNode& node) const {
    const bool splits = node.is_sequence() && !node.items.empty() && node.items[0].is_mapping();
    if (!splits) return {{"train", patterns(node)}};
    std::vector<std::pair<std::string, std::vector<std::string>>> list;
    for (const YamlNode& item : node.items) {
      const YamlNode* split = item.is_mapping() ? item.find("split") : nullptr;
      const YamlNode* path = item.is_mapping() ? item.find("path") : nullptr;
      need(split && path, item, "data_files must be names, or a list of split and path");
      const std::string name = text(*split, "split must be text");
      for (const auto& known : list) need(known.first != name, item, "a split appears twice");
      list.emplace_back(name, patterns(*path));
    }
    return list;
  }

  const std::string& where_;
};

}  // namespace

std::vector<DatasetConfig> parse_dataset_configs(std::string_view text, const std::string& where, bool whole) {
  const std::string_view yaml = whole ? text : yaml_head(text);
  if (trim(yaml).empty()) return {};
  std::vector<YamlProblem> ignored;  // double keys in parts that do not concern us
  const YamlNode root = parse_yaml(yaml, where, &ignored);
  return root.is_mapping() ? ConfigReader(where).read(root) : std::vector<DatasetConfig>{};
}

}  // namespace lf
