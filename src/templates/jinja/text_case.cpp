// Case mapping and character tests of text.h, from ICU. str.lower() and str.title() know the final sigma.
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>

#include "base/error.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

constexpr char32_t kCapitalSigma = 0x3A3, kFinalSigma = 0x3C2;

const UCaseMap* case_map() {
  static const UCaseMap* const map = [] {
    UErrorCode status = U_ZERO_ERROR;
    UCaseMap* made = ucasemap_open("", 0, &status);
    LF_ASSERT(U_SUCCESS(status));
    return made;
  }();
  return map;
}

enum class Case { kUpper, kLower, kTitle, kFold };

int32_t map_utf8(Case wanted, char* out, int32_t capacity, const std::string& text, UErrorCode& status) {
  const int32_t size = static_cast<int32_t>(text.size());
  switch (wanted) {
    case Case::kUpper:
      return ucasemap_utf8ToUpper(case_map(), out, capacity, text.data(), size, &status);
    case Case::kLower:
      return ucasemap_utf8ToLower(case_map(), out, capacity, text.data(), size, &status);
    default:
      return ucasemap_utf8FoldCase(case_map(), out, capacity, text.data(), size, &status);
  }
}

/// Titlecase of one code point: that of u_totitle, except for those that become several.
std::string title_of(char32_t c) {
  const UChar32 simple = u_totitle(static_cast<UChar32>(c));
  std::string out, single;
  append_utf8(single, c);
  if (simple != static_cast<UChar32>(c) || u_charType(simple) == U_TITLECASE_LETTER) {
    append_utf8(out, static_cast<char32_t>(simple));
    return out;
  }
  // The full titlecase of the others is their uppercase with all but the first letter lowered (U+FB01 -> "Fi").
  char upper[32];
  UErrorCode status = U_ZERO_ERROR;
  const int32_t size = map_utf8(Case::kUpper, upper, sizeof upper, single, status);
  LF_ASSERT(U_SUCCESS(status));
  const std::string_view text(upper, size);
  const size_t first = code_point_at(text, 0).bytes;
  if (first == text.size()) return single;
  const bool ligature = c == 0xDF || (c >= 0xFB00 && c <= 0xFB17) || c == 0x587;
  const bool iota = (c >= 0x1F80 && c <= 0x1FFC) && text.substr(text.size() - 2) == "\u0399";
  if (ligature) return std::string(text.substr(0, first)) + lower_text(text.substr(first));
  if (iota) return std::string(text.substr(0, text.size() - 2)) + "\u0345";
  return std::string(text);
}

std::string mapped(Case wanted, char32_t c) {
  if (wanted == Case::kTitle) return title_of(c);
  std::string single;
  append_utf8(single, c);
  char out[32];
  UErrorCode status = U_ZERO_ERROR;
  const int32_t size = map_utf8(wanted, out, sizeof out, single, status);
  LF_ASSERT(U_SUCCESS(status));
  return std::string(out, size);
}

void append_mapped(std::string& out, Case wanted, char32_t c) {
  if (c >= 0x80) {
    out += mapped(wanted, c);
  } else if (wanted == Case::kUpper || wanted == Case::kTitle) {
    out += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  } else {
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
}

bool is_cased(char32_t c) { return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_CASED); }
bool is_ignorable(char32_t c) { return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_CASE_IGNORABLE); }

/// Whether a capital sigma at text[at] ends a word.
bool is_final(std::string_view text, size_t at) {
  size_t before = at;
  char32_t c = 0;
  do {
    if (before == 0) return false;
    before = previous_code_point(text, before);
    c = code_point_at(text, before).value;
  } while (is_ignorable(c));
  if (!is_cased(c)) return false;
  for (size_t after = at + 2; after < text.size();) {
    const CodePoint point = code_point_at(text, after);
    if (!is_ignorable(point.value)) return !is_cased(point.value);
    after += point.bytes;
  }
  return true;
}

void append_lower(std::string& out, std::string_view text, size_t at, char32_t c) {
  if (c == kCapitalSigma && is_final(text, at)) {
    append_utf8(out, kFinalSigma);
  } else {
    append_mapped(out, Case::kLower, c);
  }
}

/// Calls use(byte offset, code point) for each.
template <class Use>
std::string transformed(std::string_view text, const Use& use) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    use(out, at, point.value);
    at += point.bytes;
  }
  return out;
}

bool has_property(char32_t c, UProperty property) { return u_hasBinaryProperty(static_cast<UChar32>(c), property); }
bool is_title_letter(char32_t c) { return u_charType(static_cast<UChar32>(c)) == U_TITLECASE_LETTER; }

}  // namespace

std::string upper_text(std::string_view text) {
  return transformed(text, [](std::string& out, size_t, char32_t c) { append_mapped(out, Case::kUpper, c); });
}

std::string lower_text(std::string_view text) {
  return transformed(text, [&](std::string& out, size_t at, char32_t c) { append_lower(out, text, at, c); });
}

std::string title_text(std::string_view text) {
  bool inside = false;
  return transformed(text, [&](std::string& out, size_t at, char32_t c) {
    if (inside)
      append_lower(out, text, at, c);
    else
      append_mapped(out, Case::kTitle, c);
    inside = is_cased(c);
  });
}

std::string capital_text(std::string_view text) {
  return transformed(text, [&](std::string& out, size_t at, char32_t c) {
    if (at > 0)
      append_lower(out, text, at, c);
    else
      append_mapped(out, Case::kTitle, c);
  });
}

std::string swapped_case(std::string_view text) {
  return transformed(text, [&](std::string& out, size_t at, char32_t c) {
    if (has_property(c, UCHAR_UPPERCASE))
      append_lower(out, text, at, c);
    else if (has_property(c, UCHAR_LOWERCASE))
      append_mapped(out, Case::kUpper, c);
    else
      append_utf8(out, c);
  });
}

std::string folded_case(std::string_view text) {
  return transformed(text, [](std::string& out, size_t, char32_t c) { append_mapped(out, Case::kFold, c); });
}

bool is_alpha(char32_t c) { return U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_L_MASK; }

namespace {
int32_t numeric_type(char32_t c) { return u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_NUMERIC_TYPE); }
}  // namespace

bool is_decimal(char32_t c) { return numeric_type(c) == U_NT_DECIMAL; }
bool is_digit(char32_t c) { return numeric_type(c) == U_NT_DECIMAL || numeric_type(c) == U_NT_DIGIT; }
bool is_numeric(char32_t c) { return numeric_type(c) != U_NT_NONE; }
bool is_alnum(char32_t c) { return is_alpha(c) || is_numeric(c); }
bool is_word_character(char32_t c) { return c == '_' || is_alnum(c); }

bool is_printable(char32_t c) {
  if (c == ' ') return true;
  constexpr uint32_t kHidden = U_GC_C_MASK | U_GC_Z_MASK;
  return !(U_GET_GC_MASK(static_cast<UChar32>(c)) & kHidden);
}

bool is_lower_text(std::string_view text) {
  bool cased = false, good = true;
  for_each_code_point(text, [&](char32_t c) {
    if (has_property(c, UCHAR_UPPERCASE) || is_title_letter(c)) good = false;
    cased |= has_property(c, UCHAR_LOWERCASE);
  });
  return good && cased;
}

bool is_upper_text(std::string_view text) {
  bool cased = false, good = true;
  for_each_code_point(text, [&](char32_t c) {
    if (has_property(c, UCHAR_LOWERCASE) || is_title_letter(c)) good = false;
    cased |= has_property(c, UCHAR_UPPERCASE);
  });
  return good && cased;
}

bool is_title_text(std::string_view text) {
  bool cased = false, inside = false, good = true;
  for_each_code_point(text, [&](char32_t c) {
    if (has_property(c, UCHAR_UPPERCASE) || is_title_letter(c)) {
      if (inside) good = false;
      inside = cased = true;
    } else if (has_property(c, UCHAR_LOWERCASE)) {
      if (!inside) good = false;
      inside = cased = true;
    } else {
      inside = false;
    }
  });
  return good && cased;
}

bool is_identifier(std::string_view text) {
  bool first = true, good = !text.empty();
  for_each_code_point(text, [&](char32_t c) {
    good = good && (c == '_' || has_property(c, first ? UCHAR_XID_START : UCHAR_XID_CONTINUE));
    first = false;
  });
  return good;
}

}  // namespace lf::jinja
