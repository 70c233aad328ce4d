// \X, an extended grapheme cluster, written out after table 1c of UAX #29: PCRE2's own \X joins pictographs.
#include "base/error.h"
#include "tokenizer/regex_classes.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

icu::UnicodeSet break_set(const std::string& name) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeSet set(icu::UnicodeString::fromUTF8("[:" + name + ":]"), error);
  LF_CHECK(kInternal, U_SUCCESS(error), "ICU: {} for {}", u_errorName(error), name);
  return set;
}

std::string in_words(const icu::UnicodeSet& set) { return CharacterClass{set, ""}.text(); }

std::string write_out() {
  const auto one = [](const char* name) { return in_words(break_set(std::string("GCB=") + name)); };
  const icu::UnicodeSet newer_marks = newer_than_icu(kMarkMask);
  icu::UnicodeSet extend = break_set("GCB=Extend"), after = extend;
  extend.addAll(newer_marks);
  after.addAll(newer_marks).addAll(break_set("GCB=ZWJ")).addAll(break_set("GCB=SpacingMark"));
  icu::UnicodeSet control = break_set("GCB=Control");
  control.add('\r').add('\n');
  const std::string pictograph = in_words(break_set("Extended_Pictographic")), zwj = one("ZWJ"), indicator = one("RI");
  const std::string l = one("L"), v = one("V"), t = one("T"), lv = one("LV"), lvt = one("LVT");
  const std::string hangul = fmt::format("{0}*(?:{1}+|{2}{1}*|{3}){4}*|{0}+|{4}+", l, v, lv, lvt, t);
  const std::string pictographs = fmt::format("{0}(?:{1}*{2}{0})*", pictograph, in_words(extend), zwj);
  return fmt::format("(?>\\r\\n|{0}|{1}*(?:{2}{2}|{3}|{4}|{5}){6}*)", in_words(control), one("Prepend"), indicator,
                     hangul, pictographs, CharacterClass{control, ""}.text(true), in_words(after));
}

}  // namespace

const std::string& grapheme_expression() {
  static const std::string text = write_out();
  return text;
}

}  // namespace lf
