// What tokenizers share that have a tokenizer_config.json and added tokens over a vocabulary of their own.
#pragma once
#include <string>
#include <vector>

#include "tokenizer/added_vocabulary.h"
#include "tokenizer/tokenizer_config.h"
#include "tokenizer/vocab.h"

namespace lf {

class ConfiguredTokenizer : public Tokenizer {
 public:
  std::optional<TokenId> token_to_id(std::string_view token) const override;

  const SpecialTokens& special_tokens() const override { return config_.special_tokens(); }
  bool add_bos_token() const override { return config_.add_bos_token(); }
  const std::string& chat_template() const override { return config_.chat_template(); }
  bool split_special_tokens() const override { return config_.split_special_tokens(); }

  void set_eos(std::string_view token) override;
  void add_special_tokens(const std::vector<std::string>& tokens) override;
  void set_split_special_tokens(bool split) override;
  void set_chat_template(std::string text) override { config_.set_chat_template(std::move(text)); }
  void set_model_max_length(int64_t length) override { config_.set("model_max_length", length); }
  void set_padding_side(std::string_view side) override { config_.set("padding_side", side); }

 protected:
  explicit ConfiguredTokenizer(TokenizerConfig config) : config_(std::move(config)) {}

  /// Without the added tokens.
  virtual const Vocab& vocab() const = 0;
  virtual void add(const AddedToken& token) = 0;
  /// To be called after the last add() of a change.
  virtual void prepare_added() = 0;

  TokenizerConfig config_;
  AddedVocabulary added_;
};

}  // namespace lf
