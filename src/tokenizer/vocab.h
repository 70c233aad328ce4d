// The token strings of a model: text -> id and id -> text, in flat tables.
#pragma once
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/hash.h"
#include "tokenizer/tokenizer.h"

namespace lf {

inline constexpr TokenId kMaxTokenId = 1 << 24;
inline constexpr TokenId kNoToken = -1;

class Vocab {
 public:
  enum class Insert { kDone, kTextTaken, kIdTaken };

  /// Room for `entries` texts of `bytes` bytes together.
  void reserve(size_t entries, size_t bytes);
  /// `id` in [0, kMaxTokenId].
  Insert insert(std::string_view text, TokenId id) { return insert(text, id, hash_bytes(text, hash_seed())); }
  Insert insert(std::string_view text, TokenId id, uint64_t hash);
  /// Id of `text`, or kNoToken.
  TokenId find(std::string_view text) const { return find(text, hash_bytes(text, hash_seed())); }
  std::optional<std::string_view> text(TokenId id) const;
  /// Number of entries.
  size_t size() const { return size_; }
  /// All ids are below this.
  size_t id_limit() const { return by_id_.size(); }
  /// At least the length of all texts together.
  size_t text_bytes() const { return records_.size(); }
  /// All (text, id), in order of insertion.
  template <class Visit>
  void each(const Visit& visit) const {
    for (uint32_t at = 0; at < records_.size(); at += record_size(at)) visit(text_of(at), id_of(at));
  }

  /// For many look-ups at once: hash first, touch, touch_text, and find only then, so that the waits for memory
  /// overlap.
  void touch(uint64_t hash) const { __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]); }
  void touch_text(uint64_t hash) const {
    const Slot& slot = slots_[hash & (slots_.size() - 1)];
    if (slot.record != kNone) __builtin_prefetch(records_.data() + slot.record);
  }
  /// find() with the hash known: hash_bytes(text, hash_seed()).
  TokenId find(std::string_view text, uint64_t hash) const;

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  static constexpr size_t kHeader = sizeof(TokenId) + sizeof(uint32_t);
  struct Slot {
    uint32_t tag = 0;
    uint32_t record = kNone;
  };

  uint32_t length_of(uint32_t record) const {
    uint32_t length = 0;
    std::memcpy(&length, records_.data() + record + sizeof(TokenId), sizeof length);
    return length;
  }
  uint32_t record_size(uint32_t record) const { return static_cast<uint32_t>(kHeader) + length_of(record); }
  TokenId id_of(uint32_t record) const {
    TokenId id = 0;
    std::memcpy(&id, records_.data() + record, sizeof id);
    return id;
  }
  std::string_view text_of(uint32_t record) const { return {records_.data() + record + kHeader, length_of(record)}; }
  size_t slot_of(std::string_view text, uint64_t hash) const;
  void grow(size_t slots);

  std::string records_;  // id, length, text; one after the other
  size_t size_ = 0;
  std::vector<uint32_t> by_id_;  // record, or kNone
  std::vector<Slot> slots_ = std::vector<Slot>(16);
};

}  // namespace lf
