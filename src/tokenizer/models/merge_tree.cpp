#include "tokenizer/models/merge_tree.h"

#include <algorithm>
#include <array>

namespace lf {

MergeTree::MergeTree(std::span<const TokenId> atoms, std::span<const Step> steps, const MergeTable& merges, size_t ids,
                     const SymbolsOf& symbols_of)
    : ends_in_(ids), begins_with_(ids), merges_(&merges) {
  Part* ends_in = ends_in_.data();
  Part* begins_with = begins_with_.data();
  for (const TokenId atom : atoms) ends_in[atom].time = begins_with[atom].time = 0;
  const bool repeats = merges.size() != steps.size();  // a pair given twice counts where it comes last
  bool all_found = true;
  for (size_t rank = 0; rank < steps.size(); ++rank) {
    const Step& step = steps[rank];
    const auto time = static_cast<uint32_t>(rank) + 1;
    if (ends_in[step.merged].time != kNever) continue;
    if (repeats && merges.find(step.left, step.right).rank != rank) continue;
    const bool in_order = ends_in[step.left].time < time && ends_in[step.right].time < time;
    if (in_order && stays_apart(step.left, step.right, false)) {
      begins_with[step.merged] = {time, step.left};
      ends_in[step.merged] = {time, step.right};
    } else {
      all_found = false;
    }
  }
  if (!all_found) find_odd(steps, symbols_of);
}

/// Walks from x and y back to the symbols that met at their border. `fresh`: x and y themselves must not merge either.
bool MergeTree::stays_apart(TokenId x, TokenId y, bool fresh) const {
  const Part* ends_in = ends_in_.data();
  const Part* begins_with = begins_with_.data();
  uint32_t limit = kNever;  // the time when the two symbols no longer stand side by side
  if (fresh && merges_->may_hold(x, y) && merges_->find(x, y).rank != kNoRank) return false;
  for (;;) {
    const Part left = ends_in[x];
    const Part right = begins_with[y];
    if ((left.time | right.time) == 0) return true;
    // The later one is undone; of two at the same time that is the right one, and a merge here would have come before
    // it.
    const uint32_t undo_left = left.time > right.time ? ~uint32_t{0} : 0;  // masks: a branch would be a coin toss
    limit = (left.time & undo_left) | ((right.time + 1) & ~undo_left);
    x = static_cast<TokenId>((static_cast<uint32_t>(left.token) & undo_left) | (static_cast<uint32_t>(x) & ~undo_left));
    y = static_cast<TokenId>((static_cast<uint32_t>(y) & undo_left) |
                             (static_cast<uint32_t>(right.token) & ~undo_left));
    if (merges_->may_hold(x, y) && merges_->find(x, y).rank < limit - 1) return false;
  }
}

/// Tokens whose merges did not come in the order of rank: whether merging reaches them is found by merging.
void MergeTree::find_odd(std::span<const Step> steps, const SymbolsOf& symbols_of) {
  std::vector<bool> tried(ends_in_.size());
  std::vector<TokenId> symbols;
  for (const Step& step : steps) {
    const auto index = static_cast<size_t>(step.merged);
    if (ends_in_[index].time != kNever || tried[index]) continue;
    tried[index] = true;
    symbols.clear();
    if (!symbols_of(step.merged, symbols)) continue;
    std::vector<TokenId> merged = symbols;
    merge_symbols(merged, *merges_);
    if (merged.size() == 1 && merged[0] == step.merged) odd_.emplace(step.merged, symbols);
  }
  for (const auto& [token, all] : odd_) ends_in_[static_cast<size_t>(token)].time = kOdd;
}

void MergeTree::append_symbols(TokenId token, std::vector<TokenId>& out) const {
  const auto index = static_cast<size_t>(token);
  if (ends_in_[index].time == kOdd) {
    const std::vector<TokenId>& symbols = odd_.at(token);
    out.insert(out.end(), symbols.begin(), symbols.end());
  } else if (ends_in_[index].time == 0) {
    out.push_back(token);
  } else {
    append_symbols(begins_with_[index].token, out);
    append_symbols(ends_in_[index].token, out);
  }
}

bool MergeTree::may_meet_odd(TokenId left, TokenId right) const {
  std::vector<TokenId> symbols;
  append_symbols(left, symbols);
  append_symbols(right, symbols);
  merge_symbols(symbols, *merges_);
  return symbols.size() == 2 && symbols[0] == left && symbols[1] == right;
}

}  // namespace lf
