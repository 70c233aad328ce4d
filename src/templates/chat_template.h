// The tokenizer's own chat template (Jinja), applied as transformers' apply_chat_template does, or taken apart into
// slots when a run names no template.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "templates/jinja/template.h"
#include "templates/template.h"

namespace lf {

struct ChatRequest {
  Json messages = Json::array();  // [{"role": ..., "content": ...}, ...]; content may be a list of parts
  Json tools;                     // list of JSON schemas, or null
  Json documents;                 // list, or null
  bool add_generation_prompt = false;
  Json more = Json::object();  // further variables of the template, such as enable_thinking
};

/// Text of a conversation, and the character ranges of its {% generation %} blocks. bos_token, eos_token, unk_token and
/// pad_token are variables when the tokenizer has them. kConfig for a variable in `more` that is one of the above;
/// otherwise the errors of JinjaTemplate::render.
JinjaOutput render_chat(const JinjaTemplate& chat_template, const SpecialTokens& special, const ChatRequest& request,
                        const JinjaGlobals& globals = {.now = local_now()});

/// The slots that the tokenizer's chat template amounts to, as LLaMA-Factory finds them: it is rendered with a system
/// text alone, with an empty system text and a user text, with a user text, and with an answer; what differs are the
/// slots. kConfig when there is no chat template, when it cannot render these, or when a text does not show up in them.
std::unique_ptr<Template> template_of_tokenizer(const Tokenizer& tokenizer, const TemplateOptions& options = {});

/// The template that a run uses: the one called `name`; without a name that of the tokenizer's chat template, and
/// `empty` for tokenizers without one. Logs which of them.
std::unique_ptr<Template> choose_template(const std::optional<std::string>& name, const Tokenizer& tokenizer,
                                          const TemplateOptions& options = {});

}  // namespace lf
