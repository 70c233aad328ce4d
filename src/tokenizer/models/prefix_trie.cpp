#include "tokenizer/models/prefix_trie.h"

#include <algorithm>

namespace lf {

/// Breadth first over the sorted tokens, so that the edges of a node stand together.
PrefixTrie::PrefixTrie(const Vocab& vocab) {
  std::vector<std::pair<std::string_view, TokenId>> sorted;
  vocab.each([&](std::string_view text, TokenId id) {
    if (!text.empty()) sorted.emplace_back(text, id);
  });
  std::sort(sorted.begin(), sorted.end());
  struct Range {
    size_t begin, end, depth;
  };
  std::vector<Range> ranges{{0, sorted.size(), 0}};
  for (size_t n = 0; n < ranges.size(); ++n) {
    auto [begin, end, depth] = ranges[n];
    if (begin < end && sorted[begin].first.size() == depth) nodes_[n].token = sorted[begin++].second;
    nodes_[n].first_edge = static_cast<uint32_t>(edges_.size());
    while (begin < end) {
      const char byte = sorted[begin].first[depth];
      size_t same = begin;
      while (same < end && sorted[same].first[depth] == byte) ++same;
      edges_.push_back({static_cast<uint8_t>(byte), static_cast<uint32_t>(ranges.size())});
      ranges.push_back({begin, same, depth + 1});
      nodes_.emplace_back();
      begin = same;
    }
    nodes_[n].edge_count = static_cast<uint32_t>(edges_.size()) - nodes_[n].first_edge;
  }
}

const PrefixTrie::Edge* PrefixTrie::lower_bound(const Edge* first, const Edge* last, uint8_t byte) {
  return std::lower_bound(first, last, byte, [](const Edge& edge, uint8_t b) { return edge.byte < b; });
}

}  // namespace lf
