#include "stages/run_tokenizer.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/yaml.h"
#include "templates/chat_template.h"

namespace lf {
namespace {

using Descriptions = std::vector<std::pair<std::string, std::string>>;

Descriptions read_descriptions(const std::string& path) {
  const YamlNode root = read_yaml(path);
  LF_CHECK(kFormat, root.is_mapping() && !root.keys.empty(),
           "{}: new_special_tokens_config needs a mapping of tokens to descriptions", path);
  Descriptions out;
  for (size_t i = 0; i < root.keys.size(); ++i) {
    LF_CHECK(kFormat, !root.keys[i].name.empty() && root.items[i].is_scalar(), "{}:{}: needed \"token: description\"",
             path, root.keys[i].at.line);
    out.emplace_back(root.keys[i].name, root.items[i].text);
  }
  return out;
}

std::vector<std::string> special_tokens(const ModelOptions& options, const Descriptions& descriptions) {
  if (!options.new_special_tokens_config) return options.add_special_tokens;
  if (!options.add_special_tokens.empty())
    log_warn("tokenizer", "add_special_tokens is ignored: new_special_tokens_config is given");
  std::vector<std::string> tokens;
  for (const auto& [token, text] : descriptions) tokens.push_back(token);
  return tokens;
}

/// Adds `tokens` and notes which of them are new.
void add(Tokenizer& tokenizer, const std::vector<std::string>& tokens, bool special, VocabularyPlan& plan) {
  if (tokens.empty()) return;
  size_t added = 0;
  for (const std::string& token : tokens) {
    const auto& known = plan.new_tokens;
    if (tokenizer.token_to_id(token) || std::find(known.begin(), known.end(), token) != known.end()) continue;
    plan.new_tokens.push_back(token);
    ++added;
  }
  special ? tokenizer.add_special_tokens(tokens) : tokenizer.add_tokens(tokens);
  log_info("tokenizer", "Add {}tokens {} to tokenizer's vocabulary.", special ? "special " : "", join(tokens, ","));
  if (added == 0 || plan.resize) return;
  plan.resize = true;
  log_warn("tokenizer", "New {}tokens have been added, changed `resize_vocab` to True.", special ? "special " : "");
}

}  // namespace

RunTokenizer load_run_tokenizer(const RunConfig& config) {
  const ModelOptions& options = config.model;
  RunTokenizer run;
  run.tokenizer = load_tokenizer(options.folder(), {.reading = tokenizer_reading(options.tokenizer_reading)});
  if (options.split_special_tokens) run.tokenizer->set_split_special_tokens(true);
  VocabularyPlan& plan = run.vocabulary;
  plan.resize = options.resize_vocab;
  if (options.new_special_tokens_config) plan.descriptions = read_descriptions(*options.new_special_tokens_config);
  const std::vector<std::string> special = special_tokens(options, plan.descriptions);
  add(*run.tokenizer, options.add_tokens, false, plan);
  add(*run.tokenizer, special, true, plan);
  run.chat_template = choose_template(config.data.template_name, *run.tokenizer,
                                      {.tool_format = config.data.tool_format,
                                       .default_system = config.data.default_system,
                                       .enable_thinking = config.data.enable_thinking,
                                       .preserve_thinking = config.data.preserve_thinking});
  run.chat_template->fix_tokenizer(*run.tokenizer);
  return run;
}

}  // namespace lf
