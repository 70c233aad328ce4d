// A tokenizer that runs a SentencePiece model as the library does; special tokens of the configuration are cut out of
// the text first, as transformers' slow tokenizers do.
#pragma once
#include <string>

#include "tokenizer/configured_tokenizer.h"
#include "tokenizer/sentencepiece/sentencepiece.h"

namespace lf {

class SentencePieceTokenizer final : public ConfiguredTokenizer {
 public:
  SentencePieceTokenizer(std::string bytes, const std::string& file, TokenizerConfig config);

  std::vector<TokenId> encode(std::string_view text, bool add_special_tokens) const override;
  /// Offsets as the library gives them (in characters): of the bytes of an unknown character the last one has its
  /// place.
  Encoding encode_full(std::string_view text, std::optional<std::string_view> pair,
                       const EncodeOptions& options) const override;
  /// Control pieces are invisible whatever `skip_special_tokens` says, as in the library.
  std::string decode(std::span<const TokenId> ids, bool skip_special_tokens) const override;
  std::optional<std::string> id_to_token(TokenId id) const override;
  size_t size() const override;
  bool is_special(TokenId id) const override;

  std::string_view kind() const override { return "SentencePiece"; }

  void set_pad(std::string_view token) override;
  void add_tokens(const std::vector<std::string>& tokens) override;

  /// tokenizer.model as it was, beside a tokenizer.json that comes nearest to it.
  std::vector<std::pair<std::string, std::string>> files() const override;

 private:
  void name_tokens();
  void append(Encoding& encoding, std::string_view text, uint32_t type_id, bool special) const;
  const Vocab& vocab() const override { return vocab_; }
  void add(const AddedToken& token) override;
  void prepare_added() override { added_.prepare(nullptr); }
  std::optional<std::pair<std::string, TokenId>> around(const std::string& token, bool wanted) const;

  SentencePiece model_;
  Vocab vocab_;  // all pieces
};

}  // namespace lf
