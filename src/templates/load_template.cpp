// From a name to a template.
#include "base/registry.h"
#include "templates/style.h"

namespace lf {

const char* role_name(Role role) {
  switch (role) {
    case Role::kUser:
      return "user";
    case Role::kAssistant:
      return "assistant";
    case Role::kSystem:
      return "system";
    case Role::kFunction:
      return "function";
    case Role::kObservation:
      return "observation";
  }
  return "?";
}

std::unique_ptr<Template> load_template(std::string_view name, const TemplateOptions& options) {
  TemplateSpec spec = load_template_spec(name);
  return require_entry(all_styles(), spec.style, "template style").make(std::move(spec), options);
}

}  // namespace lf
