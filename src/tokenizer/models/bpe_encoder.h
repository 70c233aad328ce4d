// The encoding of a word by byte pair encoding without merging: guesses the longest token, checks the border to the one
// before (MergeTree), and takes a shorter one, or goes back, when that does not hold. Linear in the length of the word.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "tokenizer/models/merge_tree.h"
#include "tokenizer/models/token_trie.h"

namespace lf {

class BpeEncoder {
 public:
  /// `tokens`: the texts of all tokens that `tree` can reach. `ids`: all ids are below this.
  BpeEncoder(MergeTree tree, std::span<TokenTrie::Entry> tokens, size_t ids);

  /// Appends the ids of `word` up to the first place where no token begins, and returns that place (word.size() when
  /// there is none).
  size_t encode(std::string_view word, std::vector<TokenId>& out) const;

 private:
  size_t encode(std::string_view word, uint64_t* dead, std::vector<TokenId>& out) const;

  MergeTree tree_;
  TokenTrie trie_;
  std::vector<uint32_t> bytes_;  // length of each token
};

}  // namespace lf
