// Behaviours that a slot table cannot express; `style:` in a template names one. One file in styles/ = one entry.
#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "templates/template.h"
#include "templates/template_spec.h"

namespace lf {

struct StyleEntry {
  std::string_view name;
  std::string_view help;
  std::unique_ptr<Template> (*make)(TemplateSpec spec, const TemplateOptions& options);
};

std::span<const StyleEntry* const> all_styles();

}  // namespace lf
