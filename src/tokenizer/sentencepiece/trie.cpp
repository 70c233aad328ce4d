#include "tokenizer/sentencepiece/trie.h"

#include <algorithm>

namespace lf {

/// Breadth first over the sorted texts, so that the edges of a node stand together.
PieceTrie::PieceTrie(std::vector<std::pair<std::string_view, int32_t>> texts) {
  std::erase_if(texts, [](const auto& entry) { return entry.first.empty(); });
  std::stable_sort(texts.begin(), texts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  struct Range {
    size_t begin, end, depth;
  };
  std::vector<Range> ranges{{0, texts.size(), 0}};
  for (size_t n = 0; n < ranges.size(); ++n) {
    auto [begin, end, depth] = ranges[n];
    if (begin < end && texts[begin].first.size() == depth) nodes_[n].value = texts[begin].second;
    while (begin < end && texts[begin].first.size() == depth) ++begin;
    nodes_[n].first_edge = static_cast<uint32_t>(edges_.size());
    while (begin < end) {
      const char byte = texts[begin].first[depth];
      size_t same = begin;
      while (same < end && texts[same].first[depth] == byte) ++same;
      edges_.push_back({static_cast<uint8_t>(byte), static_cast<uint32_t>(ranges.size())});
      ranges.push_back({begin, same, depth + 1});
      nodes_.emplace_back();
      begin = same;
    }
    nodes_[n].edge_count = static_cast<uint32_t>(edges_.size()) - nodes_[n].first_edge;
  }
  for (uint32_t i = 0; i < nodes_[0].edge_count; ++i) root_[edges_[i].byte] = edges_[i].node;
}

uint32_t PieceTrie::child(uint32_t node, uint8_t byte) const {
  if (node == 0) return root_[byte];
  const auto first = edges_.begin() + nodes_[node].first_edge;
  const auto last = first + nodes_[node].edge_count;
  const auto edge = std::lower_bound(first, last, byte, [](const Edge& e, uint8_t b) { return e.byte < b; });
  return edge != last && edge->byte == byte ? edge->node : 0;
}

}  // namespace lf
