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
  /// Nothing is said.
  TokenizerConfig() = default;
  /// Reads what is there of tokenizer_config.json, special_tokens_map.json, added_tokens.json (when the folder has no
  /// tokenizer.json), chat_template.jinja and config.json (for the class); all are optional.
  explicit TokenizerConfig(const std::filesystem::path& folder);

  const SpecialTokens& special_tokens() const { return specials_; }
  /// All named special tokens (bos, eos, unk, sep, pad, cls, mask) and the additional ones, without repeats.
  std::vector<AddedToken> all_special() const;
  /// added_tokens_decoder, by ascending id.
  const std::vector<std::pair<TokenId, AddedToken>>& added_tokens() const { return added_; }
  bool add_bos_token() const { return flag("add_bos_token", false); }
  bool split_special_tokens() const { return flag("split_special_tokens", false); }
  /// A true/false key of tokenizer_config.json; `fallback` when it is absent, null or something else.
  bool flag(const std::string& key, bool fallback) const;
  /// Whether tokenizer_config.json has the key, and not as null.
  bool has(const std::string& key) const { return json_.contains(key) && !json_[key].is_null(); }
  /// tokenizer_class without "Fast"; of config.json's model_type when there is none. Empty when neither says.
  const std::string& class_name() const { return class_name_; }
  /// Whether tokenizer_config.json or config.json is there.
  bool has_files() const { return has_files_; }
  /// The named token ("cls_token" ...), empty when there is none.
  std::string named_token(const std::string& key) const;
  const std::string& chat_template() const { return chat_template_; }

  /// What a kind of file or a class means when the configuration does not say it.
  void default_token(const std::string& key, const std::string& token);
  void default_flag(const std::string& key, bool value);

  /// The saved folder is to be read by its tokenizer.json alone: no class of a repository, none that wants other files.
  void forget_class() {
    json_.erase("auto_map");
    json_["tokenizer_class"] = "PreTrainedTokenizerFast";
  }

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
  void read_added_json(const std::filesystem::path& folder);
  void read_chat_template(const std::filesystem::path& folder);
  void read_class(const std::filesystem::path& folder);

  Json json_ = Json::object();
  SpecialTokens specials_;
  std::vector<std::pair<std::string, AddedToken>> named_;  // key, token
  std::vector<AddedToken> additional_;
  std::vector<std::pair<TokenId, AddedToken>> added_;
  std::string chat_template_;
  std::string class_name_;
  bool has_files_ = false;
};

}  // namespace lf
