// SentencePiece's compiled table of character replacements: a double-array trie (Darts) over UTF-8 and the texts it
// leads to.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lf {

class CharsMap {
 public:
  /// `blob`: size of the trie in bytes (32 bits, little-endian), the trie, zero-terminated texts. An empty blob
  /// replaces nothing. kFormat with `where` when the sizes do not fit.
  explicit CharsMap(std::string_view blob, std::string_view where = "charsmap");

  struct Match {
    size_t length;          // bytes of the input
    std::string_view text;  // what stands for them
  };
  /// The longest rule that `input` begins with.
  std::optional<Match> longest(std::string_view input) const;
  bool empty() const { return units_.empty(); }

 private:
  std::vector<uint32_t> units_;
  std::string texts_;
};

}  // namespace lf
