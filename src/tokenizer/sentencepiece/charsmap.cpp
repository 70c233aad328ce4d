#include "tokenizer/sentencepiece/charsmap.h"

#include <cstring>

#include "base/error.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

bool has_leaf(uint32_t unit) { return unit >> 8 & 1; }
uint32_t value_of(uint32_t unit) { return unit & 0x7FFFFFFFu; }
uint32_t label_of(uint32_t unit) { return unit & 0x800000FFu; }
uint32_t offset_of(uint32_t unit) { return (unit >> 10) << ((unit & 0x200u) >> 6); }

bool is_inside_character(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80;
}

}  // namespace

CharsMap::CharsMap(std::string_view blob, std::string_view where) {
  if (blob.empty()) return;
  uint32_t bytes = 0;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(blob[i])); };
  LF_CHECK(kFormat, blob.size() > sizeof bytes, "{}: the table of characters is cut", where);
  for (size_t i = 0; i < sizeof bytes; ++i) bytes |= byte(i) << (8 * i);
  blob.remove_prefix(sizeof bytes);
  LF_CHECK(kFormat, bytes < blob.size() && bytes % 4 == 0 && bytes > 0,
           "{}: the table of characters says that its trie has {} bytes, but {} follow", where, bytes, blob.size());
  units_.resize(bytes / 4);
  std::memcpy(units_.data(), blob.data(), bytes);
  texts_ = blob.substr(bytes);
  LF_CHECK(kFormat, is_valid_utf8(texts_), "{}: the table of characters has texts that are not UTF-8", where);
}

std::optional<CharsMap::Match> CharsMap::longest(std::string_view input) const {
  std::optional<Match> best;
  if (units_.empty()) return best;
  size_t node = offset_of(units_[0]);
  for (size_t i = 0; i < input.size(); ++i) {
    const auto byte = static_cast<uint8_t>(input[i]);
    node ^= byte;
    if (node >= units_.size() || label_of(units_[node]) != byte) return best;
    const uint32_t unit = units_[node];
    node ^= offset_of(unit);
    if (!has_leaf(unit)) continue;
    if (node >= units_.size()) return best;
    const uint32_t text = value_of(units_[node]);
    if (text >= texts_.size()) return best;
    // A rule for a part of a character, or to a part of one, is none.
    if (is_inside_character(input, i + 1) || is_inside_character(texts_, text)) continue;
    best = Match{i + 1, std::string_view(texts_).substr(text, texts_.find('\0', text) - text)};
  }
  return best;
}

}  // namespace lf
