#include "templates/chat_template.h"

#include "base/error.h"
#include "base/log.h"
#include "base/registry.h"
#include "base/strings.h"
#include "templates/jinja/text.h"
#include "templates/style.h"

namespace lf {
namespace {

constexpr const char* kName = "(the tokenizer's chat template)";

/// text[count:] in characters.
std::string without_start(const std::string& text, size_t count) {
  size_t at = 0;
  for (; count > 0 && at < text.size(); --count) at += code_point_at(text, at).bytes;
  return text.substr(at);
}

size_t length(const std::string& text) { return jinja::count_code_points(text); }

/// The characters of `longer` that `shorter` lacks, walking both in step.
std::string difference(const std::string& shorter, const std::string& longer) {
  std::string out;
  for (size_t i = 0, j = 0; i < shorter.size() && j < longer.size();) {
    const CodePoint point = code_point_at(longer, j);
    if (code_point_at(shorter, i).value == point.value)
      i += point.bytes;
    else
      out += longer.substr(j, point.bytes);
    j += point.bytes;
  }
  return out;
}

/// Renders conversations in which every text is the mark of a slot.
class SlotFinder {
 public:
  explicit SlotFinder(const Tokenizer& tokenizer)
      : tokenizer_(tokenizer), template_(JinjaTemplate::parse(tokenizer.chat_template())) {
    prefix_ = tokenizer.decode(tokenizer.encode("", true));
  }

  TemplateSpec find() const {
    const std::string mark(kContentMark);
    const std::string system = render({{"system", mark}}, false);
    const std::string user_after_empty_system = render({{"system", ""}, {"user", mark}}, true);
    std::string user = render({{"user", mark}}, true);
    std::string assistant = without_start(render({{"user", mark}, {"assistant", mark}}, false), length(user));

    TemplateSpec spec;
    spec.name = kName;
    spec.style = assistant.find("<think>") == std::string::npos ? "plain" : "reasoning";
    assistant = replace_all(replace_all(assistant, "<think>", ""), "</think>", "");
    assistant.erase(0, std::min(assistant.find_first_not_of('\n'), assistant.size()));
    if (length(user) > length(user_after_empty_system)) {
      spec.default_system = difference(user_after_empty_system, user);
      const Slot sole{Slot::Kind::kText, system};
      user = without_start(user, length(fill_slot(sole, spec.default_system)));
    }
    spec.system = slot("system", system);
    spec.user = spec.observation = slot("user", user);
    spec.assistant = spec.function = slot("assistant", assistant);
    if (!prefix_.empty()) spec.prefix = {{Slot::Kind::kText, prefix_}};
    return spec;
  }

 private:
  using Turns = std::vector<std::pair<std::string, std::string>>;

  std::string render(const Turns& turns, bool add_generation_prompt) const {
    ChatRequest request{.add_generation_prompt = add_generation_prompt};
    std::vector<std::string> roles;
    for (const auto& [role, content] : turns) {
      request.messages.push_back({{"role", role}, {"content", content}});
      roles.push_back(role);
    }
    try {
      return without_start(render_chat(template_, tokenizer_.special_tokens(), request).text, length(prefix_));
    } catch (const Error& error) {
      throw_error(ErrorKind::kConfig,
                  "`template` is not given, and the chat template of the tokenizer does not render {} messages: {}; "
                  "name a template",
                  join(roles, " and "), error.what());
    }
  }

  static Slots slot(const char* role, const std::string& text) {
    LF_CHECK(kConfig, text.find(kContentMark) != std::string::npos,
             "`template` is not given, and the chat template of the tokenizer shows no {} text: '{}'; name a template",
             role, printable(text));
    return {{Slot::Kind::kText, text}};
  }

  const Tokenizer& tokenizer_;
  JinjaTemplate template_;
  std::string prefix_;
};

}  // namespace

JinjaOutput render_chat(const JinjaTemplate& chat_template, const SpecialTokens& special, const ChatRequest& request,
                        const JinjaGlobals& globals) {
  Json context = {{"messages", request.messages},
                  {"tools", request.tools},
                  {"documents", request.documents},
                  {"add_generation_prompt", request.add_generation_prompt}};
  for (const auto& [key, value] : request.more.items()) {
    LF_CHECK(kConfig, !context.contains(key), "'{}' cannot be set as a variable of the chat template", printable(key));
  }
  for (const auto& [key, token] : {std::pair("bos_token", &special.bos), std::pair("eos_token", &special.eos),
                                   std::pair("unk_token", &special.unk), std::pair("pad_token", &special.pad)}) {
    if (!token->empty()) context[key] = *token;
  }
  for (const auto& [key, value] : request.more.items()) context[key] = value;
  return chat_template.render(context, globals);
}

std::unique_ptr<Template> template_of_tokenizer(const Tokenizer& tokenizer, const TemplateOptions& options) {
  LF_CHECK(kConfig, !tokenizer.chat_template().empty(), "the tokenizer has no chat template");
  TemplateSpec spec = SlotFinder(tokenizer).find();
  return require_entry(all_styles(), spec.style, "template style").make(std::move(spec), options);
}

std::unique_ptr<Template> choose_template(const std::optional<std::string>& name, const Tokenizer& tokenizer,
                                          const TemplateOptions& options) {
  if (name) return load_template(*name, options);
  if (tokenizer.chat_template().empty()) {
    log_warn("templates", "`template` was not specified, use `empty` template.");
    return load_template("empty", options);
  }
  log_warn("templates", "`template` was not specified, try parsing the chat template from the tokenizer.");
  return template_of_tokenizer(tokenizer, options);
}

}  // namespace lf
