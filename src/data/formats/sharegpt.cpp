// ShareGPT: a list of messages, each with a role and a content tag; user/observation and assistant/function in turn.
#include "base/error.h"
#include "data/format.h"

namespace lf {
namespace {

/// Role of a tag; where two tags are spelt alike the later one counts, as in upstream's table.
std::optional<Role> role_of(const std::string& tag, const DatasetAttr& attr) {
  if (attr.system_tag == tag) return Role::kSystem;
  if (attr.function_tag == tag) return Role::kFunction;
  if (attr.observation_tag == tag) return Role::kObservation;
  if (attr.assistant_tag == tag) return Role::kAssistant;
  if (attr.user_tag == tag) return Role::kUser;
  return std::nullopt;
}

bool fits_place(const std::string& tag, size_t place, const DatasetAttr& attr) {
  return place % 2 == 0 ? attr.user_tag == tag || attr.observation_tag == tag
                        : attr.assistant_tag == tag || attr.function_tag == tag;
}

/// Fills `aligned`; returns what is wrong, or "".
std::string align(const Json& messages, size_t first, const DatasetAttr& attr, std::vector<Message>& aligned) {
  for (size_t i = first; i < messages.size(); ++i) {
    LF_CHECK(kData, messages[i].is_object(), "column '{}' must be a list of objects", *attr.messages);
    const std::string tag = text_column(messages[i], attr.role_tag);
    if (!fits_place(tag, i - first, attr)) return "Invalid role tag in [" + roles_of(messages, attr) + "]";
    const Json* content = find_column(messages[i], attr.content_tag);
    if (!content) return "a message has no content";
    aligned.push_back({*role_of(tag, attr), text_column(messages[i], attr.content_tag)});
  }
  if ((aligned.size() % 2 == 0) == attr.ranking) return "Invalid message count in [" + roles_of(messages, attr) + "]";
  return "";
}

Conversation convert(const Json& row, const DatasetAttr& attr) {
  Conversation out;
  read_media(row, attr, out);
  out.tools = tools_column(row, attr);
  MessageColumn column = message_column(row, attr);
  out.system = std::move(column.system);
  std::vector<Message> aligned;
  out.problem = align(column.messages, column.first, attr, aligned);
  if (out.problem.empty()) split_response(row, attr, std::move(aligned), out);
  return out;
}

std::vector<std::string> required_columns(const DatasetAttr& attr) {
  return used_columns(attr, {attr.messages, attr.system, attr.tools, attr.kto_tag});
}

}  // namespace

extern const FormatEntry entry_sharegpt;
constinit const FormatEntry entry_sharegpt{"sharegpt", convert, required_columns};

}  // namespace lf
