// Unigram: the cut of a piece with the highest sum of token scores (Viterbi in double precision, first of equals).
#pragma once
#include "tokenizer/models/models.h"

namespace lf {

class Unigram : public Model {
 public:
  explicit Unigram(const JsonView& spec);
  void tokenize(std::string_view piece, std::vector<TokenId>& out) const override;
  const Vocab& vocab() const override { return vocab_; }

 private:
  /// Node of the trie over all tokens: edges sit in edges_[first_edge, first_edge + edge_count), sorted by byte.
  struct Node {
    uint32_t first_edge = 0, edge_count = 0;
    TokenId token = kNoToken;
  };
  struct Edge {
    uint8_t byte;
    uint32_t node;
  };
  struct Best {
    double score = 0;
    size_t begin = 0;
    TokenId id = kNoToken;  // kNoToken: not reached yet
  };

  struct Cut {
    size_t begin, end;
    TokenId id;
    bool unknown;
  };

  void build_trie();
  uint32_t child(uint32_t node, uint8_t byte) const;
  std::vector<Best> best_cuts(std::string_view piece) const;
  void append_unknown(std::string_view text, std::vector<TokenId>& out) const;

  Vocab vocab_;
  std::vector<double> scores_;
  TokenId unk_ = kNoToken;
  double unk_score_ = 0;
  bool byte_fallback_ = false;
  std::vector<TokenId> fallback_;
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::string where_;
};

}  // namespace lf
