// The token strings of a vocabulary as a trie over bytes, for models that ask which tokens a text begins with.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/vocab.h"

namespace lf {

class PrefixTrie {
 public:
  static constexpr uint32_t kRoot = 0;

  PrefixTrie() = default;
  /// All texts of `vocab` but the empty one.
  explicit PrefixTrie(const Vocab& vocab);

  /// The node after `byte`, or kRoot when no token goes on that way.
  uint32_t child(uint32_t node, uint8_t byte) const {
    const Node& here = nodes_[node];
    const Edge* edge = edges_.data() + here.first_edge;
    const Edge* last = edge + here.edge_count;
    if (here.edge_count > kFew) edge = lower_bound(edge, last, byte);
    for (; edge != last && edge->byte < byte; ++edge) {
    }
    return edge != last && edge->byte == byte ? edge->node : kRoot;
  }
  /// The token that ends at `node`, or kNoToken.
  TokenId token(uint32_t node) const { return nodes_[node].token; }

 private:
  static constexpr uint32_t kFew = 8;
  /// Edges sit in edges_[first_edge, first_edge + edge_count), sorted by byte.
  struct Node {
    uint32_t first_edge = 0, edge_count = 0;
    TokenId token = kNoToken;
  };
  struct Edge {
    uint8_t byte;
    uint32_t node;
  };
  static const Edge* lower_bound(const Edge* first, const Edge* last, uint8_t byte);

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::vector<Edge> edges_;
};

}  // namespace lf
