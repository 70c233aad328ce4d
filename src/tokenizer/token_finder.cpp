#include "tokenizer/token_finder.h"

namespace lf {

uint32_t TokenFinder::child(uint32_t node, uint8_t byte) const {
  for (const auto& [edge, next] : nodes_[node].children) {
    if (edge == byte) return next;
  }
  return 0;
}

void TokenFinder::add(std::string_view text, size_t index) {
  if (text.empty()) return;
  first_[static_cast<uint8_t>(text[0])] = true;
  uint32_t node = 0;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    uint32_t next = child(node, byte);
    if (next == 0) {
      next = static_cast<uint32_t>(nodes_.size());
      nodes_[node].children.emplace_back(byte, next);
      nodes_.emplace_back();
    }
    node = next;
  }
  if (nodes_[node].pattern < 0) nodes_[node].pattern = static_cast<int64_t>(index);
}

bool TokenFinder::find(std::string_view text, size_t from, Found& found) const {
  if (empty()) return false;
  for (size_t begin = from; begin < text.size(); ++begin) {
    if (!first_[static_cast<uint8_t>(text[begin])]) continue;
    uint32_t node = 0;
    bool any = false;
    for (size_t at = begin; at < text.size();) {
      node = child(node, static_cast<uint8_t>(text[at++]));
      if (node == 0) break;
      if (nodes_[node].pattern < 0) continue;
      found = {begin, at, static_cast<size_t>(nodes_[node].pattern)};
      any = true;
    }
    if (any) return true;
  }
  return false;
}

}  // namespace lf
