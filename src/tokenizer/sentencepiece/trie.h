// Finds all texts of a set that begin at a place, shortest first.
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace lf {

class PieceTrie {
 public:
  PieceTrie() = default;
  /// Texts with their values (>= 0). Empty texts are left out; of equal ones the first counts.
  explicit PieceTrie(std::vector<std::pair<std::string_view, int32_t>> texts);

  bool empty() const { return nodes_.size() <= 1; }
  /// Calls visit(length, value) for each text that `input` begins with.
  template <class Visit>
  void each_prefix(std::string_view input, const Visit& visit) const {
    uint32_t node = 0;
    for (size_t i = 0; i < input.size(); ++i) {
      node = child(node, static_cast<uint8_t>(input[i]));
      if (node == 0) return;
      if (nodes_[node].value >= 0) visit(i + 1, nodes_[node].value);
    }
  }
  /// The longest of them: length (0: none) and value.
  std::pair<size_t, int32_t> longest_prefix(std::string_view input) const {
    std::pair<size_t, int32_t> best{0, -1};
    if (!empty()) each_prefix(input, [&](size_t length, int32_t value) { best = {length, value}; });
    return best;
  }

 private:
  struct Node {
    uint32_t first_edge = 0, edge_count = 0;
    int32_t value = -1;
  };
  struct Edge {
    uint8_t byte;
    uint32_t node;
  };
  uint32_t child(uint32_t node, uint8_t byte) const;

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::vector<Edge> edges_;  // of a node: side by side, sorted by byte
  std::vector<uint32_t> root_ = std::vector<uint32_t>(256);
};

}  // namespace lf
