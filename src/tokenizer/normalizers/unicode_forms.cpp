// NFC, NFD, NFKC, NFKD through ICU, with a quick way out for text that no form changes. The rare text with characters
// that are newer than the reference's tables takes a filtered path, and one with very long runs of marks our own code.
#include "tokenizer/normalizers/unicode_forms.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uniset.h>

#include <algorithm>

#include "tokenizer/normalizers/normalizers.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

/// The reference normalises with the tables of Unicode 9; what came later stays as it is.
const icu::UnicodeSet& known_characters() {
  static const icu::UnicodeSet set = [] {
    UErrorCode error = U_ZERO_ERROR;
    icu::UnicodeSet made(icu::UnicodeString("[:age=9.0:]"), error);
    LF_CHECK(kInternal, U_SUCCESS(error), "ICU: {}", u_errorName(error));
    made.freeze();
    return made;
  }();
  return set;
}

bool has_newer(std::string_view text) {
  bool found = false;
  for (size_t at = 0; at < text.size() && !found;) {
    const CodePoint point = code_point_at(text, at);
    found = point.value >= 0x300 && is_newer_than_forms(point.value);
    at += point.bytes;
  }
  return found;
}

/// ICU sorts marks by insertion: not for runs of this many.
bool has_long_run_of_marks(std::string_view text) {
  constexpr size_t kLongText = 1 << 14, kLongRun = 1 << 10;
  if (text.size() < kLongText) return false;
  size_t run = 0;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    run = in_category(point.value, kMarkMask) ? run + 1 : 0;
    if (run >= kLongRun) return true;
    at += point.bytes;
  }
  return false;
}

class UnicodeForm : public Normalizer {
 public:
  /// Text whose bytes are all below `first_byte` is in this form already.
  UnicodeForm(const icu::Normalizer2* (*instance)(UErrorCode&), UnicodeFormKind kind, uint8_t first_byte)
      : kind_(kind), first_byte_(first_byte) {
    UErrorCode error = U_ZERO_ERROR;
    form_ = instance(error);
    LF_CHECK(kInternal, U_SUCCESS(error), "ICU: {}", u_errorName(error));
  }

  void apply(std::string& text) const override {
    if (is_plain(text)) return;
    if (has_long_run_of_marks(text)) return apply_own(text);
    UErrorCode error = U_ZERO_ERROR;
    const icu::StringPiece piece(text.data(), static_cast<int32_t>(text.size()));
    if (form_->isNormalizedUTF8(piece, error) && U_SUCCESS(error)) return;
    std::string out;
    out.reserve(text.size());
    icu::StringByteSink<std::string> sink(&out);
    error = U_ZERO_ERROR;
    if (has_newer(text))
      icu::FilteredNormalizer2(*form_, known_characters()).normalizeUTF8(0, piece, sink, nullptr, error);
    else
      form_->normalizeUTF8(0, piece, sink, nullptr, error);
    LF_CHECK(kInternal, U_SUCCESS(error), "ICU: {}", u_errorName(error));
    text = std::move(out);
  }

  void apply_aligned(AlignedText& text) const override {
    if (is_plain(text.text())) return;
    EditList edits;
    for (const Edit& edit : unicode_form(text.text(), kind_)) edits.put(edit);
    text.apply(edits);
  }

 private:
  bool is_plain(std::string_view text) const {
    return std::all_of(text.begin(), text.end(), [&](char c) { return static_cast<uint8_t>(c) < first_byte_; });
  }
  void apply_own(std::string& text) const {
    PlainEdits edits(text.size());
    for (const Edit& edit : unicode_form(text, kind_)) edits.put(edit);
    text = edits.take();
  }

  const icu::Normalizer2* form_;
  UnicodeFormKind kind_;
  uint8_t first_byte_;
};

constexpr uint8_t kFirstComposing = 0xCC;  // U+0300
constexpr uint8_t kFirstWide = 0x80;

}  // namespace

std::unique_ptr<Normalizer> make_nfc(const JsonView&) {
  return std::make_unique<UnicodeForm>(icu::Normalizer2::getNFCInstance, UnicodeFormKind{false, true}, kFirstComposing);
}
std::unique_ptr<Normalizer> make_nfd(const JsonView&) {
  return std::make_unique<UnicodeForm>(icu::Normalizer2::getNFDInstance, UnicodeFormKind{false, false}, kFirstWide);
}
std::unique_ptr<Normalizer> make_nfkc(const JsonView&) {
  return std::make_unique<UnicodeForm>(icu::Normalizer2::getNFKCInstance, UnicodeFormKind{true, true}, kFirstWide);
}
std::unique_ptr<Normalizer> make_nfkd(const JsonView&) {
  return std::make_unique<UnicodeForm>(icu::Normalizer2::getNFKDInstance, UnicodeFormKind{true, false}, kFirstWide);
}

}  // namespace lf
