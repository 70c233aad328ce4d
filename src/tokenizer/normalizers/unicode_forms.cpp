// NFC, NFD, NFKC, NFKD through ICU, with a quick way out for text that no form changes.
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>

#include "tokenizer/normalizers/normalizers.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

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
    std::string out;
    out.reserve(text.size());
    icu::StringByteSink<std::string> sink(&out);
    error = U_ZERO_ERROR;
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
