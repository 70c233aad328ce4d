// Style `glm47`: reasoning whose empty thought is only the closing word.
#include "templates/reasoning_template.h"
#include "templates/style.h"

namespace lf {
namespace {

class Glm47Template final : public ReasoningTemplate {
 public:
  using ReasoningTemplate::ReasoningTemplate;

 protected:
  std::string empty_thought() const override { return spec().thought_words.second; }
};

std::unique_ptr<Template> make(TemplateSpec spec, const TemplateOptions& options) {
  return std::make_unique<Glm47Template>(std::move(spec), options);
}

}  // namespace

extern const StyleEntry entry_glm47_style;
const StyleEntry entry_glm47_style{"glm47", "reasoning, empty thought = closing word", make};

}  // namespace lf
