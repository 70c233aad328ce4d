// OpenAI messages: as ShareGPT, with tool_calls, several tool messages in a row, and upstream's changes of the system
// text (Q6).
#include "base/error.h"
#include "base/strings.h"
#include "data/format.h"

namespace lf {
namespace {

struct Aligned {
  std::vector<Message> messages;
  std::vector<std::string> tool_answers;  // waiting to become one observation

  void flush() {
    if (tool_answers.empty()) return;
    messages.push_back({Role::kObservation, join(tool_answers, "\n</tool_response>\n<tool_response>\n")});
    tool_answers.clear();
  }
};

/// The calls of a message as a JSON list of their `function` objects, or "".
std::string tool_calls(const Json& message) {
  const auto calls = message.find("tool_calls");
  if (calls == message.end() || !calls->is_array() || calls->empty()) return "";
  Json list = Json::array();
  for (const Json& call : *calls) {
    const bool named = call.is_object() && call.contains("function");
    LF_CHECK(kData, named, "each of tool_calls must be an object with a 'function'");
    list.push_back(call["function"]);
  }
  return python_json(list);
}

std::optional<Role> role_of(const std::string& tag, const DatasetAttr& attr) {
  if (attr.system_tag == tag) return Role::kSystem;
  if (attr.function_tag == tag) return Role::kFunction;
  if (attr.assistant_tag == tag) return Role::kAssistant;
  if (attr.user_tag == tag) return Role::kUser;
  return std::nullopt;
}

/// Appends one message; false when its role is unknown.
bool append(const Json& message, const DatasetAttr& attr, Aligned& aligned) {
  LF_CHECK(kData, message.is_object(), "column '{}' must be a list of objects", *attr.messages);
  const std::string tag = text_column(message, attr.role_tag);
  std::string content = text_column(message, attr.content_tag);
  if (attr.observation_tag == tag) {
    aligned.tool_answers.push_back(std::move(content));
    return true;
  }
  std::optional<Role> role = role_of(tag, attr);
  if (role == Role::kAssistant || role == Role::kFunction) {
    std::string calls = tool_calls(message);
    if (!calls.empty()) {
      content = std::move(calls);
      role = Role::kFunction;
    }
  }
  aligned.flush();
  if (role) aligned.messages.push_back({*role, std::move(content)});
  return role.has_value();
}

std::string check(const Aligned& aligned, const DatasetAttr& attr) {
  for (size_t i = 0; i < aligned.messages.size(); ++i) {
    const Role role = aligned.messages[i].role;
    const bool question = role == Role::kUser || role == Role::kObservation;
    if (role == Role::kSystem || question != (i % 2 == 0)) return "Invalid role tag";
  }
  return (aligned.messages.size() % 2 == 0) == attr.ranking ? "Invalid message count" : "";
}

std::string system_text(std::string system, const std::string& tools) {
  constexpr std::string_view kOff = "detailed thinking off";
  if (system.empty()) return tools.empty() ? std::string(kOff) : "";
  if (!tools.empty()) return system + "\n";
  const bool said = system.find("detailed thinking on") != std::string::npos || system.find(kOff) != std::string::npos;
  return said ? system : system + "\n" + std::string(kOff);
}

Conversation convert(const Json& row, const DatasetAttr& attr) {
  Conversation out;
  read_media(row, attr, out);
  MessageColumn column = message_column(row, attr);
  const Json& messages = column.messages;
  out.system = std::move(column.system);
  Aligned aligned;
  for (size_t i = column.first; i < messages.size() && out.problem.empty(); ++i) {
    if (!append(messages[i], attr, aligned)) out.problem = "Invalid role tag";
  }
  if (out.problem.empty()) out.problem = check(aligned, attr);
  if (!aligned.tool_answers.empty()) out.note = "tool messages at the end are left out";
  if (!out.problem.empty())
    out.problem += " in [" + roles_of(messages, attr) + "]";
  else
    split_response(row, attr, std::move(aligned.messages), out);
  out.tools = tools_column(row, attr);
  out.system = system_text(std::move(out.system), out.tools);
  return out;
}

std::vector<std::string> required_columns(const DatasetAttr& attr) {
  return attr.messages ? std::vector{*attr.messages} : std::vector<std::string>{};
}

}  // namespace

extern const FormatEntry entry_openai;
constinit const FormatEntry entry_openai{"openai", convert, required_columns};

}  // namespace lf
