// The tokenizer and the chat template of a run: those of the model folder, with what the configuration says about them.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/run_config.h"
#include "templates/template.h"
#include "tokenizer/tokenizer.h"

namespace lf {

/// What the keys about new tokens ask of the model (stages/run_vocabulary.h does it).
struct VocabularyPlan {
  bool resize = false;                                            // resize_vocab, or tokens were added
  std::vector<std::string> new_tokens;                            // that were not in the vocabulary
  std::vector<std::pair<std::string, std::string>> descriptions;  // token, text; of new_special_tokens_config
};

struct RunTokenizer {
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<Template> chat_template;
  VocabularyPlan vocabulary;
};

/// tokenizer_reading, split_special_tokens, add_tokens, add_special_tokens and new_special_tokens_config (which wins
/// over add_special_tokens) applied to the tokenizer of config.model.folder(); new tokens switch resize_vocab on, with
/// upstream's warning. Then the template, with the keys of the data group about it, and its special tokens. kIo,
/// kFormat of the files.
RunTokenizer load_run_tokenizer(const RunConfig& config);

}  // namespace lf
