// Decoders that put bytes together: ByteLevel (letters) and ByteFallback (<0xNN>).
#include <charconv>

#include "tokenizer/byte_level.h"
#include "tokenizer/decoders/decoders.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

class ByteLevelDecoder : public TokenDecoder {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::string bytes;
    for (const std::string& token : tokens) {
      if (!letters_to_bytes(token, bytes)) bytes += token;
    }
    tokens.assign(1, is_valid_utf8(bytes) ? std::move(bytes) : to_valid_utf8(bytes));
  }
};

/// The byte of "<0xNN>", or -1.
int fallback_byte(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return -1;
  const char* begin = token.data() + (token[3] == '+' ? 4 : 3);  // the reference reads "+A", too
  int byte = -1;
  const auto [end, error] = std::from_chars(begin, token.data() + 5, byte, 16);
  return error == std::errc() && end == token.data() + 5 && byte >= 0 ? byte : -1;
}

/// A run of byte tokens is one text when it is valid UTF-8, and otherwise a U+FFFD for each byte.
class ByteFallbackDecoder : public TokenDecoder {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::vector<std::string> out;
    out.reserve(tokens.size());
    std::string bytes;
    const auto flush = [&] {
      if (is_valid_utf8(bytes)) {
        if (!bytes.empty()) out.push_back(bytes);
      } else {
        out.insert(out.end(), bytes.size(), "\uFFFD");
      }
      bytes.clear();
    };
    for (std::string& token : tokens) {
      if (const int byte = fallback_byte(token); byte >= 0) {
        bytes += static_cast<char>(byte);
      } else {
        flush();
        out.push_back(std::move(token));
      }
    }
    flush();
    tokens = std::move(out);
  }
};

}  // namespace

std::unique_ptr<TokenDecoder> make_byte_level_decoder(const JsonView&) { return std::make_unique<ByteLevelDecoder>(); }
std::unique_ptr<TokenDecoder> make_byte_fallback_decoder(const JsonView&) {
  return std::make_unique<ByteFallbackDecoder>();
}

}  // namespace lf
