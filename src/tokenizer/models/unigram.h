// Unigram: the cut of a piece with the highest sum of token scores (Viterbi in double precision, first of equals).
#pragma once
#include "tokenizer/models/models.h"
#include "tokenizer/models/prefix_trie.h"

namespace lf {

class Unigram : public Model {
 public:
  /// `exact_scores`: as written, not as the reference's JSON reader rounds them.
  explicit Unigram(const JsonView& spec, bool exact_scores = false);
  void tokenize(std::string_view piece, std::vector<TokenId>& out) const override;
  void tokenize_spans(std::string_view piece, std::vector<TokenSpan>& out) const override;
  const Vocab& vocab() const override { return vocab_; }

 private:
  struct Best {
    double score = 0;
    uint32_t begin = 0;
    TokenId id = kNoToken;  // kNoToken: not reached yet
  };
  struct Cut {
    uint32_t begin, end;
    TokenId id;
  };

  void find_best(std::string_view piece, std::vector<Best>& best) const;
  void best_cuts(std::string_view piece, std::vector<Cut>& cuts) const;
  bool has_all_bytes(std::string_view text) const;

  Vocab vocab_;
  std::vector<double> scores_;
  TokenId unk_ = kNoToken;
  double unk_score_ = 0;
  bool byte_fallback_ = false;
  std::vector<TokenId> fallback_;
  PrefixTrie trie_;
  std::string where_;
};

}  // namespace lf
