// Character classes of Oniguruma's Ruby syntax as sets of code points, and how PCRE2 is told about them. PCRE2's own
// tables are older than the reference's: a named property is written as the name and the characters it has gained
// since.
#pragma once
#include <unicode/uniset.h>

#include <string>
#include <string_view>

namespace lf {

struct CharacterClass {
  icu::UnicodeSet set;
  /// The set in PCRE2's words, without brackets; empty when there is no short form.
  std::string items;

  /// Something to stand in a PCRE2 pattern.
  std::string text(bool negated = false) const;
};

/// \s \d \w \h (`in_class`: \w there leaves out the fractions and superscripts of Latin-1, which it has elsewhere).
CharacterClass escape_class(char letter, bool in_class);
/// \p{Name} and [:name:]: general categories, scripts, POSIX names, binary properties, in any spelling. kFormat with
/// `where` when there is no such name.
/// [:punct:] has symbols, \p{Punct} has not: it goes by this name.
inline constexpr std::string_view kPosixPunctuation = "[:punct:]";
CharacterClass named_class(std::string_view name, const std::string& where);
/// The class that starts at pattern[at] == '['; `at` moves behind it. Nested classes are unions, && intersects.
CharacterClass read_class(std::string_view pattern, size_t& at, const std::string& where);

/// Characters of the general categories `mask` that ICU does not know yet.
icu::UnicodeSet newer_than_icu(uint32_t mask);
/// \X in PCRE2's words.
const std::string& grapheme_expression();

/// The code point of the escape behind the backslash at pattern[at - 1]: \t \n \xHH \x{H...} \uHHHH \ooo ... and
/// any character that stands for itself; `at` moves behind it.
char32_t read_escaped_character(std::string_view pattern, size_t& at, const std::string& where);
/// A character as it may stand in PCRE2 pattern or class.
std::string literal_text(char32_t c);

}  // namespace lf
