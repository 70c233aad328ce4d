#include "tokenizer/models/token_trie.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/error.h"

namespace lf {
namespace {

/// 256 flags, one for each low byte of a slot's index.
struct Flags {
  std::array<uint64_t, 4> words{};

  bool test(uint32_t i) const { return words[i >> 6] >> (i & 63) & 1; }
  void set(uint32_t i) { words[i >> 6] |= uint64_t{1} << (i & 63); }
  bool any() const { return (words[0] | words[1] | words[2] | words[3]) != 0; }
  uint32_t first() const {
    uint32_t word = 0;
    while (words[word] == 0) ++word;
    return word * 64 + static_cast<uint32_t>(std::countr_zero(words[word]));
  }

  /// Flag i of the result is flag i ^ byte of this.
  Flags exchanged(uint32_t byte) const {
    static constexpr std::array<uint64_t, 6> kLow = {0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F,
                                                     0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF, 0x00000000FFFFFFFF};
    Flags out;
    for (uint32_t i = 0; i < 4; ++i) {
      uint64_t word = words[i ^ (byte >> 6)];
      for (uint32_t bit = 0; bit < 6; ++bit) {
        const uint32_t shift = 1U << bit;
        if (byte & shift) word = (word & kLow[bit]) << shift | (word >> shift & kLow[bit]);
      }
      out.words[i] = word;
    }
    return out;
  }
};

/// 256 slots: which are taken, and which of them are some node's base.
struct Block {
  Flags taken, bases;
  uint32_t free = 256;
};

}  // namespace

class TrieBuilder {
 public:
  TrieBuilder(TokenTrie& trie, std::span<TokenTrie::Entry> entries) : trie_(trie), entries_(entries) {}

  void run() {
    add_block();  // slot 0 and its neighbours stay empty: the base of nodes without children
    blocks_[0].free = 0;
    open_.clear();
    const size_t expected = entries_.size() * 4 + 1024;
    slots_.reserve(expected);
    trie_.root_ = place({0, static_cast<uint32_t>(entries_.size()), 0, 0, kNoToken});
    while (!stack_.empty()) {
      const Node node = stack_.back();
      stack_.pop_back();
      const uint32_t base = place(node);
      slots_[node.slot].link = slots_[node.slot].label() | base << 9;
    }
    trie_.slots_ = std::make_unique<TokenTrie::Slot[]>(slots_.size());
    std::copy(slots_.begin(), slots_.end(), trie_.slots_.get());
  }

 private:
  using Slot = TokenTrie::Slot;
  /// The entries [begin, end) agree in their first `depth` bytes.
  struct Node {
    uint32_t begin, end, depth, slot;
    TokenId above;  // the longest token among the prefixes
  };

  /// Finds slots for the children of a node and puts those on the stack; returns their base.
  uint32_t place(Node node) {
    const std::string_view shortest = entries_[node.begin].text;
    if (node.depth > 0 && shortest.size() == node.depth) {
      const TokenId id = entries_[node.begin++].id;
      slots_[node.slot].token = id;
      trie_.shorter_[static_cast<size_t>(id)] = node.above;
      node.above = id;
    }
    if (node.begin == node.end) return 0;
    children_.clear();
    for (uint32_t begin = node.begin; begin < node.end;) {
      const char byte = entries_[begin].text[node.depth];
      uint32_t end = begin + 1;
      while (end < node.end && entries_[end].text[node.depth] == byte) ++end;
      children_.push_back({static_cast<uint8_t>(byte), begin, end});
      begin = end;
    }
    const uint32_t base = find_base();
    for (const Child& child : children_) {
      const uint32_t slot = base ^ child.byte;
      slots_[slot].link = child.byte;
      stack_.push_back({child.begin, child.end, node.depth + 1, slot, node.above});
    }
    return base;
  }

  uint32_t find_base() {
    constexpr size_t kTries = 8;
    for (size_t i = 0; i < std::min(kTries, open_.size()); ++i) {
      const uint32_t block = open_[open_.size() - 1 - i];
      if (blocks_[block].free < children_.size()) continue;
      Flags fits;
      for (size_t word = 0; word < 4; ++word) fits.words[word] = ~blocks_[block].bases.words[word];
      for (size_t c = 0; c < children_.size() && fits.any(); ++c) {
        const Flags taken = blocks_[block].taken.exchanged(children_[c].byte);
        for (size_t word = 0; word < 4; ++word) fits.words[word] &= ~taken.words[word];
      }
      if (fits.any()) return take(block, fits.first());
    }
    return take(add_block(), 0);
  }

  uint32_t take(uint32_t index, uint32_t low) {
    Block& block = blocks_[index];
    block.bases.set(low);
    for (const Child& child : children_) block.taken.set(low ^ child.byte);
    block.free -= static_cast<uint32_t>(children_.size());
    if (block.free == 0) std::erase(open_, index);
    return index * 256 + low;
  }

  uint32_t add_block() {
    const auto index = static_cast<uint32_t>(blocks_.size());
    LF_CHECK(kFormat, (index + 1) * size_t{256} < TokenTrie::kMaxSlots, "a vocabulary of more than {} bytes of text",
             TokenTrie::kMaxSlots / 2);
    blocks_.emplace_back();
    open_.push_back(index);
    slots_.resize(slots_.size() + 256);
    return index;
  }

  struct Child {
    uint8_t byte;
    uint32_t begin, end;
  };

  TokenTrie& trie_;
  std::span<TokenTrie::Entry> entries_;
  std::vector<Slot> slots_;
  std::vector<Block> blocks_;
  std::vector<uint32_t> open_;  // blocks with free slots
  std::vector<Node> stack_;
  std::vector<Child> children_;
};

namespace {

/// The first eight bytes, so that comparing numbers compares texts.
uint64_t sort_key(std::string_view text) {
  uint64_t key = 0;
  for (size_t i = 0; i < 8; ++i) key = key << 8 | (i < text.size() ? static_cast<uint8_t>(text[i]) : 0);
  return key;
}

void sort_by_text(std::span<TokenTrie::Entry> entries) {
  struct Keyed {
    uint64_t key;
    TokenTrie::Entry entry;
  };
  std::vector<Keyed> keyed;
  keyed.reserve(entries.size());
  for (const TokenTrie::Entry& entry : entries) keyed.push_back({sort_key(entry.text), entry});
  std::sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
    return a.key != b.key ? a.key < b.key : a.entry.text < b.entry.text;
  });
  for (size_t i = 0; i < entries.size(); ++i) entries[i] = keyed[i].entry;
}

}  // namespace

TokenTrie::TokenTrie(std::span<Entry> entries, size_t ids) : shorter_(ids, kNoToken) {
  if (entries.empty()) return;
  sort_by_text(entries);
  TrieBuilder(*this, entries).run();
}

}  // namespace lf
