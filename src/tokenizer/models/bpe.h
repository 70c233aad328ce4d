// Byte pair encoding, over characters (with byte fallback) or over raw bytes (byte-level vocabularies).
#pragma once
#include <array>
#include <optional>
#include <string>

#include "tokenizer/merge_table.h"
#include "tokenizer/models/bpe_encoder.h"
#include "tokenizer/models/models.h"
#include "tokenizer/models/word_cache.h"

namespace lf {

class Bpe : public Model {
 public:
  explicit Bpe(const JsonView& spec);

  void tokenize(std::string_view piece, std::vector<TokenId>& out) const override;
  void tokenize_spans(std::string_view piece, std::vector<TokenSpan>& out) const override;  // bpe_spans.cpp
  void tokenize_words(std::string_view text, SplitMatcher match, std::vector<TokenId>& out) const override;
  const Vocab& vocab() const override { return vocab_; }
  bool read_raw_bytes() override;
  void prepare() override;

 private:
  void read_vocab(const JsonView& spec);
  void read_merges(const JsonView& spec);
  struct PendingMerge;
  void add_merges(std::span<PendingMerge> batch, const JsonView& spec);
  void find_boundary();
  bool borders_at_unknown() const;
  std::vector<TokenId> atoms() const;
  void make_encoder();
  void tokenize(std::string_view piece, WordCache& cache, std::vector<TokenId>& out) const;
  void tokenize_word(std::string_view word, WordCache& cache, std::vector<TokenId>& out) const;
  void append_symbols(std::string_view word, std::vector<TokenId>& symbols) const;
  void append_symbol_spans(std::string_view word, std::vector<TokenSpan>& symbols) const;
  bool append_fallback_spans(std::string_view character, std::vector<TokenSpan>& symbols) const;
  void encode_word(std::string_view word, std::vector<TokenId>& out) const;
  void merge_word(std::string_view word, std::vector<TokenId>& out) const;
  TokenId whole_word(std::string_view word) const;
  TokenId symbol(std::string_view character, bool first, bool last) const;

  Vocab vocab_;
  MergeTable merges_;
  std::vector<MergeTree::Step> steps_;  // the merges by rank, until prepare()
  std::optional<BpeEncoder> encoder_;   // absent: words are encoded by merging
  TokenTrie unreachable_;               // with ignore_merges: the tokens that merging does not reach
  std::string prefix_, suffix_;
  bool fuse_unk_ = false, byte_fallback_ = false, ignore_merges_ = false;
  TokenId unk_ = kNoToken;
  std::string unk_error_;             // thrown when an unknown character comes and unk_token is not in the vocabulary
  std::vector<TokenId> fallback_;     // ids of <0xNN>
  std::array<TokenId, 128> ascii_{};  // ids of single ASCII characters
  std::string boundary_;              // no merge ever joins something and a following boundary_: words may be cut there
  bool raw_bytes_ = false;
  std::array<TokenId, 256> byte_ids_{};  // ids of single bytes, when raw_bytes_
  uint32_t cache_owner_ = 0;
};

}  // namespace lf
