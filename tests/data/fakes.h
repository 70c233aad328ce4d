// A tokenizer of bytes and a template of two letters, so that tests of this room need no model files.
#pragma once
#include <algorithm>
#include <string>

#include "templates/template.h"
#include "tokenizer/tokenizer.h"

namespace lf::testing {

/// Byte b is id b + 10; bos 1, eos 2 (written "$"), pad 3.
class ByteTokenizer : public Tokenizer {
 public:
  explicit ByteTokenizer(bool add_bos = false) : add_bos_(add_bos) {}

  std::vector<TokenId> encode(std::string_view text, bool) const override {
    std::vector<TokenId> ids;
    for (const char c : text) ids.push_back(c == '$' ? 2 : c == '^' ? 1 : static_cast<unsigned char>(c) + 10);
    return ids;
  }
  std::string decode(std::span<const TokenId> ids, bool) const override {
    std::string text;
    for (const TokenId id : ids) text += id == 1 ? '^' : id == 2 ? '$' : id == 3 ? '_' : static_cast<char>(id - 10);
    return text;
  }
  std::optional<TokenId> token_to_id(std::string_view token) const override {
    return token == "^" ? 1 : token == "$" ? 2 : token == "_" ? 3 : token[0] + 10;
  }
  std::optional<std::string> id_to_token(TokenId id) const override { return decode(std::vector{id}, false); }
  size_t size() const override { return 266; }
  bool is_special(TokenId id) const override { return id < 4; }
  const SpecialTokens& special_tokens() const override { return special_; }
  bool add_bos_token() const override { return add_bos_; }
  const std::string& chat_template() const override { return chat_template_; }
  void set_eos(std::string_view token) override { special_.eos = token; }
  void set_pad(std::string_view token) override { special_.pad = token; }
  void add_special_tokens(const std::vector<std::string>&) override {}
  void set_chat_template(std::string text) override { chat_template_ = std::move(text); }
  void set_model_max_length(int64_t) override {}
  void set_padding_side(std::string_view) override {}
  std::vector<std::pair<std::string, std::string>> files() const override { return {}; }

 private:
  bool add_bos_;
  SpecialTokens special_{"^", "$", "", "_", {}};
  std::string chat_template_;
};

/// "U" question "A" answer "$"; with efficient_eos the "$" stands once, at the end of the row.
class LetterTemplate final : public Template {
 public:
  explicit LetterTemplate(bool efficient_eos = false) : efficient_eos_(efficient_eos) {}

  const std::string& name() const override { return name_; }
  bool efficient_eos() const override { return efficient_eos_; }
  const std::vector<std::string>& stop_words() const override { return stop_words_; }
  const std::pair<std::string, std::string>& thought_words() const override { return thought_words_; }
  bool reasoning() const override { return false; }
  std::optional<FunctionCalls> extract_calls(std::string_view) const override { return std::nullopt; }
  void fix_tokenizer(Tokenizer&) const override {}
  EncodedTurn encode_oneturn(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                             const std::string& system, const std::string& tools) const override {
    return encode_multiturn(tokenizer, messages, system, tools).back();
  }
  std::vector<EncodedTurn> encode_multiturn(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                            const std::string& system, const std::string& tools,
                                            bool = false) const override {
    std::vector<EncodedTurn> turns;
    for (size_t i = 0; i + 1 < messages.size(); i += 2) {
      const std::string head = i == 0 ? system + tools : "";
      turns.push_back({tokenizer.encode(head + "U" + messages[i].content + "A"),
                       tokenizer.encode(messages[i + 1].content + (efficient_eos_ ? "" : "$"))});
    }
    return turns;
  }
  std::vector<TokenId> prefix_ids(const Tokenizer&) const override { return {}; }
  std::vector<TokenId> stop_token_ids(const Tokenizer&) const override { return {2}; }
  std::string jinja(const Tokenizer&) const override { return ""; }
  std::string ollama_modelfile(const Tokenizer&) const override { return ""; }

 private:
  bool efficient_eos_;
  std::string name_ = "letters";
  std::vector<std::string> stop_words_;
  std::pair<std::string, std::string> thought_words_;
};

}  // namespace lf::testing
