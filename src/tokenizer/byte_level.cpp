#include "tokenizer/byte_level.h"

#include <array>

#include "tokenizer/unicode.h"

namespace lf {
namespace {

constexpr char32_t kLetters = 324;  // letters are below U+0144

struct Mapping {
  std::array<std::string, 256> letters;
  std::array<int, kLetters> bytes;

  Mapping() {
    bytes.fill(-1);
    char32_t spare = 256;
    for (int byte = 0; byte < 256; ++byte) {
      const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
      const char32_t letter = printable ? static_cast<char32_t>(byte) : spare++;
      append_utf8(letters[static_cast<size_t>(byte)], letter);
      bytes[letter] = byte;
    }
  }
};

const Mapping& mapping() {
  static const Mapping table;
  return table;
}

}  // namespace

std::string_view byte_letter(unsigned char byte) { return mapping().letters[byte]; }

int letter_byte(char32_t letter) { return letter < kLetters ? mapping().bytes[letter] : -1; }

std::string bytes_to_letters(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (const char c : text) out += byte_letter(static_cast<unsigned char>(c));
  return out;
}

bool letters_to_bytes(std::string_view letters, std::string& bytes) {
  const size_t before = bytes.size();
  for (size_t at = 0; at < letters.size();) {
    const CodePoint point = code_point_at(letters, at);
    const int byte = letter_byte(point.value);
    if (byte < 0) {
      bytes.resize(before);
      return false;
    }
    bytes += static_cast<char>(byte);
    at += point.bytes;
  }
  return true;
}

}  // namespace lf
