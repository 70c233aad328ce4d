// Normalizers that work character by character: Lowercase, StripAccents, Strip.
#include <unicode/uchar.h>

#include "tokenizer/normalizers/normalizers.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

template <class Visit>
void each_code_point(std::string_view text, const Visit& visit) {
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    visit(point.value, text.substr(at, point.bytes));
    at += point.bytes;
  }
}

class Lowercase : public Normalizer {
 public:
  void apply(std::string& text) const override {
    constexpr char32_t kDottedCapitalI = 0x130;
    std::string out;
    out.reserve(text.size());
    each_code_point(text, [&](char32_t c, std::string_view) {
      if (c == kDottedCapitalI)
        out += "i\u0307";
      else
        append_utf8(out, static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))));
    });
    text = std::move(out);
  }
};

class StripAccents : public Normalizer {
 public:
  void apply(std::string& text) const override {
    if (is_ascii(text)) return;
    std::string out;
    out.reserve(text.size());
    each_code_point(text, [&](char32_t c, std::string_view bytes) {
      if (!in_category(c, kMarkMask)) out += bytes;
    });
    text = std::move(out);
  }
};

class Strip : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}
  void apply(std::string& text) const override {
    size_t begin = 0;
    size_t end = text.size();
    while (left_ && begin < end && is_white_space(code_point_at(text, begin).value))
      begin += code_point_at(text, begin).bytes;
    while (right_ && end > begin) {
      const size_t last = previous_code_point(text, end);
      if (!is_white_space(code_point_at(text, last).value)) break;
      end = last;
    }
    text = text.substr(begin, end - begin);
  }

 private:
  bool left_, right_;
};

}  // namespace

std::unique_ptr<Normalizer> make_lowercase(const JsonView&) { return std::make_unique<Lowercase>(); }
std::unique_ptr<Normalizer> make_strip_accents(const JsonView&) { return std::make_unique<StripAccents>(); }
std::unique_ptr<Normalizer> make_strip(const JsonView& spec) {
  return std::make_unique<Strip>(spec.at("strip_left").boolean(), spec.at("strip_right").boolean());
}

}  // namespace lf
