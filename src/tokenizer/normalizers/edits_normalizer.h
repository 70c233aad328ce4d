// Normalizers that walk over a text once and say for every character what becomes of it: one rule for both ways of
// applying them.
#pragma once
#include "tokenizer/components.h"

namespace lf {

/// Rule: `template <class Edits> void walk(std::string_view text, Edits& edits) const`, and `bool leaves(text)` for
/// texts that need no walk.
template <class Rule>
class EditsNormalizer : public Normalizer {
 public:
  explicit EditsNormalizer(Rule rule) : rule_(std::move(rule)) {}

  void apply(std::string& text) const override {
    if (rule_.leaves(text)) return;
    PlainEdits edits(text.size() + text.size() / 8);
    rule_.walk(text, edits);
    text = edits.take();
  }
  void apply_aligned(AlignedText& text) const override {
    if (rule_.leaves(text.text())) return;
    EditList edits;
    rule_.walk(text.text(), edits);
    text.apply(edits);
  }

 private:
  Rule rule_;
};

/// Calls visit(code point, its bytes) for each character.
template <class Visit>
void each_code_point(std::string_view text, const Visit& visit) {
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    visit(point.value, text.substr(at, point.bytes));
    at += point.bytes;
  }
}

/// A rule that looks at one character at a time: `template <class Edits> static void edit(char32_t c, Edits& edits)`.
template <class EditOne>
struct CharacterRule {
  static bool leaves(std::string_view text) { return EditOne::leaves(text); }
  template <class Edits>
  static void walk(std::string_view text, Edits& edits) {
    each_code_point(text, [&](char32_t c, std::string_view) { EditOne::edit(c, edits); });
  }
};

}  // namespace lf
