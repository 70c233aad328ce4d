// Properties as parts of the reference see them that were built on other versions of Unicode than its regular
// expressions (16.0, see unicode.h): the standard library of its language (17.0) and crates that stand still
// (8.0, 9.0).
#pragma once
#include <cstdint>

namespace lf {

/// Numbers in Unicode 17: the Digits pre-tokenizer.
bool is_numeric(char32_t value);
/// Simple lower case in Unicode 17. U+0130 gives 'i', which has to be followed by U+0307.
char32_t lower_case(char32_t value);
/// ASCII signs and the punctuation of Unicode 8: Punctuation and BertPreTokenizer.
bool is_old_punctuation(char32_t value);
/// Nonspacing marks of Unicode 8: what BertNormalizer strips.
bool is_old_nonspacing_mark(char32_t value);
/// Control, format and private characters of Unicode 8: what BertNormalizer cleans away.
bool is_old_control(char32_t value);
/// Marks of Unicode 9: what StripAccents strips.
bool is_old_mark(char32_t value);
/// Script in Unicode 9 as ICU's code; USCRIPT_UNKNOWN (103) where there was none.
int32_t old_script(char32_t value);

}  // namespace lf
