// The texts of a vocabulary as a double array: one load a byte finds the longest token at a place of a text.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tokenizer/vocab.h"

namespace lf {

class TokenTrie {
 public:
  struct Entry {
    std::string_view text;  // not empty, and given once
    TokenId id;
  };
  struct Match {
    TokenId id = kNoToken;
    size_t bytes = 0;
  };

  /// Empty: finds nothing.
  TokenTrie() = default;
  /// The order of `entries` changes. `ids`: all ids are below this.
  TokenTrie(std::span<Entry> entries, size_t ids);

  /// The longest token that `text` begins with.
  Match longest(std::string_view text) const {
    Match match;
    const Slot* slots = slots_.get();
    uint32_t base = root_;
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    for (size_t i = 0; i < text.size(); ++i) {
      const Slot slot = slots[base ^ bytes[i]];
      if (slot.label() != bytes[i]) break;
      if (slot.token != kNoToken) match = {slot.token, i + 1};
      base = slot.base();
    }
    return match;
  }
  /// The longest token that the text of `token`, itself left out, begins with; kNoToken when there is none.
  TokenId shorter(TokenId token) const { return shorter_[static_cast<size_t>(token)]; }

 private:
  friend class TrieBuilder;
  /// The child of a node for a byte stands at base ^ byte. Nodes without children have base 0, where nothing stands.
  struct Slot {
    static constexpr uint32_t kNoLabel = 0x1FF;

    uint32_t link = kNoLabel;  // label (9 bits), base
    TokenId token = kNoToken;

    uint32_t label() const { return link & 0x1FF; }
    uint32_t base() const { return link >> 9; }
  };
  static constexpr size_t kMaxSlots = size_t{1} << 23;

  std::unique_ptr<Slot[]> slots_ = std::make_unique<Slot[]>(256);
  std::vector<TokenId> shorter_;
  uint32_t root_ = 0;
};

}  // namespace lf
