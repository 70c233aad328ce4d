// The token strings of a model: text -> id and id -> text, in flat tables.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace lf {

inline constexpr TokenId kMaxTokenId = 1 << 24;
inline constexpr TokenId kNoToken = -1;

class Vocab {
 public:
  enum class Insert { kDone, kTextTaken, kIdTaken };

  void reserve(size_t entries);
  /// `id` in [0, kMaxTokenId].
  Insert insert(std::string_view text, TokenId id);
  /// Id of `text`, or kNoToken.
  TokenId find(std::string_view text) const;
  std::optional<std::string_view> text(TokenId id) const;
  /// Number of entries.
  size_t size() const { return entries_.size(); }
  /// All (text, id), in order of insertion.
  template <class Visit>
  void each(const Visit& visit) const {
    for (const Entry& entry : entries_) visit(text_of(entry), entry.id);
  }

 private:
  struct Entry {
    uint64_t begin;
    uint32_t length;
    TokenId id;
  };
  struct Slot {
    uint32_t tag = 0;
    int32_t entry = -1;
  };

  std::string_view text_of(const Entry& entry) const {
    return std::string_view(bytes_).substr(entry.begin, entry.length);
  }
  size_t slot_of(std::string_view text, uint64_t hash) const;
  void grow(size_t slots);

  std::string bytes_;
  std::vector<Entry> entries_;
  std::vector<int32_t> by_id_;
  std::vector<Slot> slots_;
};

}  // namespace lf
