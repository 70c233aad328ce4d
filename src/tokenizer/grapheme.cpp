#include "tokenizer/grapheme.h"

#include <unicode/uchar.h>

#include "tokenizer/unicode.h"

namespace lf {
namespace {

int32_t break_class(char32_t c) {
  const int32_t known = u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_GRAPHEME_CLUSTER_BREAK);
  if (known != U_GCB_OTHER) return known;
  if (in_category(c, U_GC_MN_MASK | U_GC_ME_MASK)) return U_GCB_EXTEND;  // newer than ICU
  return in_category(c, U_GC_MC_MASK) && !u_isdefined(static_cast<UChar32>(c)) ? U_GCB_SPACING_MARK : U_GCB_OTHER;
}

bool is_pictograph(char32_t c) { return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_EXTENDED_PICTOGRAPHIC); }

bool hangul_joins(int32_t before, int32_t after) {
  switch (before) {
    case U_GCB_L:
      return after == U_GCB_L || after == U_GCB_V || after == U_GCB_LV || after == U_GCB_LVT;
    case U_GCB_LV:
    case U_GCB_V:
      return after == U_GCB_V || after == U_GCB_T;
    case U_GCB_LVT:
    case U_GCB_T:
      return after == U_GCB_T;
    default:
      return false;
  }
}

bool is_control(int32_t kind) { return kind == U_GCB_CONTROL || kind == U_GCB_CR || kind == U_GCB_LF; }

}  // namespace

size_t grapheme_end(std::string_view text, size_t at) {
  CodePoint point = code_point_at(text, at);
  int32_t before = break_class(point.value);
  bool pictograph = is_pictograph(point.value);  // a pictograph and marks so far
  bool odd_indicators = before == U_GCB_REGIONAL_INDICATOR;
  size_t end = at + point.bytes;
  while (end < text.size()) {
    point = code_point_at(text, end);
    const int32_t after = break_class(point.value);
    if (before == U_GCB_CR && after == U_GCB_LF) return end + point.bytes;
    if (is_control(before) || is_control(after)) break;
    const bool joins = hangul_joins(before, after) || after == U_GCB_EXTEND || after == U_GCB_ZWJ ||
                       after == U_GCB_SPACING_MARK || before == U_GCB_PREPEND ||
                       (before == U_GCB_ZWJ && pictograph && is_pictograph(point.value)) ||
                       (odd_indicators && after == U_GCB_REGIONAL_INDICATOR);
    if (!joins) break;
    odd_indicators = after == U_GCB_REGIONAL_INDICATOR && !odd_indicators;
    if (after != U_GCB_EXTEND && after != U_GCB_ZWJ) pictograph = is_pictograph(point.value);
    before = after;
    end += point.bytes;
  }
  return end;
}

}  // namespace lf
