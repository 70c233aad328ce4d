// Escapes of string literals. jinja2 encodes with backslashreplace and decodes with unicode-escape, so a backslash in
// front of a character beyond ASCII gives that character's escape as text.
#include <unicode/uchar.h>

#include "base/error.h"
#include "templates/jinja/lexer.h"
#include "tokenizer/unicode.h"

namespace lf::jinja {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

class Unescaper {
 public:
  Unescaper(std::string_view raw, std::string& out, std::string& reason) : raw_(raw), out_(out), reason_(reason) {}

  bool run() {
    while (at_ < raw_.size()) {
      if (raw_[at_] != '\\') {
        out_ += raw_[at_++];
      } else if (++at_; !escape()) {
        return false;
      }
    }
    return true;
  }

 private:
  bool fail(const char* reason) {
    reason_ = reason;
    return false;
  }

  bool escape() {
    if (at_ >= raw_.size()) return fail("\\ at end of string");
    constexpr std::string_view kLetters = "abfnrtv\\'\"", kValues = "\a\b\f\n\r\t\v\\'\"";
    const char c = raw_[at_];
    if (const size_t known = kLetters.find(c); known != kLetters.npos) {
      ++at_;
      out_ += kValues[known];
      return true;
    }
    if (c == '\n') return ++at_, true;
    if (c >= '0' && c <= '7') return octal();
    if (c == 'x') return hex(2);
    if (c == 'u') return hex(4);
    if (c == 'U') return hex(8);
    if (c == 'N') return named();
    out_ += '\\';
    if (!(c & 0x80)) return out_ += c, ++at_, true;
    const CodePoint point = code_point_at(raw_, at_);
    const uint32_t value = point.value;
    out_ += value < 0x100     ? fmt::format("x{:02x}", value)
            : value < 0x10000 ? fmt::format("u{:04x}", value)
                              : fmt::format("U{:08x}", value);
    at_ += point.bytes;
    return true;
  }

  bool octal() {
    uint32_t value = 0;
    for (int i = 0; i < 3 && at_ < raw_.size() && digit_of(raw_[at_]) < 8; ++i)
      value = value * 8 + digit_of(raw_[at_++]);
    append_utf8(out_, value);
    return true;
  }

  bool hex(int digits) {
    ++at_;
    uint32_t value = 0;
    for (int i = 0; i < digits; ++i) {
      if (at_ >= raw_.size() || digit_of(raw_[at_]) > 15) return fail("truncated \\x or \\u escape");
      value = value * 16 + digit_of(raw_[at_++]);
    }
    if (value > 0x10FFFF) return fail("illegal Unicode character");
    if (value >= 0xD800 && value <= 0xDFFF) return fail("half a surrogate pair is not supported");
    append_utf8(out_, value);
    return true;
  }

  bool named() {
    const size_t close = raw_.find('}', at_);
    if (at_ + 1 >= raw_.size() || raw_[at_ + 1] != '{' || close == std::string_view::npos)
      return fail("malformed \\N character escape");
    const std::string name(raw_.substr(at_ + 2, close - at_ - 2));
    UErrorCode status = U_ZERO_ERROR;
    const UChar32 value = u_charFromName(U_UNICODE_CHAR_NAME, name.c_str(), &status);
    if (U_FAILURE(status)) return fail("unknown Unicode character name");
    append_utf8(out_, static_cast<char32_t>(value));
    at_ = close + 1;
    return true;
  }

  std::string_view raw_;
  std::string& out_;
  std::string& reason_;
  size_t at_ = 0;
};

}  // namespace

bool unescape(std::string_view raw, std::string& out, std::string& reason) { return Unescaper(raw, out, reason).run(); }

}  // namespace lf::jinja
