#include "templates/jinja/template.h"

#include "base/error.h"
#include "base/strings.h"
#include "templates/jinja/evaluator.h"
#include "templates/jinja/parser.h"
#include "tokenizer/unicode.h"

namespace lf {

struct JinjaTemplate::Parsed {
  std::string source;
  jinja::Tree tree;
};

std::tm local_now() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return local;
}

JinjaTemplate JinjaTemplate::parse(std::string_view source) {
  LF_CHECK(kConfig, is_valid_utf8(source), "chat template: not valid UTF-8");
  auto parsed = std::make_shared<Parsed>();
  parsed->source = jinja::normalized_source(source);
  parsed->tree = jinja::parse_template(parsed->source);
  return JinjaTemplate(std::move(parsed));
}

JinjaOutput JinjaTemplate::render(const Json& context, const JinjaGlobals& globals) const {
  LF_CHECK(kData, context.is_object(), "the variables of a chat template must be an object");
  const jinja::BudgetScope budget(globals.limits);
  const jinja::Value variables = jinja::Value::from_json(context);
  jinja::Evaluator evaluator(parsed_->tree, variables, globals.now);
  try {
    JinjaOutput output;
    output.text = evaluator.run();
    output.generations = evaluator.generations();
    return output;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInternal) throw;
    const std::vector<std::string> lines = split(parsed_->source, '\n');
    const size_t line = static_cast<size_t>(evaluator.line());
    throw Error(error.kind(), fmt::format("chat template, line {}: {} (near: {})", line, error.what(),
                                          line <= lines.size() ? printable(trim(lines[line - 1]), 80) : ""));
  }
}

}  // namespace lf
