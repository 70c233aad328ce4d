// Finds any of a set of texts in a text: leftmost, and of those that start there the longest.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace lf {

class TokenFinder {
 public:
  struct Found {
    size_t begin = 0, end = 0;
    size_t pattern = 0;  // index given to add()
  };

  /// Empty texts are left out; of two equal ones the first counts.
  void add(std::string_view text, size_t index);
  bool empty() const { return nodes_.size() == 1; }
  /// The first match that starts at or after `from`; false when there is none.
  bool find(std::string_view text, size_t from, Found& found) const;

 private:
  struct Node {
    std::vector<std::pair<uint8_t, uint32_t>> children;
    int64_t pattern = -1;
  };
  uint32_t child(uint32_t node, uint8_t byte) const;

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::array<bool, 256> first_{};
};

}  // namespace lf
