// The families of matchers that find_split_matcher() asks; each gives null for an expression that is not its own.
#pragma once
#include "tokenizer/split_matchers.h"

namespace lf {

/// Words by case: o200k (GPT-4o, Llama 4), Tekken, Kimi.
SplitMatcher find_cased_matcher(std::string_view pattern);
/// The steps of the DeepSeek pipelines.
SplitMatcher find_deepseek_matcher(std::string_view pattern);

}  // namespace lf
