// The YAML reader of templates. Files are few and small, so only the one asked for (and what it extends) is parsed.
#include "templates/template_spec.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/embedded.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "templates/template.h"

namespace lf {

std::span<const EmbeddedFile> embedded_templates();

namespace {

constexpr int kMaxExtends = 8;

std::filesystem::path user_folder() {
  const char* folder = std::getenv("LF_TEMPLATES_DIR");
  return folder ? folder : "";
}

struct Source {
  std::string where;
  std::string text;
};

Source find_source(std::string_view name) {
  const bool plain_name = !name.empty() && name.find_first_of("/\\") == std::string_view::npos && name[0] != '.';
  if (plain_name && !user_folder().empty()) {
    const std::filesystem::path file = user_folder() / (std::string(name) + ".yaml");
    if (std::filesystem::exists(file)) return {file.string(), read_file(file, 1 << 20)};
  }
  for (const EmbeddedFile& file : embedded_templates()) {
    if (file.stem == name) return {"template " + std::string(name), std::string(file.content)};
  }
  throw_error(ErrorKind::kConfig, "Template {} does not exist{}", printable(name),
              did_you_mean(name, template_names()));
}

class SpecReader {
 public:
  SpecReader(std::string where, TemplateSpec& spec) : where_(std::move(where)), spec_(spec) {}

  void read(const YAML::Node& root) {
    // Flags come first: the default slots depend on them.
    for (const auto& entry : root) read_flag(entry.first.as<std::string>(), entry.second);
    for (const auto& entry : root) read_member(entry.first.as<std::string>(), entry.second);
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& reason) const {
    throw_error(ErrorKind::kConfig, "{}:{}: {}", where_, node.Mark().line + 1, reason);
  }

  std::string text(const YAML::Node& node) const {
    if (!node.IsScalar()) fail(node, "a text was expected");
    return node.Scalar();
  }

  Slot slot(const YAML::Node& node) const {
    if (node.IsScalar()) return {Slot::Kind::kText, node.Scalar()};
    if (!node.IsMap() || node.size() != 1)
      fail(node, "a slot is a text, {token: NAME}, {special: bos} or {special: eos}");
    const std::string kind = node.begin()->first.as<std::string>(), value = text(node.begin()->second);
    if (kind == "token") return {Slot::Kind::kToken, value};
    if (kind == "special" && value == "bos") return {Slot::Kind::kBos, ""};
    if (kind == "special" && value == "eos") return {Slot::Kind::kEos, ""};
    fail(node, "a slot is a text, {token: NAME}, {special: bos} or {special: eos}");
  }

  Slots slots(const YAML::Node& node) const {
    if (!node.IsSequence()) return {slot(node)};
    Slots out;
    for (const YAML::Node& item : node) out.push_back(slot(item));
    return out;
  }

  std::vector<std::string> texts(const YAML::Node& node) const {
    if (!node.IsSequence()) fail(node, "a list of texts was expected");
    std::vector<std::string> out;
    for (const YAML::Node& item : node) out.push_back(text(item));
    return out;
  }

  std::pair<std::string, std::string> pair(const YAML::Node& node) const {
    const std::vector<std::string> both = texts(node);
    if (both.size() != 2) fail(node, "two texts were expected: the opening and the closing word");
    return {both[0], both[1]};
  }

  void read_flag(const std::string& key, const YAML::Node& value) {
    bool* flag = key == "efficient_eos"            ? &spec_.efficient_eos
                 : key == "replace_eos"            ? &spec_.replace_eos
                 : key == "replace_jinja_template" ? &spec_.replace_jinja_template
                                                   : nullptr;
    if (flag && !YAML::convert<bool>::decode(value, *flag)) fail(value, "true or false was expected for " + key);
  }

  void read_member(const std::string& key, const YAML::Node& value) {
    if (key == "style")
      spec_.style = text(value);
    else if (key == "user")
      spec_.user = slots(value);
    else if (key == "assistant")
      spec_.assistant = slots(value);
    else if (key == "system")
      spec_.system = slots(value);
    else if (key == "function")
      spec_.function = slots(value);
    else if (key == "observation")
      spec_.observation = slots(value);
    else if (key == "prefix")
      spec_.prefix = slots(value);
    else if (key == "tools")
      spec_.tools = slots(value);
    else if (key == "tool_format")
      spec_.tool_format = text(value);
    else if (key == "default_system")
      spec_.default_system = text(value);
    else if (key == "stop_words")
      spec_.stop_words = texts(value);
    else if (key == "thought_words")
      spec_.thought_words = pair(value);
    else if (key == "tool_call_words")
      spec_.tool_call_words = pair(value);
    else if (key != "extends" && key != "efficient_eos" && key != "replace_eos" && key != "replace_jinja_template")
      fail(value, "unknown key '" + printable(key) + "'");
  }

  std::string where_;
  TemplateSpec& spec_;
};

YAML::Node parse(const Source& source) {
  try {
    YAML::Node root = YAML::Load(source.text);
    LF_CHECK(kConfig, root.IsMap() || root.IsNull(), "{}: a template is a map of keys", source.where);
    return root;
  } catch (const YAML::Exception& error) {
    throw_error(ErrorKind::kConfig, "{}: {}", source.where, printable(error.what()));
  }
}

/// Members as written, base first; what nobody wrote stays empty.
void read_chain(std::string_view name, TemplateSpec& spec, int depth) {
  LF_CHECK(kConfig, depth < kMaxExtends, "template {}: more than {} levels of extends", printable(name), kMaxExtends);
  const Source source = find_source(name);
  const YAML::Node root = parse(source);
  if (root["extends"]) read_chain(root["extends"].as<std::string>(), spec, depth + 1);
  SpecReader(source.where, spec).read(root);
}

}  // namespace

Slots default_answer_slots(bool efficient_eos) {
  Slots slots = {{Slot::Kind::kText, std::string(kContentMark)}};
  if (!efficient_eos) slots.push_back({Slot::Kind::kEos, ""});
  return slots;
}

TemplateSpec load_template_spec(std::string_view name) {
  TemplateSpec spec;
  read_chain(name, spec, 0);
  spec.name = name;
  const Slots content = {{Slot::Kind::kText, std::string(kContentMark)}};
  if (spec.user.empty()) spec.user = content;
  if (spec.system.empty()) spec.system = content;
  if (spec.assistant.empty()) spec.assistant = default_answer_slots(spec.efficient_eos);
  if (spec.function.empty()) spec.function = spec.assistant;
  if (spec.observation.empty()) spec.observation = spec.user;
  LF_CHECK(kConfig, !spec.replace_eos || !spec.stop_words.empty(), "template {}: replace_eos needs stop_words", name);
  return spec;
}

std::vector<std::string> template_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : embedded_templates()) names.emplace_back(file.stem);
  std::error_code ignored;
  if (!user_folder().empty()) {
    for (const auto& file : std::filesystem::directory_iterator(user_folder(), ignored)) {
      if (file.path().extension() == ".yaml") names.push_back(file.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace lf
