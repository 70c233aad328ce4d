#include "data/format.h"

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

const Json* object_column(const Json& row, const DatasetAttr::Name& name) {
  const Json* value = find_column(row, name);
  return value && value->is_object() ? value : nullptr;
}

/// chosen / rejected of a ranking row: a message object of the assistant; nullopt when its role is another.
std::optional<Message> answer_message(const Json& message, const DatasetAttr& attr) {
  const std::string role = text_column(message, attr.role_tag);
  if (attr.function_tag == role) return Message{Role::kFunction, text_column(message, attr.content_tag)};
  if (attr.assistant_tag != role) return std::nullopt;
  return Message{Role::kAssistant, text_column(message, attr.content_tag)};
}

}  // namespace

const Json* find_column(const Json& row, const DatasetAttr::Name& name) {
  if (!name) return nullptr;
  const auto it = row.find(*name);
  return it == row.end() || it->is_null() ? nullptr : &*it;
}

std::string text_column(const Json& row, const DatasetAttr::Name& name) {
  const Json* value = find_column(row, name);
  if (!value) return "";
  LF_CHECK(kData, value->is_string(), "column '{}' must be text but is {} {}", printable(*name),
           value->is_array() || value->is_object() ? "an" : "a", value->type_name());
  return value->get<std::string>();
}

std::string tools_column(const Json& row, const DatasetAttr& attr) {
  const Json* value = find_column(row, attr.tools);
  if (!value) return "";
  return value->is_array() || value->is_object() ? python_json(*value) : text_column(row, attr.tools);
}

std::vector<std::string> used_columns(const DatasetAttr& attr, std::vector<DatasetAttr::Name> names) {
  if (attr.ranking) names.insert(names.end(), {attr.chosen, attr.rejected});
  std::vector<std::string> used;
  for (const DatasetAttr::Name& name : names) {
    if (name) used.push_back(*name);
  }
  return used;
}

MessageColumn message_column(const Json& row, const DatasetAttr& attr) {
  static const Json kNone = Json::array();
  const Json* found = find_column(row, attr.messages);
  LF_CHECK(kData, !found || found->is_array(), "column '{}' must be a list of messages but is {}",
           attr.messages.value_or(""), found->type_name());
  const Json& messages = found ? *found : kNone;
  const bool system_first = attr.system_tag && !messages.empty() && messages.front().is_object() &&
                            text_column(messages.front(), attr.role_tag) == *attr.system_tag;
  return {messages, system_first ? size_t{1} : 0,
          system_first ? text_column(messages.front(), attr.content_tag) : text_column(row, attr.system)};
}

void split_response(const Json& row, const DatasetAttr& attr, std::vector<Message> messages, Conversation& out) {
  const Json* tag = find_column(row, attr.kto_tag);
  const Json* chosen = object_column(row, attr.chosen);
  const Json* rejected = object_column(row, attr.rejected);
  const bool feedback = tag && tag->is_boolean();
  if (!feedback && attr.ranking && chosen && rejected) {
    auto good = answer_message(*chosen, attr), bad = answer_message(*rejected, attr);
    if (good && bad) {
      out.response = {std::move(*good), std::move(*bad)};
      out.prompt = std::move(messages);
    } else {
      out.problem =
          "Invalid role tag in [" + roles_of(Json::array({*chosen, *rejected}), attr) + "] (chosen, rejected)";
    }
    return;
  }
  if (!messages.empty()) {
    out.response = {std::move(messages.back())};
    messages.pop_back();
  }
  out.prompt = std::move(messages);
  if (feedback)
    out.response.insert(tag->get<bool>() ? out.response.end() : out.response.begin(), {Role::kAssistant, ""});
}

std::string roles_of(const Json& messages, const DatasetAttr& attr) {
  std::vector<std::string> roles;
  for (const Json& message : messages) {
    const Json* role = message.is_object() ? find_column(message, attr.role_tag) : nullptr;
    roles.push_back(role && role->is_string() ? printable(role->get<std::string>(), 30) : "(none)");
    if (roles.size() == 8) return join(roles, ", ") + ", ...";
  }
  return join(roles, ", ");
}

}  // namespace lf
