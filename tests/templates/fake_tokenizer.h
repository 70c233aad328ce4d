// A tokenizer for tests of slots: every text that is encoded becomes one token, so that ids show exactly where slots
// end.
#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace lf::testing {

class FakeTokenizer final : public Tokenizer {
 public:
  explicit FakeTokenizer(SpecialTokens special = {"<s>", "</s>", "", "", {}}) : special_(std::move(special)) {
    for (const std::string& token : {special_.bos, special_.eos, special_.unk, special_.pad}) {
      if (!token.empty()) id_for(token);
    }
    base_size_ = tokens_.size();
  }

  std::vector<TokenId> encode(std::string_view text, bool add_special_tokens) const override {
    if (!add_special_tokens || !bos_first) return {id_for(std::string(text))};
    return {id_for(special_.bos), id_for(std::string(text))};
  }
  std::string decode(std::span<const TokenId> ids, bool) const override {
    std::string text;
    for (TokenId id : ids) text += tokens_.at(id);
    return text;
  }
  /// The texts behind ids, one by one.
  std::vector<std::string> pieces(std::span<const TokenId> ids) const {
    std::vector<std::string> out;
    for (TokenId id : ids) out.push_back(tokens_.at(id));
    return out;
  }

  std::optional<TokenId> token_to_id(std::string_view token) const override {
    const auto it = ids_.find(std::string(token));
    return it == ids_.end() ? std::nullopt : std::optional<TokenId>(it->second);
  }
  std::optional<std::string> id_to_token(TokenId id) const override { return tokens_.at(id); }
  size_t size() const override { return base_size_; }
  bool is_special(TokenId) const override { return false; }
  const SpecialTokens& special_tokens() const override { return special_; }
  bool add_bos_token() const override { return false; }
  const std::string& chat_template() const override { return chat_template_; }

  void set_eos(std::string_view token) override { add(special_.eos = token); }
  void set_pad(std::string_view token) override { add(special_.pad = token); }
  void add_special_tokens(const std::vector<std::string>& tokens) override {
    for (const std::string& token : tokens) {
      add(token);
      special_.additional.push_back(token);
    }
  }
  void add_tokens(const std::vector<std::string>& tokens) override {
    for (const std::string& token : tokens) add(token);
  }
  void set_split_special_tokens(bool) override {}
  void set_chat_template(std::string text) override { chat_template_ = std::move(text); }
  void set_model_max_length(int64_t) override {}
  void set_padding_side(std::string_view) override {}
  std::vector<std::pair<std::string, std::string>> files() const override { return {}; }

  bool bos_first = false;  // what a post-processor would do

  /// Puts a token into the vocabulary, as a checkpoint that has it.
  void add(const std::string& token) {
    if (!ids_.count(token)) ++base_size_;
    id_for(token);
  }

 private:
  TokenId id_for(const std::string& token) const {
    const auto [it, fresh] = ids_.emplace(token, static_cast<TokenId>(tokens_.size()));
    if (fresh) tokens_.push_back(token);
    return it->second;
  }

  SpecialTokens special_;
  std::string chat_template_;
  size_t base_size_ = 0;
  mutable std::map<std::string, TokenId> ids_;
  mutable std::vector<std::string> tokens_;
};

}  // namespace lf::testing
