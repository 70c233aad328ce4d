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
/// White space removed, punctuation alone.
std::unique_ptr<PreTokenizer> make_bert_split(const JsonView& spec);
/// One character, removed.
std::unique_ptr<PreTokenizer> make_char_delimiter_split(const JsonView& spec);
/// Cuts where the script changes (Hiragana and Katakana count as Han); spaces before the first letter go.
std::unique_ptr<PreTokenizer> make_unicode_scripts(const JsonView& spec);
/// Pieces of `length` characters.
std::unique_ptr<PreTokenizer> make_fixed_length(const JsonView& spec);
std::unique_ptr<PreTokenizer> make_pre_sequence(const JsonView& spec);

}  // namespace lf
