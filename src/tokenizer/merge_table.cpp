#include "tokenizer/merge_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <queue>

namespace lf {
namespace {

constexpr size_t kShortWord = 40;  // up to here a scan for the lowest rank beats a heap

size_t merge_short(TokenId* symbols, size_t count, const MergeTable& merges) {
  std::array<Merge, kShortWord> next;  // next[i]: merge of symbols i and i + 1
  for (size_t i = 0; i + 1 < count; ++i) next[i] = merges.find(symbols[i], symbols[i + 1]);
  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; ++i) {
      if (next[i].rank < next[best].rank) best = i;
    }
    if (next[best].rank == kNoRank) break;
    symbols[best] = next[best].id;
    --count;
    std::copy(symbols + best + 2, symbols + count + 1, symbols + best + 1);
    if (best + 1 < count) {
      std::copy(next.begin() + best + 2, next.begin() + count, next.begin() + best + 1);
      next[best] = merges.find(symbols[best], symbols[best + 1]);
    }
    if (best > 0) next[best - 1] = merges.find(symbols[best - 1], symbols[best]);
  }
  return count;
}

/// A word as a linked list of symbols with a heap of possible merges; entries that no longer apply are dropped when
/// they come up.
class LongWord {
 public:
  LongWord(std::vector<TokenId>& symbols, const MergeTable& merges) : symbols_(symbols), merges_(merges) {
    const auto count = static_cast<uint32_t>(symbols.size());
    next_.resize(count);
    previous_.resize(count);
    for (uint32_t i = 0; i < count; ++i) {
      next_[i] = i + 1;
      previous_[i] = i - 1;
    }
    std::vector<Candidate> first;
    first.reserve(count);
    for (uint32_t i = 0; i + 1 < count; ++i) {
      const Merge merge = merges.find(symbols[i], symbols[i + 1]);
      if (merge.rank != kNoRank) first.push_back({order(merge.rank, i), symbols[i], symbols[i + 1], merge.id});
    }
    heap_ = Heap(std::greater<>(), std::move(first));
  }

  void run() {
    const auto count = static_cast<uint32_t>(symbols_.size());
    while (!heap_.empty()) {
      const Candidate top = heap_.top();
      heap_.pop();
      const auto at = static_cast<uint32_t>(top.order);
      const uint32_t right = next_[at];
      if (symbols_[at] != top.left || right >= count || symbols_[right] != top.right) continue;
      symbols_[at] = top.merged;
      symbols_[right] = kGone;
      next_[at] = next_[right];
      if (next_[at] < count) {
        previous_[next_[at]] = at;
        push(at, next_[at]);
      }
      if (previous_[at] < count) push(previous_[at], at);
    }
    std::erase(symbols_, kGone);
  }

 private:
  static constexpr TokenId kGone = -1;
  struct Candidate {
    uint64_t order;  // rank, then position
    TokenId left, right, merged;
    bool operator>(const Candidate& other) const { return order > other.order; }
  };
  using Heap = std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>>;

  static uint64_t order(uint32_t rank, uint32_t position) { return static_cast<uint64_t>(rank) << 32 | position; }
  void push(uint32_t left, uint32_t right) {
    const Merge merge = merges_.find(symbols_[left], symbols_[right]);
    if (merge.rank != kNoRank) heap_.push({order(merge.rank, left), symbols_[left], symbols_[right], merge.id});
  }

  std::vector<TokenId>& symbols_;
  const MergeTable& merges_;
  std::vector<uint32_t> next_, previous_;
  Heap heap_;
};

}  // namespace

void MergeTable::reserve(size_t merges) {
  seed_ = hash_seed();
  const size_t slots = std::bit_ceil(std::max<size_t>(16, merges + merges / 2));
  if (slots <= slots_.size()) return;
  std::vector<Slot> old(slots);
  old.swap(slots_);
  mask_ = slots - 1;
  count_ = 0;
  for (const Slot& slot : old) {
    if (slot.key != kEmpty) place(slot.key, slot.merge);
  }
}

void MergeTable::place(uint64_t key, Merge merge) {
  size_t at = hash(key) & mask_;
  while (slots_[at].key != key && slots_[at].key != kEmpty) at = (at + 1) & mask_;
  count_ += slots_[at].key == kEmpty;
  slots_[at] = {key, merge};
}

void MergeTable::insert(TokenId left, TokenId right, Merge merge) {
  if (count_ + count_ / 4 >= slots_.size() - 1) reserve(slots_.size() * 2);
  place(key_of(left, right), merge);
}

void MergeTable::make_filter() {
  constexpr size_t kBitsEach = 8;
  const size_t bits = std::bit_ceil(std::max<size_t>(64, count_ * kBitsEach));
  filter_ = std::make_unique<uint64_t[]>(bits / 64);
  filter_mask_ = bits - 1;
  for (const Slot& slot : slots_) {
    if (slot.key == kEmpty) continue;
    const size_t bit = hash(slot.key) & filter_mask_;
    filter_[bit / 64] |= uint64_t{1} << bit % 64;
  }
}

void merge_symbols(std::vector<TokenId>& symbols, const MergeTable& merges) {
  if (symbols.size() < 2) return;
  if (symbols.size() <= kShortWord) {
    symbols.resize(merge_short(symbols.data(), symbols.size(), merges));
  } else {
    LongWord(symbols, merges).run();
  }
}

}  // namespace lf
