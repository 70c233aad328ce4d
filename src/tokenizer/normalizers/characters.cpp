// Normalizers that work character by character: Lowercase, StripAccents, Nmt, ByteLevel's letters; and Strip.
#include "tokenizer/byte_level.h"
#include "tokenizer/normalizers/edits_normalizer.h"
#include "tokenizer/normalizers/normalizers.h"
#include "tokenizer/unicode_versions.h"

namespace lf {
namespace {

struct LowerOne {
  static bool leaves(std::string_view) { return false; }
  template <class Edits>
  static void edit(char32_t c, Edits& edits) {
    constexpr char32_t kDottedCapitalI = 0x130, kDotAbove = 0x307;
    edits.replace(lower_case(c));
    if (c == kDottedCapitalI) edits.insert(kDotAbove);
  }
};

struct DropMark {
  static bool leaves(std::string_view text) { return is_ascii(text); }
  template <class Edits>
  static void edit(char32_t c, Edits& edits) {
    if (is_old_mark(c))
      edits.remove();
    else
      edits.replace(c);
  }
};

/// SentencePiece's "nmt" rules: control characters go, some others are spaces.
struct NmtOne {
  static bool leaves(std::string_view) { return false; }
  static bool is_dropped(char32_t c) {
    return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
  }
  static bool is_space(char32_t c) {
    return c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
           c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
  }
  template <class Edits>
  static void edit(char32_t c, Edits& edits) {
    if (is_dropped(c))
      edits.remove();
    else
      edits.replace(is_space(c) ? U' ' : c);
  }
};

struct ByteLetters {
  static bool leaves(std::string_view) { return false; }
  template <class Edits>
  static void walk(std::string_view text, Edits& edits) {
    each_code_point(text, [&](char32_t, std::string_view bytes) {
      for (size_t i = 0; i < bytes.size(); ++i) {
        const char32_t letter = code_point_at(byte_letter(static_cast<unsigned char>(bytes[i])), 0).value;
        if (i == 0)
          edits.replace(letter);
        else
          edits.insert(letter);
      }
    });
  }
};

class Strip : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}
  void apply(std::string& text) const override {
    const auto [begin, end] = kept(text);
    text = text.substr(begin, end - begin);
  }
  void apply_aligned(AlignedText& text) const override {
    const auto [begin, end] = kept(text.text());
    text.keep(begin, end);
  }

 private:
  std::pair<size_t, size_t> kept(std::string_view text) const {
    size_t begin = 0;
    size_t end = text.size();
    while (left_ && begin < end && is_white_space(code_point_at(text, begin).value))
      begin += code_point_at(text, begin).bytes;
    while (right_ && end > begin) {
      const size_t last = previous_code_point(text, end);
      if (!is_white_space(code_point_at(text, last).value)) break;
      end = last;
    }
    return {begin, end};
  }

  bool left_, right_;
};

template <class EditOne>
std::unique_ptr<Normalizer> make_rule() {
  return std::make_unique<EditsNormalizer<CharacterRule<EditOne>>>(CharacterRule<EditOne>{});
}

}  // namespace

std::unique_ptr<Normalizer> make_lowercase(const JsonView&) { return make_rule<LowerOne>(); }
std::unique_ptr<Normalizer> make_strip_accents(const JsonView&) { return make_rule<DropMark>(); }
std::unique_ptr<Normalizer> make_nmt(const JsonView&) { return make_rule<NmtOne>(); }
std::unique_ptr<Normalizer> make_byte_letters(const JsonView&) {
  return std::make_unique<EditsNormalizer<ByteLetters>>(ByteLetters{});
}
std::unique_ptr<Normalizer> make_strip(const JsonView& spec) {
  return std::make_unique<Strip>(spec.at("strip_left").boolean(), spec.at("strip_right").boolean());
}

}  // namespace lf
