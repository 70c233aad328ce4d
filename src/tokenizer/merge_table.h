// The merges of a BPE model: (left id, right id) -> (rank, merged id), in one flat table; and the merging of a word.
#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace lf {

inline constexpr uint32_t kNoRank = std::numeric_limits<uint32_t>::max();

struct Merge {
  uint32_t rank = kNoRank;
  TokenId id = 0;
};

class MergeTable {
 public:
  void reserve(size_t merges);
  /// A pair given twice keeps the later merge.
  void insert(TokenId left, TokenId right, Merge merge);
  size_t size() const { return count_; }
  /// Brings the place of a pair near, for an insert() or find() soon.
  void touch(TokenId left, TokenId right) const { __builtin_prefetch(&slots_[hash(key_of(left, right)) & mask_]); }
  /// rank = kNoRank when the pair does not merge.
  Merge find(TokenId left, TokenId right) const {
    const uint64_t key = key_of(left, right);
    for (size_t at = hash(key) & mask_;; at = (at + 1) & mask_) {
      const Slot& slot = slots_.data()[at];
      if (slot.key == key) return slot.merge;
      if (slot.key == kEmpty) return {};
    }
  }

  /// A filter in front of find(): false means that the pair does not merge, and costs one load from a small table.
  bool may_hold(TokenId left, TokenId right) const {
    const size_t bit = hash(key_of(left, right)) & filter_mask_;
    return filter_.get()[bit / 64] >> bit % 64 & 1;
  }
  /// To be called after the last insert(): may_hold() is ready from then on.
  void make_filter();

 private:
  static constexpr uint64_t kEmpty = ~uint64_t{0};
  struct Slot {
    uint64_t key = kEmpty;
    Merge merge;
  };

  static uint64_t key_of(TokenId left, TokenId right) {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
  }
  size_t hash(uint64_t key) const;
  void place(uint64_t key, Merge merge);

  std::vector<Slot> slots_ = std::vector<Slot>(1);
  size_t mask_ = 0;
  size_t count_ = 0;
  std::unique_ptr<uint64_t[]> filter_;
  size_t filter_mask_ = 0;
  uint64_t seed_ = 1;
};

/// Merges the symbols of one word in place: always the lowest rank, the leftmost of equals. O(n log n).
void merge_symbols(std::vector<TokenId>& symbols, const MergeTable& merges);

}  // namespace lf

#include "tokenizer/hash.h"

namespace lf {
inline size_t MergeTable::hash(uint64_t key) const { return mix(key ^ seed_, 0x9E3779B97F4A7C15u); }
}  // namespace lf
