#include "stages/run_tokenizer.h"

#include <filesystem>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/yaml.h"
#include "templates/chat_template.h"

namespace lf {
namespace {

/// The keys of the file; what they map to are descriptions for init_special_tokens.
std::vector<std::string> read_special_tokens(const std::string& path) {
  const YamlNode root = read_yaml(path);
  LF_CHECK(kFormat, root.is_mapping() && !root.keys.empty(),
           "{}: new_special_tokens_config needs a mapping of tokens to descriptions", path);
  std::vector<std::string> tokens;
  for (size_t i = 0; i < root.keys.size(); ++i) {
    LF_CHECK(kFormat, !root.keys[i].name.empty() && root.items[i].is_scalar(), "{}:{}: needed \"token: description\"",
             path, root.keys[i].at.line);
    tokens.push_back(root.keys[i].name);
  }
  return tokens;
}

std::vector<std::string> new_special_tokens(const ModelOptions& options) {
  if (!options.new_special_tokens_config) return options.add_special_tokens;
  if (!options.add_special_tokens.empty())
    log_warn("tokenizer", "add_special_tokens is ignored: new_special_tokens_config is given");
  return read_special_tokens(*options.new_special_tokens_config);
}

/// Rows of the embedding as config.json tells; nullopt when it does not.
std::optional<int64_t> embedding_rows(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "config.json";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  const Json config = read_json(path);
  const bool known = config.is_object() && config.contains("vocab_size") && config["vocab_size"].is_number_integer();
  return known ? std::optional(config["vocab_size"].get<int64_t>()) : std::nullopt;
}

void check_fit(const Tokenizer& tokenizer, const std::vector<std::string>& tokens, std::string_view key,
               std::optional<int64_t> rows) {
  for (const std::string& token : tokens) {
    const auto id = tokenizer.token_to_id(token);
    LF_CHECK(
        kConfig, !id || !rows || *id < *rows,
        "{}: '{}' gets the id {}, but the model's embedding has {} rows. Growing it (resize_vocab) is not available "
        "yet: give fewer new tokens, or use a model folder that was saved with them",
        key, printable(token, 60), *id, *rows);
  }
}

void announce(const std::vector<std::string>& tokens, const char* kind) {
  if (!tokens.empty()) log_info("tokenizer", "Add {} {} to tokenizer's vocabulary.", kind, join(tokens, ","));
}

std::unique_ptr<Tokenizer> tokenizer_of(const ModelOptions& options) {
  auto tokenizer = load_tokenizer(options.folder(), {.reading = tokenizer_reading(options.tokenizer_reading)});
  if (options.split_special_tokens) tokenizer->set_split_special_tokens(true);
  const std::vector<std::string> special = new_special_tokens(options);
  if (options.add_tokens.empty() && special.empty()) return tokenizer;
  const auto rows = embedding_rows(options.folder());
  tokenizer->add_tokens(options.add_tokens);
  announce(options.add_tokens, "tokens");
  check_fit(*tokenizer, options.add_tokens, "add_tokens", rows);
  tokenizer->add_special_tokens(special);
  announce(special, "special tokens");
  check_fit(*tokenizer, special, options.new_special_tokens_config ? "new_special_tokens_config" : "add_special_tokens",
            rows);
  return tokenizer;
}

}  // namespace

RunTokenizer load_run_tokenizer(const RunConfig& config) {
  RunTokenizer run{.tokenizer = tokenizer_of(config.model)};
  run.chat_template = choose_template(config.data.template_name, *run.tokenizer,
                                      {.tool_format = config.data.tool_format,
                                       .default_system = config.data.default_system,
                                       .enable_thinking = config.data.enable_thinking,
                                       .preserve_thinking = config.data.preserve_thinking});
  run.chat_template->fix_tokenizer(*run.tokenizer);
  return run;
}

}  // namespace lf
