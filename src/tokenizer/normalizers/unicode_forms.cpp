// NFC, NFD, NFKC, NFKD through ICU, with a quick way out for text that no form changes. The rare text with characters
// that are newer than the reference's tables takes a filtered path.
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uniset.h>

#include <algorithm>

#include "tokenizer/normalizers/normalizers.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

icu::UnicodeSet make_set(const char* pattern) {
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeSet set(icu::UnicodeString(pattern), error);
  LF_CHECK(kInternal, U_SUCCESS(error), "ICU: {}", u_errorName(error));
  set.freeze();
  return set;
}

/// The reference normalises with the tables of Unicode 9; what came later stays as it is.
const icu::UnicodeSet& known_characters() {
  static const icu::UnicodeSet set = make_set("[:age=9.0:]");
  return set;
}

const icu::UnicodeSet& newer_characters() {
  static const icu::UnicodeSet set = make_set("[[[:NFKD_QC=N:][:^ccc=0:]]-[:age=9.0:]]");
  return set;
}

class UnicodeForm : public Normalizer {
 public:
  /// Text whose bytes are all below `first_byte` is in this form already.
  UnicodeForm(const icu::Normalizer2* (*instance)(UErrorCode&), uint8_t first_byte) : first_byte_(first_byte) {
    UErrorCode error = U_ZERO_ERROR;
    form_ = instance(error);
    LF_CHECK(kInternal, U_SUCCESS(error), "ICU: {}", u_errorName(error));
  }

  void apply(std::string& text) const override {
    if (std::all_of(text.begin(), text.end(), [&](char c) { return static_cast<uint8_t>(c) < first_byte_; })) return;
    UErrorCode error = U_ZERO_ERROR;
    const icu::StringPiece piece(text.data(), static_cast<int32_t>(text.size()));
    if (form_->isNormalizedUTF8(piece, error) && U_SUCCESS(error)) return;
    const auto length = static_cast<int32_t>(text.size());
    const bool newer = newer_characters().spanUTF8(text.data(), length, USET_SPAN_NOT_CONTAINED) < length;
    std::string out;
    out.reserve(text.size());
    icu::StringByteSink<std::string> sink(&out);
    error = U_ZERO_ERROR;
    if (newer)
      icu::FilteredNormalizer2(*form_, known_characters()).normalizeUTF8(0, piece, sink, nullptr, error);
    else
      form_->normalizeUTF8(0, piece, sink, nullptr, error);
    LF_CHECK(kInternal, U_SUCCESS(error), "ICU: {}", u_errorName(error));
    text = std::move(out);
  }

 private:
  const icu::Normalizer2* form_;
  uint8_t first_byte_;
};

constexpr uint8_t kFirstComposing = 0xCC;  // U+0300
constexpr uint8_t kFirstWide = 0x80;

}  // namespace

std::unique_ptr<Normalizer> make_nfc(const JsonView&) {
  return std::make_unique<UnicodeForm>(icu::Normalizer2::getNFCInstance, kFirstComposing);
}
std::unique_ptr<Normalizer> make_nfd(const JsonView&) {
  return std::make_unique<UnicodeForm>(icu::Normalizer2::getNFDInstance, kFirstWide);
}
std::unique_ptr<Normalizer> make_nfkc(const JsonView&) {
  return std::make_unique<UnicodeForm>(icu::Normalizer2::getNFKCInstance, kFirstWide);
}
std::unique_ptr<Normalizer> make_nfkd(const JsonView&) {
  return std::make_unique<UnicodeForm>(icu::Normalizer2::getNFKDInstance, kFirstWide);
}

}  // namespace lf
