// How each token of a BPE vocabulary comes about, and from that, which two tokens may stand side by side.
//
// Merging is local: a text's encoding is the one sequence of tokens in which every token encodes to itself and every
// two neighbours, taken alone, encode to these two (no merge ever spans their border). So an encoder may guess tokens
// and check borders instead of merging. For the border of x and y it is enough to walk back in time along the right
// edge of x and the left edge of y, and to ask whether any two symbols that met there would have been merged. The
// argument holds for any list of merges as long as ties go to the left; see also B. Hulin, "So many tokens, so little
// time" (GitHub, 2024), where tokens are numbered in the order of merging.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "tokenizer/merge_table.h"

namespace lf {

class MergeTree {
 public:
  struct Step {
    TokenId left, right, merged;
  };
  /// Appends the symbols that the text of a token is made of; false when it holds something that is no symbol.
  using SymbolsOf = std::function<bool(TokenId token, std::vector<TokenId>& out)>;

  MergeTree() = default;
  /// `atoms`: the symbols that words are made of before merging. `steps`: the merges in the order of rank, which
  /// `merges` holds too. `ids`: all ids are below this. `merges` must outlive this; `symbols_of` is used here only.
  MergeTree(std::span<const TokenId> atoms, std::span<const Step> steps, const MergeTable& merges, size_t ids,
            const SymbolsOf& symbols_of);

  /// Whether merging ever ends with this token: its own symbols become it again.
  bool reachable(TokenId token) const { return ends_in_.data()[token].time != kNever; }
  /// Whether two reachable tokens stay as they are beside each other.
  bool may_meet(TokenId left, TokenId right) const {
    const bool odd = ends_in_.data()[left].time == kOdd || ends_in_.data()[right].time == kOdd;
    return odd ? may_meet_odd(left, right) : stays_apart(left, right, true);
  }

 private:
  static constexpr uint32_t kNever = ~uint32_t{0};  // not reachable
  static constexpr uint32_t kOdd = kNever - 1;      // reachable, but its merges are not in the order of their ranks

  /// One side of a token: when it was merged (rank + 1; 0 for atoms), and which symbol stood on that side before.
  struct Part {
    uint32_t time = kNever;
    TokenId token = -1;
  };

  bool stays_apart(TokenId x, TokenId y, bool fresh) const;
  bool may_meet_odd(TokenId left, TokenId right) const;
  void append_symbols(TokenId token, std::vector<TokenId>& out) const;
  void find_odd(std::span<const Step> steps, const SymbolsOf& symbols_of);

  std::vector<Part> ends_in_, begins_with_;                // by token
  std::unordered_map<TokenId, std::vector<TokenId>> odd_;  // and their symbols
  const MergeTable* merges_ = nullptr;
};

}  // namespace lf
