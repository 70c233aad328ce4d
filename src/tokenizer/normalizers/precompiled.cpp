// Precompiled: the character map of a SentencePiece model (a Darts double array, then the replacements). The reference
// looks each grapheme cluster up as a whole when it has fewer than six bytes, takes the SHORTEST entry that the cluster
// begins with, and drops the rest of the cluster; longer clusters and those without an entry go character by character.
#include <cstring>
#include <optional>

#include "base/strings.h"
#include "tokenizer/grapheme.h"
#include "tokenizer/normalizers/edits_normalizer.h"
#include "tokenizer/normalizers/normalizers.h"

namespace lf {
namespace {

std::string decode_base64(std::string_view text, const JsonView& where) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const size_t value = std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").find(c);
    LF_CHECK(kFormat, value != std::string_view::npos, "{}: not base64", where.where());
    bits = bits << 6 | static_cast<uint32_t>(value);
    if ((count += 6) < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  return out;
}

class CharacterMap {
 public:
  explicit CharacterMap(const JsonView& spec) : where_(spec.where()) {
    const std::string bytes = decode_base64(spec.string(), spec);
    uint32_t trie_bytes = 0;
    LF_CHECK(kFormat, bytes.size() >= sizeof trie_bytes, "{}: a character map of {} bytes", where_, bytes.size());
    std::memcpy(&trie_bytes, bytes.data(), sizeof trie_bytes);
    LF_CHECK(kFormat, trie_bytes % 4 == 0 && trie_bytes > 0 && trie_bytes <= bytes.size() - sizeof trie_bytes,
             "{}: the character map announces {} bytes of its {}", where_, trie_bytes, bytes.size());
    units_.resize(trie_bytes / 4);
    std::memcpy(units_.data(), bytes.data() + sizeof trie_bytes, trie_bytes);
    replacements_ = bytes.substr(sizeof trie_bytes + trie_bytes);
    LF_CHECK(kFormat, is_valid_utf8(replacements_), "{}: the replacements are not UTF-8", where_);
    for (size_t c = 1; c < ascii_.size(); ++c) ascii_[c] = look_up(std::string(1, static_cast<char>(c)));
  }

  /// The replacement of the shortest entry that `text` begins with.
  std::optional<std::string_view> find(std::string_view text) const {
    const auto first = static_cast<unsigned char>(text[0]);
    return text.size() == 1 && first < 0x80 ? ascii_[first] : look_up(text);
  }

 private:
  std::optional<std::string_view> look_up(std::string_view text) const {
    size_t node = offset(unit(0));
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte == 0) break;
      node ^= byte;
      const uint32_t here = unit(node);
      if ((here & 0x800000FFu) != byte) return std::nullopt;
      node ^= offset(here);
      if (here >> 8 & 1) return replacement(unit(node) & 0x7FFFFFFFu);
    }
    return std::nullopt;
  }

  std::string_view replacement(size_t at) const {
    LF_CHECK(kFormat, at <= replacements_.size(), "{}: a replacement at byte {} of {}", where_, at,
             replacements_.size());
    const std::string_view rest = std::string_view(replacements_).substr(at);
    const bool inside = !rest.empty() && (static_cast<unsigned char>(rest[0]) & 0xC0) == 0x80;
    LF_CHECK(kFormat, !inside, "{}: a replacement begins inside a character", where_);
    return rest.substr(0, rest.find('\0'));
  }

  static size_t offset(uint32_t unit) { return size_t{unit >> 10} << ((unit & 0x200) >> 6); }
  uint32_t unit(size_t at) const {
    LF_CHECK(kFormat, at < units_.size(), "{}: the character map points outside itself", where_);
    return units_[at];
  }

  std::string where_;
  std::vector<uint32_t> units_;
  std::string replacements_;
  std::array<std::optional<std::string_view>, 128> ascii_;
};

class MapRule {
 public:
  explicit MapRule(std::shared_ptr<const CharacterMap> map) : map_(std::move(map)) {}

  static bool leaves(std::string_view) { return false; }

  template <class Edits>
  void walk(std::string_view text, Edits& edits) const {
    constexpr size_t kWholeBelow = 6;
    for (size_t at = 0; at < text.size();) {
      const size_t end = cluster_end(text, at);
      const std::string_view cluster = text.substr(at, end - at);
      at = end;
      if (cluster.size() < kWholeBelow && put(cluster, edits)) continue;
      each_code_point(cluster, [&](char32_t c, std::string_view bytes) {
        if (!put(bytes, edits)) edits.replace(c);
      });
    }
  }

 private:
  /// Two ASCII characters in a row never share a cluster, but for \r\n.
  static size_t cluster_end(std::string_view text, size_t at) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(at) < 0x80 && byte(at) != '\r' && (at + 1 == text.size() || byte(at + 1) < 0x80)) return at + 1;
    return grapheme_end(text, at);
  }

  /// Puts the replacement of `old` in its place; false when there is none.
  template <class Edits>
  bool put(std::string_view old, Edits& edits) const {
    const auto found = map_->find(old);
    if (!found) return false;
    size_t left = 0;  // characters of `old` that nothing has replaced yet
    each_code_point(old, [&](char32_t, std::string_view) { ++left; });
    each_code_point(*found, [&](char32_t c, std::string_view) {
      if (left > 0)
        edits.replace(c);
      else
        edits.insert(c);
      left -= left > 0;
    });
    for (; left > 0; --left) edits.remove_unless_first();
    return true;
  }

  std::shared_ptr<const CharacterMap> map_;
};

}  // namespace

std::unique_ptr<Normalizer> make_precompiled(const JsonView& spec) {
  return std::make_unique<EditsNormalizer<MapRule>>(
      MapRule(std::make_shared<const CharacterMap>(spec.at("precompiled_charsmap"))));
}

}  // namespace lf
