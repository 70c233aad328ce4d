// Ids of short words seen lately: one table for each thread, shared by all models (entries carry their owner).
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "tokenizer/hash.h"
#include "tokenizer/tokenizer.h"

namespace lf {

class WordCache {
 public:
  static constexpr size_t kMaxBytes = 26;
  static constexpr size_t kMaxIds = 8;

  /// One cache line: a word and its ids.
  struct alignas(64) Entry {
    uint32_t owner = 0;  // 0: empty
    uint8_t bytes = 0;
    uint8_t count = 0;
    char word[kMaxBytes];
    TokenId ids[kMaxIds];

    bool holds(uint32_t who, std::string_view text) const {
      return owner == who && bytes == text.size() && equal_bytes(word, text.data(), text.size());
    }
    void store(uint32_t who, std::string_view text, const TokenId* first, size_t many) {
      owner = who;
      bytes = static_cast<uint8_t>(text.size());
      count = static_cast<uint8_t>(many);
      std::memcpy(word, text.data(), text.size());
      std::copy(first, first + many, ids);
    }
  };

  static WordCache& of_this_thread() {
    thread_local const auto cache = std::make_unique<WordCache>();
    return *cache;
  }
  /// A number for a new owner; never 0 and never given twice.
  static uint32_t new_owner();

  /// Where `word` of `owner` would be. word.size() <= kMaxBytes.
  Entry& slot(uint32_t owner, std::string_view word) {
    return entries_[hash_bytes(word, seed_ + owner) & (kEntries - 1)];
  }

 private:
  static constexpr size_t kEntries = 1 << 14;
  uint64_t seed_ = hash_seed();
  std::array<Entry, kEntries> entries_;
};
static_assert(sizeof(WordCache::Entry) == 64);

}  // namespace lf
