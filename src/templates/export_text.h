// Templates in the languages of others: Jinja (saved tokenizers) and Ollama.
#pragma once
#include <string>

#include "templates/template_spec.h"

namespace lf {

/// The chat template that upstream exports. `system_in_user` puts the system text before the first user text.
/// kUnsupported for templates with token slots.
std::string jinja_text(const TemplateSpec& spec, const Tokenizer& tokenizer, bool system_in_user);

/// The TEMPLATE of an Ollama Modelfile. kUnsupported for templates with token slots.
std::string ollama_template_text(const TemplateSpec& spec, const Tokenizer& tokenizer);

}  // namespace lf
