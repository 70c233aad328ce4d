// Factories of the single pre-tokenizers; see make_pre_tokenizer.cpp for their names.
#pragma once
#include "tokenizer/components.h"

namespace lf {

std::unique_ptr<PreTokenizer> make_byte_level(const JsonView& spec);
std::unique_ptr<PreTokenizer> make_metaspace(const JsonView& spec);
std::unique_ptr<PreTokenizer> make_split(const JsonView& spec);
std::unique_ptr<PreTokenizer> make_digits(const JsonView& spec);
std::unique_ptr<PreTokenizer> make_punctuation(const JsonView& spec);
/// `\w+|[^\w\s]+`.
std::unique_ptr<PreTokenizer> make_whitespace(const JsonView& spec);
std::unique_ptr<PreTokenizer> make_whitespace_split(const JsonView& spec);
std::unique_ptr<PreTokenizer> make_pre_sequence(const JsonView& spec);

}  // namespace lf
