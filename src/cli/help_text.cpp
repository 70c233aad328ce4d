#include "cli/help_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/strings.h"
#include "cli/command.h"
#include "config/fields.h"
#include "config/known_keys.h"
#include "config/topics.h"

namespace lf {
namespace {

constexpr size_t kFlagColumn = 40;

std::string choices_of(const Field& info) {
  std::vector<std::string> words(info.choices.begin(), info.choices.end());
  return join(words, ", ");
}

std::string facts_of(const FieldRef& field) {
  const std::string value = field_text(field);
  std::string facts = "default: " + (value == "\"\"" || value == "[]" ? "none" : value);
  if (!field.info.choices.empty()) facts += "; one of " + choices_of(field.info);
  return facts;
}

/// `text` in lines of at most `width` columns, each after the first indented by `indent`.
std::string wrapped(const std::string& text, size_t indent, size_t width) {
  std::string out;
  size_t column = indent;
  for (const std::string& word : split(text, ' ')) {
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string option_help(const FieldRef& field, size_t width) {
  std::string flag = fmt::format("  --{} <{}>", field.info.key, type_name(field.target));
  flag = replace_all(replace_all(std::move(flag), " or null", ""), "true/false", "bool");
  flag +=
      flag.size() < kFlagColumn ? std::string(kFlagColumn - flag.size(), ' ') : "\n" + std::string(kFlagColumn, ' ');
  return flag + wrapped(fmt::format("{} ({})", field.info.help, facts_of(field)), kFlagColumn, width) + "\n";
}

std::string_view rule_name(KeyRule rule) {
  switch (rule) {
    case KeyRule::kOption:
      return "option";
    case KeyRule::kAccepted:
      return "accepted";
    case KeyRule::kRefused:
      return "refused";
    case KeyRule::kNoMeaning:
      return "no_meaning";
    case KeyRule::kAlias:
      return "alias";
    case KeyRule::kDerived:
      return "derived";
    case KeyRule::kOtherCommand:
      return "other_command";
  }
  return "option";
}

std::string rule_sentence(const KnownKey& key) {
  switch (key.rule) {
    case KeyRule::kOption:
      return "";
    case KeyRule::kAccepted:
      return fmt::format("accepted, changes nothing here: {}", key.note);
    case KeyRule::kRefused:
      return fmt::format("not available yet; {}", key.note);
    case KeyRule::kNoMeaning:
      return "has no meaning here; only its default passes";
    case KeyRule::kAlias:
      return fmt::format("an older name of {}", key.note);
    case KeyRule::kDerived:
      return fmt::format("computed, cannot be set; {}", key.note);
    case KeyRule::kOtherCommand:
      return std::string(key.note);
  }
  return "";
}

const FieldRef* field_of(std::string_view key) { return find_field(default_fields(ConfigKind::kTrain), key); }

}  // namespace

std::string usage_banner() {
  const std::string rule(70, '-');
  std::string text = rule + "\n";
  const auto line = [&](const std::string& content) { text += fmt::format("| {:<66} |\n", content); };
  line("Usage:");
  for (const CommandEntry* command : all_commands()) {
    const bool options = command->name == "train" || command->name == "chat" || command->name == "export";
    line(fmt::format("  llamafactory-cli {}{}: {}", command->name, options ? " -h" : "", command->help));
  }
  line("Hint: You can use `lmf` as a shortcut for `llamafactory-cli`.");
  return text + rule + "\n";
}

std::string options_help(std::string_view usage, ConfigKind kind, int width) {
  const size_t columns = static_cast<size_t>(std::clamp(width, 80, 140));
  std::string text = fmt::format("usage: llamafactory-cli {}\n", usage);
  const std::string_view command = usage.substr(0, usage.find(' '));
  text += fmt::format("       llamafactory-cli {} --key value ...\n", command);
  text += fmt::format("       llamafactory-cli {} --help KEY\n\n", command);
  text += wrapped(
      "CONFIG is a .yaml, .yml or .json file with LLaMA-Factory's keys. Later arguments win over earlier ones, and all "
      "of them over the file.",
      0, columns);
  text += "\n";
  for (const Topic& topic : by_topic(default_fields(kind))) {
    text += fmt::format("\n{}\n", topic.name);
    for (const FieldRef& field : topic.fields) text += option_help(field, columns);
  }
  text += "\n";
  text += wrapped(
      "LLaMA-Factory's other keys are known too: they pass at their defaults and are refused by name "
      "otherwise. `llamafactory-cli config schema` lists all of them.",
      0, columns);
  return text + "\n";
}

std::string key_help(std::string_view key, ConfigKind kind) {
  const KnownKey* known = find_known_key(key);
  if (!known) return "";
  const FieldRef* field = find_field(default_fields(kind), key);
  if (!field) field = field_of(key);
  std::string text = fmt::format("{}\n", key);
  if (field) {
    const std::string example = field_text(*field);
    text += fmt::format("  {}\n  type: {}\n  {}\n", field->info.help, type_name(field->target), facts_of(*field));
    text += fmt::format("  YAML: {}: {}\n  command line: {}=VALUE or --{} VALUE\n", key, example, key, key);
  } else {
    text += fmt::format("  type: {}\n  default: {}\n  {}\n", known->type, known->default_value, rule_sentence(*known));
  }
  if (!takes(kind, *known)) text += "  not a key of this command\n";
  return text;
}

std::string schema_json() {
  Json all = Json::array();
  for (const KnownKey* key : all_known_keys()) {
    Json row = {
        {"name", key->name}, {"type", key->type}, {"default", key->default_value}, {"status", rule_name(key->rule)}};
    row["choices"] = key->choice_list();
    const FieldRef* field = key->rule == KeyRule::kOption ? field_of(key->name) : nullptr;
    if (field) {
      row["topic"] = field->info.topic;
      row["help"] = field->info.help;
      row["available"] = std::vector<std::string>(field->info.choices.begin(), field->info.choices.end());
    } else {
      row["note"] = key->note;
    }
    row["train"] = takes(ConfigKind::kTrain, *key);
    row["infer"] = takes(ConfigKind::kInfer, *key);
    all.push_back(std::move(row));
  }
  return python_json(all, 1) + "\n";
}

std::string schema_markdown() {
  std::string text;
  for (KeyRule rule :
       {KeyRule::kRefused, KeyRule::kNoMeaning, KeyRule::kAccepted, KeyRule::kAlias, KeyRule::kDerived}) {
    std::vector<std::pair<std::string, std::string>> rows;  // note -> keys, in the order of the table
    for (const KnownKey* key : all_known_keys()) {
      if (key->rule != rule) continue;
      auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.first == key->note; });
      if (row == rows.end())
        rows.emplace_back(std::string(key->note), fmt::format("`{}`", key->name));
      else
        row->second += fmt::format(" `{}`", key->name);
    }
    text +=
        fmt::format("\n| {} | keys |\n|---|---|\n",
                    rule == KeyRule::kAlias ? "older name of" : replace_all(std::string(rule_name(rule)), "_", " "));
    for (const auto& [note, keys] : rows) text += fmt::format("| {} | {} |\n", note, keys);
  }
  return text.substr(1);
}

}  // namespace lf
