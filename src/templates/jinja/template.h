// Jinja templates: jinja2 3.1 with the settings of transformers (trim_blocks, lstrip_blocks, loop controls, the
// generation tag, tojson without HTML escapes, immutable sandbox). See docs/TEMPLATES.md for what is left out.
#pragma once
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "templates/jinja/budget.h"

namespace lf {

struct JinjaGlobals {
  std::tm now{};         // what strftime_now() shows
  jinja::Limits limits;  // steps, output, depth of one render
};

/// The time of this machine, as transformers uses it.
std::tm local_now();

struct JinjaOutput {
  std::string text;
  /// [begin, end) in characters (code points): what stood in {% generation %} blocks, as transformers counts it.
  std::vector<std::pair<size_t, size_t>> generations;
};

/// A parsed template. Const use is thread-safe.
class JinjaTemplate {
 public:
  /// kConfig with line and excerpt: not a template, or a tag that chat templates cannot have (include, import, extends,
  /// block, autoescape).
  static JinjaTemplate parse(std::string_view source);

  /// `context` is an object: the variables by name, in order. kData with line and excerpt: what Python raises (types,
  /// undefined values, raise_exception), and any exhausted limit.
  JinjaOutput render(const Json& context, const JinjaGlobals& globals) const;

 private:
  struct Parsed;
  explicit JinjaTemplate(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
  std::shared_ptr<const Parsed> parsed_;
};

}  // namespace lf
