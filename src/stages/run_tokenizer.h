// The tokenizer of a run: the model folder's, with the tokens that the configuration adds.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/run_config.h"
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
  VocabularyPlan vocabulary;
};

/// Reads the tokenizer of config.model.folder(), appends add_tokens and add_special_tokens (or the keys of
/// new_special_tokens_config), and applies split_special_tokens. Warns as upstream where new tokens switch resize_vocab
/// on. kIo, kFormat of the files.
RunTokenizer load_run_tokenizer(const RunConfig& config);

}  // namespace lf
