// What a template file says (resources/templates/NAME.yaml).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "templates/slots.h"

namespace lf {

struct TemplateSpec {
  std::string name;
  std::string style = "plain";
  Slots user, assistant, system, function, observation, prefix;
  std::optional<Slots> tools;  // replaces the tool text of the tool format; the tools' JSON is its content
  std::string tool_format = "default";
  std::string default_system;
  std::vector<std::string> stop_words;
  std::pair<std::string, std::string> thought_words = {"<think>\n", "\n</think>\n\n"};
  std::pair<std::string, std::string> tool_call_words = {"<tool_call>", "</tool_call>"};
  bool efficient_eos = false;
  bool replace_eos = false;
  bool replace_jinja_template = false;
};

/// The content followed by EOS, or alone when the template ends turns without it.
Slots default_answer_slots(bool efficient_eos);

/// Reads one template, following `extends`. The folder LF_TEMPLATES_DIR comes before the built-in ones.
/// kConfig: unknown name (with the nearest ones), or a file that breaks the rules (with its name and line).
TemplateSpec load_template_spec(std::string_view name);

}  // namespace lf
