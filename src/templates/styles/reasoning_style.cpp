// Style `reasoning`: models that think before they answer.
#include "templates/reasoning_template.h"
#include "templates/style.h"

namespace lf {
namespace {

std::unique_ptr<Template> make(TemplateSpec spec, const TemplateOptions& options) {
  return std::make_unique<ReasoningTemplate>(std::move(spec), options);
}

}  // namespace

extern const StyleEntry entry_reasoning_style;
const StyleEntry entry_reasoning_style{"reasoning", "thoughts between thought words", make};

}  // namespace lf
