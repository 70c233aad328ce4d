// Alpaca: instruction, input, output; optional history, system, tools; kto_tag and chosen/rejected for other stages.
#include "base/error.h"
#include "data/format.h"

namespace lf {
namespace {

void append_history(const Json& row, const DatasetAttr& attr, std::vector<Message>& prompt) {
  const Json* history = find_column(row, attr.history);
  if (!history || !history->is_array()) return;
  for (const Json& turn : *history) {
    LF_CHECK(kData, turn.is_array() && turn.size() == 2 && turn[0].is_string() && turn[1].is_string(),
             "column '{}' must hold pairs of texts [question, answer]", *attr.history);
    prompt.push_back({Role::kUser, turn[0].get<std::string>()});
    prompt.push_back({Role::kAssistant, turn[1].get<std::string>()});
  }
}

std::string question(const Json& row, const DatasetAttr& attr) {
  std::string prompt = text_column(row, attr.prompt);
  const std::string query = text_column(row, attr.query);
  if (!prompt.empty() && !query.empty()) prompt += '\n';
  return prompt + query;
}

const Json* string_column(const Json& row, const DatasetAttr::Name& name) {
  const Json* value = find_column(row, name);
  return value && value->is_string() ? value : nullptr;
}

std::vector<Message> answers(const Json& row, const DatasetAttr& attr) {
  const auto answer = [](std::string text) { return Message{Role::kAssistant, std::move(text)}; };
  const Json* tag = find_column(row, attr.kto_tag);
  if (tag && tag->is_boolean()) {
    const std::string text = text_column(row, attr.response);
    return tag->get<bool>() ? std::vector{answer(text), answer("")} : std::vector{answer(""), answer(text)};
  }
  const Json* chosen = string_column(row, attr.chosen);
  const Json* rejected = string_column(row, attr.rejected);
  if (attr.ranking && chosen && rejected)
    return {answer(chosen->get<std::string>()), answer(rejected->get<std::string>())};
  if (const Json* response = string_column(row, attr.response)) return {answer(response->get<std::string>())};
  return {};
}

Conversation convert(const Json& row, const DatasetAttr& attr) {
  Conversation out;
  read_media(row, attr, out);
  append_history(row, attr, out.prompt);
  out.prompt.push_back({Role::kUser, question(row, attr)});
  out.response = answers(row, attr);
  out.system = text_column(row, attr.system);
  out.tools = tools_column(row, attr);
  return out;
}

std::vector<std::string> required_columns(const DatasetAttr& attr) {
  return used_columns(attr,
                      {attr.prompt, attr.query, attr.response, attr.history, attr.system, attr.tools, attr.kto_tag});
}

}  // namespace

extern const FormatEntry entry_alpaca;
constinit const FormatEntry entry_alpaca{"alpaca", convert, required_columns};

}  // namespace lf
