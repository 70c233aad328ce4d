// Character references of HTML, as Python's html.unescape() reads them; the names are those of the HTML standard
// (13.5, named character references), in resources/html.
#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/embedded.h"
#include "base/error.h"
#include "base/strings.h"
#include "templates/jinja/filters.h"
#include "templates/jinja/text.h"

namespace lf {

std::span<const EmbeddedFile> embedded_html();

namespace jinja {
namespace {

/// Text by name; the name ends with its semicolon, where it has one.
using References = std::unordered_map<std::string_view, std::string>;

References read_references() {
  References references;
  for (std::string_view line : split_lines(embedded_html().front().content)) {
    const size_t tab = line.find('\t');
    std::string& text = references[line.substr(0, tab)];
    for (std::string_view hex : split_blanks(line.substr(tab + 1))) {
      uint32_t value = 0;
      std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
      append_utf8(text, static_cast<char32_t>(value));
    }
  }
  return references;
}

/// What browsers read numbers 0x80 to 0x9F as: Windows-1252, where it has a character.
constexpr char16_t kWindows1252[] = {0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                     0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
                                     0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                     0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};

void append_number(std::string& out, uint32_t value) {
  if (value == 0 || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) return append_utf8(out, 0xFFFD);
  if (value >= 0x80 && value <= 0x9F) return append_utf8(out, kWindows1252[value - 0x80]);
  const bool control =
      (value < 0x20 && value != '\t' && value != '\n' && value != '\f' && value != '\r') || value == 0x7F;
  const bool no_character = (value >= 0xFDD0 && value <= 0xFDEF) || (value & 0xFFFE) == 0xFFFE;
  if (!control && !no_character) append_utf8(out, static_cast<char32_t>(value));
}

class Unescape {
 public:
  explicit Unescape(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (text_[at_] != '&' || !reference()) out_ += text_[at_++];
    }
    return std::move(out_);
  }

 private:
  char peek(size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  /// Reads the reference at the ampersand; false when there is none.
  bool reference() { return peek(at_ + 1) == '#' ? number() : name(); }

  bool number() {
    const bool hex = (peek(at_ + 2) | 0x20) == 'x';
    const std::string_view digits = hex ? "0123456789abcdefABCDEF" : "0123456789";
    const size_t begin = at_ + (hex ? 3 : 2);
    const size_t end = std::min(text_.find_first_not_of(digits, begin), text_.size());
    if (end <= begin) return false;
    uint32_t value = 0;
    const auto read = std::from_chars(text_.data() + begin, text_.data() + end, value, hex ? 16 : 10);
    append_number(out_, read.ec == std::errc() ? value : UINT32_MAX);
    at_ = end + (peek(end) == ';');
    return true;
  }

  /// The longest known name at the ampersand; what follows it stays as it is.
  bool name() {
    static const References references = read_references();
    constexpr size_t kMost = 32;  // code points; no name is longer
    const size_t begin = at_ + 1;
    std::vector<size_t> ends;
    for (size_t at = begin; at < text_.size() && ends.size() < kMost;) {
      if (std::string_view("\t\n\f <&#;").find(text_[at]) != std::string_view::npos) break;
      ends.push_back(at += code_point_at(text_, at).bytes);
    }
    if (ends.empty()) return false;
    if (peek(ends.back()) == ';') ends.push_back(ends.back() + 1);
    const size_t whole = ends.back();
    for (; !ends.empty(); ends.pop_back()) {
      const auto found = references.find(text_.substr(begin, ends.back() - begin));
      if (found == references.end()) continue;
      out_ += found->second;
      out_ += text_.substr(ends.back(), whole - ends.back());
      at_ = whole;
      return true;
    }
    out_ += text_.substr(at_, whole - at_);
    at_ = whole;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string without_references(std::string_view text) { return Unescape(text).run(); }

}  // namespace jinja
}  // namespace lf
