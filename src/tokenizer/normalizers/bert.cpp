// BertNormalizer: clean text, room round Chinese characters, accents off, lower case; each when asked for.
#include "tokenizer/normalizers/edits_normalizer.h"
#include "tokenizer/normalizers/normalizers.h"
#include "tokenizer/unicode_versions.h"

namespace lf {
namespace {

struct CleanOne {
  static bool leaves(std::string_view) { return false; }
  template <class Edits>
  static void edit(char32_t c, Edits& edits) {
    const bool layout = c == '\t' || c == '\n' || c == '\r';
    if (c == 0 || c == 0xFFFD || (!layout && is_old_control(c)))
      edits.remove();
    else
      edits.replace(is_white_space(c) ? U' ' : c);
  }
};

bool is_chinese(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

struct SpaceChinese {
  static bool leaves(std::string_view text) { return is_ascii(text); }
  template <class Edits>
  static void edit(char32_t c, Edits& edits) {
    if (!is_chinese(c)) return edits.replace(c);
    edits.replace(U' ');
    edits.insert(c);
    edits.insert(U' ');
  }
};

struct DropNonspacing {
  static bool leaves(std::string_view text) { return is_ascii(text); }
  template <class Edits>
  static void edit(char32_t c, Edits& edits) {
    if (is_old_nonspacing_mark(c))
      edits.remove();
    else
      edits.replace(c);
  }
};

class Bert : public Normalizer {
 public:
  explicit Bert(const JsonView& spec) {
    const bool lowercase = spec.boolean_or("lowercase", true);
    if (spec.boolean_or("clean_text", true)) add<CleanOne>();
    if (spec.boolean_or("handle_chinese_chars", true)) add<SpaceChinese>();
    if (spec.boolean_or("strip_accents", lowercase)) {
      steps_.push_back(make_nfd(spec));
      add<DropNonspacing>();
    }
    if (lowercase) steps_.push_back(make_lowercase(spec));
  }
  void apply(std::string& text) const override {
    for (const auto& step : steps_) step->apply(text);
  }
  void apply_aligned(AlignedText& text) const override {
    for (const auto& step : steps_) step->apply_aligned(text);
  }

 private:
  template <class EditOne>
  void add() {
    steps_.push_back(std::make_unique<EditsNormalizer<CharacterRule<EditOne>>>(CharacterRule<EditOne>{}));
  }

  std::vector<std::unique_ptr<Normalizer>> steps_;
};

}  // namespace

std::unique_ptr<Normalizer> make_bert_normalizer(const JsonView& spec) { return std::make_unique<Bert>(spec); }

}  // namespace lf
