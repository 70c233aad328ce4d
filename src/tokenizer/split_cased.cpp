// Expressions that cut words by case, "HelloWorld" into "Hello" and "World": o200k (GPT-4o, Llama 4), Tekken, Kimi.
#include <unicode/uscript.h>

#include <utility>
#include <vector>

#include "tokenizer/split_classes.h"
#include "tokenizer/split_families.h"

namespace lf {
namespace {

constexpr std::string_view kO200kPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kTekkenPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kKimiPattern =
    R"([\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr uint32_t kBothCases = U_GC_LM_MASK | U_GC_LO_MASK | kMarkMask;
constexpr uint32_t kUpper = U_GC_LU_MASK | U_GC_LT_MASK | kBothCases;
constexpr uint32_t kLower = U_GC_LL_MASK | kBothCases;

/// \p{Han}, one flag for each code point.
const std::vector<bool>& han_table() {
  static const std::vector<bool> table = [] {
    std::vector<bool> flags(0x110000);
    for (char32_t c = 0; c < flags.size(); ++c) {
      UErrorCode error = U_ZERO_ERROR;
      flags[c] = uscript_getScript(static_cast<UChar32>(c), &error) == USCRIPT_HAN;
    }
    for (char32_t c = 0x2EBF0; c <= 0x2EE5D; ++c) flags[c] = true;  // extension I came with Unicode 15.1
    return flags;
  }();
  return table;
}

struct O200k {
  static constexpr bool kContractions = true, kSlashes = true, kHan = false;
  static constexpr int kDigits = 3;
};
struct Tekken {
  static constexpr bool kContractions = false, kSlashes = true, kHan = false;
  static constexpr int kDigits = 1;
};
struct Kimi {
  static constexpr bool kContractions = true, kSlashes = false, kHan = true;
  static constexpr int kDigits = 3;
};

/// The mask of the character's category; 0 where it counts as no letter of a word.
template <class Rules>
uint32_t case_of(CodePoint point) {
  if (point.bytes == 0 || (Rules::kHan && point.value >= 0x2E80 && han_table()[point.value])) return 0;
  return uint32_t{1} << (category_table()[point.value] & 0x1F);
}

/// `[upper]*[lower]+` at `at`, or else with `kAllUpper` `[upper]+`; 0 when it does not match.
template <class Rules, bool kAllUpper>
size_t match_word(std::string_view text, size_t at) {
  size_t end = at;
  size_t given_back = 0;  // the end of the last character in the run that is lower as well
  CodePoint point = read_at(text, end);
  for (uint32_t mask; (mask = case_of<Rules>(point)) & kUpper; point = read_at(text, end)) {
    end += point.bytes;
    if (mask & kBothCases) given_back = end;
  }
  if (kAllUpper) return end > at ? end : 0;
  if (!(case_of<Rules>(point) & kLower)) return given_back;
  do {
    end += point.bytes;
    point = read_at(text, end);
  } while (case_of<Rules>(point) & kLower);
  return end;
}

template <class Rules>
size_t finish_word(std::string_view text, size_t end) {
  if (!Rules::kContractions || end >= text.size() || text[end] != '\'') return end;
  const size_t contraction = match_contraction<true>(text, end);
  return contraction ? contraction : end;
}

template <class Rules>
size_t finish_others(std::string_view text, size_t at) {
  at = skip(text, at, Kind::kOther);
  while (at < text.size() && (is_newline(text[at]) || (Rules::kSlashes && text[at] == '/'))) ++at;
  return at;
}

template <class Rules>
size_t match_cased(std::string_view text, size_t at) {
  const CodePoint point = code_point_at(text, at);
  const size_t next = at + point.bytes;
  if (Rules::kHan && point.value >= 0x2E80 && han_table()[point.value]) {
    return skip_while(text, next, [](char32_t c) { return c >= 0x2E80 && han_table()[c]; });
  }
  const Kind kind = look(text, at).kind;
  if (kind == Kind::kNumber) return skip_digits(text, next, Rules::kDigits);
  const bool prefix = kind != Kind::kLetter && !is_newline(text[at]);
  const bool in_word = case_of<Rules>(point) & (kUpper | kLower);
  size_t end = prefix ? match_word<Rules, false>(text, next) : 0;
  if (end == 0 && in_word) end = match_word<Rules, false>(text, at);
  if (end == 0 && prefix) end = match_word<Rules, true>(text, next);
  if (end == 0 && in_word) end = match_word<Rules, true>(text, at);
  if (end > 0) return finish_word<Rules>(text, end);
  if (kind == Kind::kOther) return finish_others<Rules>(text, next);
  if (text[at] == ' ' && next < text.size() && look(text, next).kind == Kind::kOther) {
    return finish_others<Rules>(text, next);
  }
  return match_blank(text, at);
}

}  // namespace

SplitMatcher find_cased_matcher(std::string_view pattern) {
  static constexpr std::pair<std::string_view, SplitMatcher> kTable[] = {
      {kO200kPattern, match_cased<O200k>}, {kTekkenPattern, match_cased<Tekken>}, {kKimiPattern, match_cased<Kimi>}};
  for (const auto& [known, matcher] : kTable) {
    if (known == pattern) return matcher;
  }
  return nullptr;
}

}  // namespace lf
