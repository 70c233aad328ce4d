// Style `plain`: slots and nothing else.
#include "templates/slot_template.h"
#include "templates/style.h"

namespace lf {
namespace {

std::unique_ptr<Template> make(TemplateSpec spec, const TemplateOptions& options) {
  return std::make_unique<SlotTemplate>(std::move(spec), options);
}

}  // namespace

extern const StyleEntry entry_plain_style;
const StyleEntry entry_plain_style{"plain", "slots and nothing else", make};

}  // namespace lf
