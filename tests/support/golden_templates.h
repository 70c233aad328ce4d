// The reference's templates over its conversations (golden/data/templates.json).
#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "base/strings.h"
#include "support/shared.h"
#include "templates/template.h"

namespace lf::testing {

inline const Json& golden_templates() {
  static const Json data = read_json(shared_path("golden/data/templates.json"));
  return data;
}

/// None without the reference material.
inline std::vector<std::string> golden_template_names() {
  std::vector<std::string> names;
  if (!has_shared()) return names;
  for (const auto& [name, unused] : golden_templates()["templates"].items()) names.push_back(name);
  return names;
}

/// The options of a case, with its thinking mode.
inline TemplateOptions golden_options(const Json& row) {
  TemplateOptions options;
  options.today = golden_templates()["date"].get<std::string>();
  if (row.contains("enable_thinking")) {
    const Json& thinking = row["enable_thinking"];
    options.enable_thinking = thinking.is_null() ? std::nullopt : std::optional<bool>(thinking.get<bool>());
  }
  return options;
}

/// The case that holds the results of `row`, which may be those of another thinking mode.
inline const Json& golden_results(const Json& row, const Json& cases) {
  for (const Json& twin : cases) {
    if (row.contains("same_as_enable_thinking") && twin["conversation"] == row["conversation"] &&
        twin["enable_thinking"] == row["same_as_enable_thinking"])
      return twin;
  }
  return row;
}

/// Messages of a conversation, with the template's words for thoughts.
inline std::vector<Message> golden_messages(const Json& conversation, const Template& chat_template) {
  const auto& [open, close] = chat_template.thought_words();
  std::vector<Message> messages;
  for (const Json& message : conversation["messages"]) {
    const std::string role = message["role"];
    const Role kind = role == "user"        ? Role::kUser
                      : role == "assistant" ? Role::kAssistant
                      : role == "function"  ? Role::kFunction
                                            : Role::kObservation;
    messages.push_back({kind, replace_all(replace_all(message["content"], "@T0@", open), "@T1@", close)});
  }
  return messages;
}

}  // namespace lf::testing
