// The tokenizer and the chat template of a run: those of the model folder, with what the configuration says about them.
#pragma once
#include <memory>

#include "config/run_config.h"
#include "templates/template.h"
#include "tokenizer/tokenizer.h"

namespace lf {

struct RunTokenizer {
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<Template> chat_template;
};

/// tokenizer_reading, split_special_tokens, add_tokens, add_special_tokens and new_special_tokens_config (which wins
/// over add_special_tokens) applied to the tokenizer of the model folder. kConfig when a new token gets an id that the
/// model's embedding has no row for; kFormat when new_special_tokens_config is not a mapping. Then the template, with
/// the keys of the data group about it, and its special tokens.
RunTokenizer load_run_tokenizer(const RunConfig& config);

}  // namespace lf
