// Style `moss_vl`: without a system text, the tool text starts without its blank lines.
#include "templates/slot_template.h"
#include "templates/style.h"

namespace lf {
namespace {

class MossVlTemplate final : public SlotTemplate {
 public:
  using SlotTemplate::SlotTemplate;

 protected:
  std::string system_text(const std::string& system, const std::string& tool_text) const override {
    if (!system.empty()) return system + tool_text;
    const size_t start = tool_text.find_first_not_of('\n');
    return start == std::string::npos ? "" : tool_text.substr(start);
  }
};

std::unique_ptr<Template> make(TemplateSpec spec, const TemplateOptions& options) {
  return std::make_unique<MossVlTemplate>(std::move(spec), options);
}

}  // namespace

extern const StyleEntry entry_moss_vl_style;
const StyleEntry entry_moss_vl_style{"moss_vl", "no blank lines before the tool text", make};

}  // namespace lf
