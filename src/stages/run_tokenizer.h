// The tokenizer of a run: that of the model folder, with what the configuration says about it.
#pragma once
#include <memory>

#include "config/run_config.h"
#include "tokenizer/tokenizer.h"

namespace lf {

/// tokenizer_reading, split_special_tokens, add_tokens, add_special_tokens and new_special_tokens_config (which wins
/// over add_special_tokens) applied to the tokenizer of the model folder. kConfig when a new token gets an id that the
/// model's embedding has no row for; kFormat when new_special_tokens_config is not a mapping.
std::unique_ptr<Tokenizer> load_run_tokenizer(const RunConfig& config);

}  // namespace lf
