// See export_text.h. EOS and BOS are written as text, because a run may have replaced them.
#include "templates/export_text.h"

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

/// A formatter as pieces: literal text, or the place of the message.
struct Piece {
  bool content = false;
  std::string text;
};

std::vector<Piece> pieces_of(const TemplateSpec& spec, const Slots& slots, const Tokenizer& tokenizer) {
  std::vector<Piece> pieces;
  auto literal = [&](std::string text) {
    if (!text.empty()) pieces.push_back({false, std::move(text)});
  };
  for (const Slot& slot : slots) {
    LF_CHECK(kUnsupported, slot.kind != Slot::Kind::kToken,
             "template {} names single tokens, which chat template languages cannot express", spec.name);
    if (slot.kind == Slot::Kind::kBos)
      literal(tokenizer.special_tokens().bos);
    else if (slot.kind == Slot::Kind::kEos)
      literal(tokenizer.special_tokens().eos);
    else {
      const size_t mark = slot.text.find(kContentMark);
      literal(slot.text.substr(0, mark));
      if (mark == std::string::npos) continue;
      pieces.push_back({true, ""});
      literal(slot.text.substr(mark + kContentMark.size()));
    }
  }
  return pieces;
}

std::string jinja_quoted(const std::string& text) { return "'" + replace_all(text, "'", "\\'") + "'"; }

std::string jinja_sum(const TemplateSpec& spec, const Slots& slots, const Tokenizer& tokenizer, const char* content) {
  std::vector<std::string> items;
  for (const Piece& piece : pieces_of(spec, slots, tokenizer)) {
    items.push_back(piece.content ? content : jinja_quoted(piece.text));
  }
  return join(items, " + ");
}

std::string ollama_text(const TemplateSpec& spec, const Slots& slots, const Tokenizer& tokenizer, const char* content) {
  std::string text;
  for (const Piece& piece : pieces_of(spec, slots, tokenizer)) text += piece.content ? content : piece.text;
  return text;
}

}  // namespace

std::string jinja_text(const TemplateSpec& spec, const Tokenizer& tokenizer, bool system_in_user) {
  const std::string prefix = jinja_sum(spec, spec.prefix, tokenizer, "content");
  const std::string system = jinja_sum(spec, spec.system, tokenizer, "system_message");
  std::string text;
  if (!prefix.empty()) text += "{{ " + prefix + " }}";
  if (!spec.default_system.empty()) text += "{% set system_message = " + jinja_quoted(spec.default_system) + " %}";
  text +=
      "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
      "{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% endif %}";
  if (!system_in_user) text += "{% if system_message is defined %}{{ " + system + " }}{% endif %}";
  text += "{% for message in loop_messages %}";
  if (system_in_user) {
    text += "{% if loop.index0 == 0 and system_message is defined %}{% set content = " + system +
            " + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}";
  } else {
    text += "{% set content = message['content'] %}";
  }
  text += "{% if message['role'] == 'user' %}{{ " + jinja_sum(spec, spec.user, tokenizer, "content") + " }}";
  text +=
      "{% elif message['role'] == 'assistant' %}{{ " + jinja_sum(spec, spec.assistant, tokenizer, "content") + " }}";
  return text + "{% endif %}{% endfor %}";
}

std::string ollama_template_text(const TemplateSpec& spec, const Tokenizer& tokenizer) {
  return ollama_text(spec, spec.prefix, tokenizer, "{{ .Content }}") + "{{ if .System }}" +
         ollama_text(spec, spec.system, tokenizer, "{{ .System }}") +
         "{{ end }}{{ range .Messages }}{{ if eq .Role \"user\" }}" +
         ollama_text(spec, spec.user, tokenizer, "{{ .Content }}") + "{{ else if eq .Role \"assistant\" }}" +
         ollama_text(spec, spec.assistant, tokenizer, "{{ .Content }}") + "{{ end }}{{ end }}";
}

}  // namespace lf
