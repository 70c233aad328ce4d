// A tokenizer that runs a SentencePiece model as the library does; special tokens of the configuration are cut out of
// the text first, as transformers' slow tokenizers do.
#pragma once
#include <string>

#include "tokenizer/added_vocabulary.h"
#include "tokenizer/sentencepiece/sentencepiece.h"
#include "tokenizer/tokenizer_config.h"

namespace lf {

class SentencePieceTokenizer : public Tokenizer {
 public:
  SentencePieceTokenizer(std::string bytes, const std::string& file, TokenizerConfig config);

  std::vector<TokenId> encode(std::string_view text, bool add_special_tokens) const override;
  /// Offsets as the library gives them (in characters): of the bytes of an unknown character the last one has its
  /// place.
  Encoding encode_full(std::string_view text, std::optional<std::string_view> pair,
                       const EncodeOptions& options) const override;
  /// Control pieces are invisible whatever `skip_special_tokens` says, as in the library.
  std::string decode(std::span<const TokenId> ids, bool skip_special_tokens) const override;
  std::optional<TokenId> token_to_id(std::string_view token) const override;
  std::optional<std::string> id_to_token(TokenId id) const override;
  size_t size() const override;
  bool is_special(TokenId id) const override;

  const SpecialTokens& special_tokens() const override { return config_.special_tokens(); }
  bool add_bos_token() const override { return config_.add_bos_token(); }
  const std::string& chat_template() const override { return config_.chat_template(); }

  std::string_view kind() const override { return "SentencePiece"; }
  bool split_special_tokens() const override { return config_.split_special_tokens(); }

  void set_eos(std::string_view token) override;
  void set_pad(std::string_view token) override;
  void add_special_tokens(const std::vector<std::string>& tokens) override;
  void add_tokens(const std::vector<std::string>& tokens) override;
  void set_split_special_tokens(bool split) override;
  void set_chat_template(std::string text) override { config_.set_chat_template(std::move(text)); }
  void set_model_max_length(int64_t length) override { config_.set("model_max_length", length); }
  void set_padding_side(std::string_view side) override { config_.set("padding_side", side); }

  /// tokenizer.model as it was, beside a tokenizer.json that comes nearest to it.
  std::vector<std::pair<std::string, std::string>> files() const override;

 private:
  void name_tokens();
  void append(Encoding& encoding, std::string_view text, uint32_t type_id, bool special) const;
  void add(const AddedToken& token);
  std::optional<std::pair<std::string, TokenId>> around(const std::string& token, bool wanted) const;

  SentencePiece model_;
  TokenizerConfig config_;
  Vocab vocab_;  // all pieces
  AddedVocabulary added_;
};

}  // namespace lf
