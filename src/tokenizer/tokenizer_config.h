// tokenizer_config.json (with special_tokens_map.json and chat_template.jinja): named special tokens, flags of added
// tokens, and the text that transformers 5 would write for it.
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "tokenizer/tokenizer.h"

namespace lf {

class TokenizerConfig {
 public:
  /// Reads what is there of the three files; all are optional.
  explicit TokenizerConfig(const std::filesystem::path& folder);

  const SpecialTokens& special_tokens() const { return specials_; }
  /// All named special tokens (bos, eos, unk, sep, pad, cls, mask) and the additional ones, without repeats.
  std::vector<AddedToken> all_special() const;
  /// added_tokens_decoder, by ascending id.
  const std::vector<std::pair<TokenId, AddedToken>>& added_tokens() const { return added_; }
  bool add_bos_token() const { return add_bos_token_; }
  bool split_special_tokens() const;
  const std::string& chat_template() const { return chat_template_; }

  /// key: "eos_token", "pad_token" ...
  void set_token(const std::string& key, const std::string& token);
  void add_additional(const std::string& token);
  void set_chat_template(std::string text) { chat_template_ = std::move(text); }
  void set(const std::string& key, Json value) { json_[key] = std::move(value); }

  /// The text of tokenizer_config.json: keys sorted, two blanks of indent.
  std::string text() const;

 private:
  void read_tokens(const Json& source, const std::string& where);
  void read_named(const Json& source, const std::string& where);
  void read_additional(const Json& source, const std::string& where);
  void read_added(const std::string& where);
  void read_chat_template(const std::filesystem::path& folder);

  Json json_ = Json::object();
  SpecialTokens specials_;
  std::vector<std::pair<std::string, AddedToken>> named_;  // key, token
  std::vector<AddedToken> additional_;
  std::vector<std::pair<TokenId, AddedToken>> added_;
  std::string chat_template_;
  bool add_bos_token_ = false;
};

}  // namespace lf
