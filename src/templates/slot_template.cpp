// See slot_template.h.
#include "templates/slot_template.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "base/registry.h"
#include "base/strings.h"
#include "templates/export_text.h"
#include "templates/function_content.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

/// A date as "07 Mar 2025", always in English.
std::string date_text() {
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return fmt::format("{:02d} {} {}", local.tm_mday, kMonths[local.tm_mon], local.tm_year + 1900);
}

/// EOS and stop words in the order of CPython's set of small integers, which upstream's Modelfile has: a table of eight
/// places, each id at its lowest three bits or, when taken, at the next place of the probe sequence.
std::vector<TokenId> stop_ids_as_upstream(const Template& tmpl, const Tokenizer& tokenizer) {
  constexpr size_t kPlaces = 8, kMost = 4;
  std::vector<TokenId> ids;
  if (const auto eos = tokenizer.eos_id()) ids.push_back(*eos);
  for (const std::string& word : tmpl.stop_words()) {
    const auto id = tokenizer.token_to_id(word);
    if (id && std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
  }
  if (ids.size() > kMost) return ids;
  std::array<std::optional<TokenId>, kPlaces> table;
  for (TokenId id : ids) {
    size_t perturb = static_cast<size_t>(id), place = perturb % kPlaces;
    while (table[place]) {
      perturb >>= 5;
      place = (place * 5 + 1 + perturb) % kPlaces;
    }
    table[place] = id;
  }
  ids.clear();
  for (const auto& id : table) {
    if (id) ids.push_back(*id);
  }
  return ids;
}

TemplateSpec with_options(TemplateSpec spec, const TemplateOptions& options) {
  if (options.default_system) spec.default_system = *options.default_system;
  if (options.tool_format) {
    spec.tool_format = *options.tool_format;
    spec.function = default_answer_slots(spec.efficient_eos);
    spec.tools.reset();
  }
  return spec;
}

}  // namespace

SlotTemplate::SlotTemplate(TemplateSpec spec, const TemplateOptions& options)
    : spec_(with_options(std::move(spec), options)),
      options_(options),
      format_(require_entry(all_tool_formats(), spec_.tool_format, "tool format")) {}

void SlotTemplate::fix_tokenizer(Tokenizer& tokenizer) const {
  const size_t size = tokenizer.size();
  std::vector<std::string> rest = spec_.stop_words;
  if (spec_.replace_eos) {
    if (tokenizer.special_tokens().eos != rest.front()) tokenizer.set_eos(rest.front());
    rest.erase(rest.begin());
  }
  if (tokenizer.special_tokens().eos.empty()) tokenizer.set_eos("<|endoftext|>");
  if (tokenizer.special_tokens().pad.empty()) tokenizer.set_pad(tokenizer.special_tokens().eos);
  if (!rest.empty()) tokenizer.add_special_tokens(rest);
  if (tokenizer.size() > size) {
    log_warn("templates", "New tokens have been added, make sure `resize_vocab` is True: {} of template {}",
             tokenizer.size() - size, name());
  }
  if (!tokenizer.chat_template().empty() && !spec_.replace_jinja_template) return;
  try {
    tokenizer.set_chat_template(jinja(tokenizer));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUnsupported) throw;
    log_info("templates", "Cannot add this chat template to tokenizer: {}", error.what());
  }
}

std::string SlotTemplate::tool_text(const std::string& tools) const {
  if (tools.empty()) return "";
  if (spec_.tools) return fill_slot(spec_.tools->front(), tools);
  const std::optional<Json> list = try_json(tools);
  LF_CHECK(kData, list.has_value(), "Invalid JSON format in tool description: {}", printable(tools));
  LF_CHECK(kData, list->is_array(), "the tool description must be a JSON list but is {}", printable(tools, 80));
  return list->empty() ? "" : format_.tool_text(*list, options_.today ? *options_.today : date_text());
}

std::string SlotTemplate::system_text(const std::string& system, const std::string& tool_text) const {
  return system + tool_text;
}

void SlotTemplate::append_message(Ids& ids, const Tokenizer& tokenizer, const Message& message) const {
  switch (message.role) {
    case Role::kUser:
      return append_slots(ids, tokenizer, spec_.user, message.content);
    case Role::kAssistant:
      return append_slots(ids, tokenizer, spec_.assistant, message.content);
    case Role::kObservation:
      return append_slots(ids, tokenizer, spec_.observation, message.content);
    case Role::kFunction: {
      const bool words = knows_call_words();
      const std::string text = function_content_text(message.content, format_, words ? &spec_.thought_words : nullptr,
                                                     words ? &spec_.tool_call_words : nullptr);
      return append_slots(ids, tokenizer, spec_.function, text);
    }
    case Role::kSystem:
      throw_error(ErrorKind::kData, "a system message must come as the system text, not among the turns");
  }
}

SlotTemplate::Ids SlotTemplate::first_message(const Tokenizer& tokenizer, const Message& message,
                                              const std::optional<std::string>& system_text) const {
  Ids ids;
  append_slots(ids, tokenizer, spec_.prefix, "");
  if (system_text) append_slots(ids, tokenizer, spec_.system, *system_text);
  append_message(ids, tokenizer, message);
  return ids;
}

std::vector<SlotTemplate::Ids> SlotTemplate::encode(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                                    const std::string& system, const std::string& tools) const {
  const std::string& used_system = system.empty() ? spec_.default_system : system;
  std::optional<std::string> text;  // an empty list of tools still makes a system part
  if (!used_system.empty() || !tools.empty()) text = system_text(used_system, tool_text(tools));
  std::vector<Ids> encoded;
  for (const Message& message : messages) {
    if (encoded.empty())
      encoded.push_back(first_message(tokenizer, message, text));
    else
      append_message(encoded.emplace_back(), tokenizer, message);
  }
  return encoded;
}

EncodedTurn SlotTemplate::encode_oneturn(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                         const std::string& system, const std::string& tools) const {
  LF_CHECK(kData, !messages.empty(), "a conversation needs at least one message");
  std::vector<Ids> encoded = encode(tokenizer, messages, system, tools);
  EncodedTurn turn;
  turn.response = std::move(encoded.back());
  encoded.pop_back();
  for (const Ids& ids : encoded) turn.prompt.insert(turn.prompt.end(), ids.begin(), ids.end());
  return turn;
}

std::vector<EncodedTurn> SlotTemplate::encode_multiturn(const Tokenizer& tokenizer,
                                                        const std::vector<Message>& messages, const std::string& system,
                                                        const std::string& tools, bool) const {
  LF_CHECK(kData, messages.size() % 2 == 0, "a conversation must be pairs of messages but has {}", messages.size());
  std::vector<Ids> encoded = encode(tokenizer, messages, system, tools);
  std::vector<EncodedTurn> turns;
  for (size_t i = 0; i < encoded.size(); i += 2) turns.push_back({std::move(encoded[i]), std::move(encoded[i + 1])});
  return turns;
}

std::vector<TokenId> SlotTemplate::prefix_ids(const Tokenizer& tokenizer) const {
  Ids ids;
  append_slots(ids, tokenizer, spec_.prefix, "");
  return ids;
}

std::vector<TokenId> SlotTemplate::stop_token_ids(const Tokenizer& tokenizer) const {
  std::set<TokenId> ids;
  if (const auto eos = tokenizer.eos_id()) ids.insert(*eos);
  for (const std::string& word : spec_.stop_words) {
    if (const auto id = tokenizer.token_to_id(word)) ids.insert(*id);
  }
  return {ids.begin(), ids.end()};
}

std::string SlotTemplate::jinja(const Tokenizer& tokenizer) const {
  return jinja_text(spec_, tokenizer, system_in_user());
}

std::string SlotTemplate::ollama_modelfile(const Tokenizer& tokenizer) const {
  std::string text = "# ollama modelfile auto-generated by llamafactory\n\nFROM .\n\n";
  text += "TEMPLATE \"\"\"" + ollama_template_text(spec_, tokenizer) + "\"\"\"\n\n";
  if (!spec_.default_system.empty()) text += "SYSTEM \"\"\"" + spec_.default_system + "\"\"\"\n\n";
  for (TokenId id : stop_ids_as_upstream(*this, tokenizer))
    text += "PARAMETER stop \"" + tokenizer.id_to_token(id).value_or("") + "\"\n";
  return text + "PARAMETER num_ctx 4096\n";
}

}  // namespace lf
