#include "tokenizer/regex_classes.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <unicode/uscript.h>

#include <charconv>
#include <map>
#include <mutex>

#include "base/error.h"
#include "base/strings.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

using icu::UnicodeSet;

/// The Unicode version of the PCRE2 at hand.
uint8_t pcre2_unicode() {
  static const uint8_t major = [] {
    char text[64] = {};
    int value = 0;
    if (pcre2_config(PCRE2_CONFIG_UNICODE_VERSION, text) > 0) std::from_chars(text, text + sizeof text, value);
    return static_cast<uint8_t>(value);
  }();
  return major;
}

UnicodeSet icu_set(const std::string& pattern, bool* good = nullptr) {
  UErrorCode error = U_ZERO_ERROR;
  UnicodeSet set(icu::UnicodeString::fromUTF8(pattern), error);
  LF_CHECK(kInternal, good || U_SUCCESS(error), "ICU: {} for {}", u_errorName(error), pattern);
  if (good) *good = U_SUCCESS(error);
  return set;
}

template <class Test>
UnicodeSet set_where(const Test& test) {
  UnicodeSet set;
  for (char32_t c = 0; c < 0x110000;) {
    if (!test(c)) {
      ++c;
      continue;
    }
    char32_t end = c + 1;
    while (end < 0x110000 && test(end)) ++end;
    set.add(static_cast<UChar32>(c), static_cast<UChar32>(end - 1));
    c = end;
  }
  return set;
}

UnicodeSet category_set(uint32_t mask) {
  return set_where([&](char32_t c) { return in_category(c, mask); });
}

/// What PCRE2's tables do not know.
const UnicodeSet& newer_than_pcre2() {
  static const UnicodeSet set = [] {
    const auto known = icu_set(fmt::format("[:age={}.0:]", pcre2_unicode()));
    UnicodeSet newer = category_set(~uint32_t{U_GC_CN_MASK});
    newer.removeAll(known);
    newer.remove(0xD800, 0xDFFF);
    return newer;
  }();
  return set;
}

std::string ranges_text(const UnicodeSet& set) {
  std::string out;
  for (int32_t i = 0; i < set.getRangeCount(); ++i) {
    const UChar32 first = set.getRangeStart(i), last = set.getRangeEnd(i);
    out += fmt::format("\\x{{{:x}}}", first);
    if (last > first) out += fmt::format("-\\x{{{:x}}}", last);
  }
  return out;
}

/// `set`, which PCRE2 calls `items` but for newer characters.
CharacterClass with_newer(UnicodeSet set, std::string items) {
  UnicodeSet newer = set;
  newer.retainAll(newer_than_pcre2());
  return {std::move(set), std::move(items) + ranges_text(newer)};
}

CharacterClass of_category(uint32_t mask, const std::string& items) { return with_newer(category_set(mask), items); }

/// Marks that are alphabetic since Unicode 16.
constexpr std::pair<UChar32, UChar32> kNewlyAlphabetic[] = {{0x363, 0x36F},     {0x897, 0x897},     {0x1DD3, 0x1DE6},
                                                            {0x10D69, 0x10D69}, {0x10EFC, 0x10EFC}, {0x113B8, 0x113C0},
                                                            {0x113C2, 0x113C2}, {0x113C5, 0x113C5}, {0x113C7, 0x113CA},
                                                            {0x113CC, 0x113CD}, {0x1611E, 0x1612E}};

UnicodeSet alphabetic() {
  UnicodeSet set = icu_set("[:Alphabetic:]");
  set.addAll(category_set(kLetterMask | U_GC_NL_MASK));
  for (const auto& [first, last] : kNewlyAlphabetic) set.add(first, last);
  return set;
}

CharacterClass word_class() {
  UnicodeSet set = alphabetic();
  set.addAll(category_set(kMarkMask | U_GC_ND_MASK | U_GC_PC_MASK));
  return with_newer(std::move(set), "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}");
}

CharacterClass white_space() { return {set_where(is_white_space), "\\p{White_Space}"}; }

CharacterClass explicit_class(UnicodeSet set) { return {std::move(set), ""}; }

CharacterClass posix_class(std::string_view name, bool& found) {
  found = true;
  if (name == "space") return white_space();
  if (name == "word") return word_class();
  if (name == "digit") return of_category(U_GC_ND_MASK, "\\p{Nd}");
  if (name == "xdigit") return {icu_set("[0-9a-fA-F]"), "0-9a-fA-F"};
  if (name == "punct") return of_category(kPunctuationMask | kSymbolMask, "\\p{P}\\p{S}");
  if (name == "cntrl") return of_category(U_GC_CC_MASK, "\\p{Cc}");
  if (name == "blank") return {icu_set("[[:Zs:]\\t]"), "\\p{Zs}\\t"};
  if (name == "ascii") return {icu_set("[\\u0000-\\u007F]"), "\\x{0}-\\x{7f}"};
  if (name == "any") return {icu_set("[\\u0000-\\U0010FFFF]"), "\\x{0}-\\x{10ffff}"};
  if (name == "alpha" || name == "alphabetic") return explicit_class(alphabetic());
  if (name == "alnum") {
    UnicodeSet set = alphabetic();
    set.addAll(category_set(U_GC_ND_MASK));
    return explicit_class(std::move(set));
  }
  if (name == "upper" || name == "lower") {
    UnicodeSet set = icu_set(name == "upper" ? "[:Uppercase:]" : "[:Lowercase:]");
    set.addAll(category_set(name == "upper" ? U_GC_LU_MASK : U_GC_LL_MASK));
    return explicit_class(std::move(set));
  }
  constexpr uint32_t kInvisible = U_GC_CC_MASK | U_GC_CN_MASK | U_GC_CS_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
  if (name == "print") return explicit_class(category_set(~kInvisible));
  if (name == "graph") return explicit_class(category_set(~(kInvisible | U_GC_ZS_MASK)));
  found = false;
  return {};
}

struct NewScriptRange {
  UScriptCode script;
  UChar32 first, last;
};
/// Characters of older scripts that Unicode 15.1 and 16 added.
constexpr NewScriptRange kNewScriptRanges[] = {
    {USCRIPT_HAN, 0x2EBF0, 0x2EE5D},
    {USCRIPT_LATIN, 0xA7CB, 0xA7CD},
    {USCRIPT_LATIN, 0xA7DA, 0xA7DC},
    {USCRIPT_CYRILLIC, 0x1C89, 0x1C8A},
};

CharacterClass script_class(int32_t script) {
  const char* name = u_getPropertyValueName(UCHAR_SCRIPT, script, U_LONG_PROPERTY_NAME);
  UnicodeSet set = icu_set(fmt::format("[:Script={}:]", name));
  for (const auto& [of, first, last] : kNewScriptRanges) {
    if (of == script) set.add(first, last);
  }
  if (script == USCRIPT_ARABIC) set.add(0x10EC2, 0x10EC4).add(0x10EFC);
  return with_newer(std::move(set), fmt::format("\\p{{sc:{}}}", name));
}

/// Names are compared without case, spaces, hyphens and underscores.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != ' ' && c != '_' && c != '-') plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  return plain;
}

CharacterClass look_up(std::string_view name, const std::string& where) {
  const std::string plain = plain_name(name);
  bool found = false;
  if (name == kPosixPunctuation) return posix_class("punct", found);
  CharacterClass known = plain == "punct" ? CharacterClass{} : posix_class(plain, found);
  if (found) return known;
  const auto mask = u_getPropertyValueEnum(UCHAR_GENERAL_CATEGORY_MASK, plain.c_str());
  if (mask != UCHAR_INVALID_CODE) {
    const char* brief = u_getPropertyValueName(UCHAR_GENERAL_CATEGORY_MASK, mask, U_SHORT_PROPERTY_NAME);
    const bool has_unassigned = static_cast<uint32_t>(mask) & U_GC_CN_MASK;
    UnicodeSet set = category_set(static_cast<uint32_t>(mask));
    if (has_unassigned || !brief || std::string_view(brief).size() > 2) return explicit_class(std::move(set));
    return with_newer(std::move(set), fmt::format("\\p{{{}}}", brief));
  }
  const auto script = u_getPropertyValueEnum(UCHAR_SCRIPT, plain.c_str());
  if (script != UCHAR_INVALID_CODE) return script_class(script);
  bool good = plain.find_first_of("[]{}:=\\&") == std::string::npos;
  UnicodeSet set;
  if (good && plain.starts_with("in")) set = icu_set(fmt::format("[:Block={}:]", plain.substr(2)), &good);
  if (good && !plain.starts_with("in")) set = icu_set(fmt::format("[:{}:]", plain), &good);
  LF_CHECK(kFormat, good, "{}: there is no class of characters named '{}'", where, printable(name));
  return explicit_class(std::move(set));
}

}  // namespace

UnicodeSet newer_than_icu(uint32_t mask) {
  return set_where([&](char32_t c) { return in_category(c, mask) && !u_isdefined(static_cast<UChar32>(c)); });
}

std::string CharacterClass::text(bool negated) const {
  UnicodeSet visible = set;
  visible.remove(0xD800, 0xDFFF);
  if (items.empty() && visible.isEmpty()) return negated ? "[\\x{0}-\\x{10ffff}]" : "(?!)";
  return (negated ? "[^" : "[") + (items.empty() ? ranges_text(visible) : items) + "]";
}

CharacterClass escape_class(char letter, bool in_class) {
  switch (letter) {
    case 's':
      return named_class("space", "");
    case 'd':
      return named_class("digit", "");
    case 'h':
      return named_class("xdigit", "");
    default: {
      CharacterClass word = named_class("word", "");
      if (in_class) return word;
      word.set.addAll(icu_set("[\\u00B2\\u00B3\\u00B9\\u00BC-\\u00BE]"));
      word.items += "\\x{b2}\\x{b3}\\x{b9}\\x{bc}-\\x{be}";
      return word;
    }
  }
}

CharacterClass named_class(std::string_view name, const std::string& where) {
  static std::mutex mutex;
  static std::map<std::string, CharacterClass, std::less<>> known;
  constexpr size_t kMostNames = 512;
  const std::scoped_lock lock(mutex);
  if (const auto at = known.find(name); at != known.end()) return at->second;
  CharacterClass made = look_up(name, where);
  if (known.size() < kMostNames) known.emplace(name, made);
  return made;
}

}  // namespace lf
