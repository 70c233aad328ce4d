#include "tokenizer/models/merge_tree.h"

#include <algorithm>
#include <array>

namespace lf {

MergeTree::MergeTree(std::span<const TokenId> atoms, std::span<const Step> steps, const MergeTable& merges, size_t ids,
                     const SymbolsOf& symbols_of)
    : nodes_(ids), merges_(&merges) {
  Node* nodes = nodes_.data();
  for (const TokenId atom : atoms) nodes[atom].time = 0;
  const bool repeats = merges.size() != steps.size();  // a pair given twice counts where it comes last
  bool all_found = true;
  for (size_t rank = 0; rank < steps.size(); ++rank) {
    const Step& step = steps[rank];
    const auto time = static_cast<uint32_t>(rank) + 1;
    if (nodes[step.merged].time != kNever) continue;
    if (repeats && merges.find(step.left, step.right).rank != rank) continue;
    const bool in_order = nodes[step.left].time < time && nodes[step.right].time < time;
    if (in_order && stays_apart(step.left, step.right, false))
      nodes[step.merged] = {time, step.left, step.right};
    else
      all_found = false;
  }
  if (!all_found) find_odd(steps, symbols_of);
}

/// Walks from x and y back to the symbols that met at their border. `fresh`: x and y themselves must not merge either.
bool MergeTree::stays_apart(TokenId x, TokenId y, bool fresh) const {
  const Node* nodes = nodes_.data();
  uint32_t limit = kNever;  // the time when the two symbols no longer stand side by side
  for (;;) {
    if (fresh) {
      const Merge merge = merges_->find(x, y);
      if (merge.rank != kNoRank && merge.rank + 1 < limit) return false;
    }
    fresh = true;
    const Node& left = nodes[x];
    const Node& right = nodes[y];
    if (left.time > right.time) {
      limit = left.time;
      x = left.right;
    } else if (right.time > 0) {  // of two at the same time the right one came later, and a merge here would have come
      limit = right.time + 1;     // before it
      y = right.left;
    } else {
      return true;
    }
  }
}

/// Tokens whose merges did not come in the order of rank: whether merging reaches them is found by merging.
void MergeTree::find_odd(std::span<const Step> steps, const SymbolsOf& symbols_of) {
  std::vector<bool> tried(nodes_.size());
  std::vector<TokenId> symbols;
  for (const Step& step : steps) {
    const auto index = static_cast<size_t>(step.merged);
    if (nodes_[index].time != kNever || tried[index]) continue;
    tried[index] = true;
    symbols.clear();
    if (!symbols_of(step.merged, symbols)) continue;
    std::vector<TokenId> merged = symbols;
    merge_symbols(merged, *merges_);
    if (merged.size() == 1 && merged[0] == step.merged) odd_.emplace(step.merged, symbols);
  }
  for (const auto& [token, all] : odd_) nodes_[static_cast<size_t>(token)].time = kOdd;
}

void MergeTree::append_symbols(TokenId token, std::vector<TokenId>& out) const {
  const Node& node = nodes_[static_cast<size_t>(token)];
  if (node.time == kOdd) {
    const std::vector<TokenId>& symbols = odd_.at(token);
    out.insert(out.end(), symbols.begin(), symbols.end());
  } else if (node.time == 0) {
    out.push_back(token);
  } else {
    append_symbols(node.left, out);
    append_symbols(node.right, out);
  }
}

bool MergeTree::may_meet(TokenId left, TokenId right) const {
  if (nodes_[static_cast<size_t>(left)].time < kOdd && nodes_[static_cast<size_t>(right)].time < kOdd) {
    return stays_apart(left, right, true);
  }
  std::vector<TokenId> symbols;
  append_symbols(left, symbols);
  append_symbols(right, symbols);
  merge_symbols(symbols, *merges_);
  return symbols.size() == 2 && symbols[0] == left && symbols[1] == right;
}

}  // namespace lf
