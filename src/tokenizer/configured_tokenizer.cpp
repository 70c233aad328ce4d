#include "tokenizer/configured_tokenizer.h"

namespace lf {

std::optional<TokenId> ConfiguredTokenizer::token_to_id(std::string_view token) const {
  if (const auto id = added_.find(std::string(token))) return id;
  const TokenId id = vocab().find(token);
  return id == kNoToken ? std::nullopt : std::optional(id);
}

void ConfiguredTokenizer::set_eos(std::string_view token) {
  config_.set_token("eos_token", std::string(token));
  add({.content = std::string(token), .special = true});
  prepare_added();
}

void ConfiguredTokenizer::add_special_tokens(const std::vector<std::string>& tokens) {
  for (const std::string& token : tokens) {
    config_.add_additional(token);
    add({.content = token, .special = true});
  }
  prepare_added();
}

void ConfiguredTokenizer::set_split_special_tokens(bool split) {
  config_.set("split_special_tokens", split);
  added_.set_split_special(split);
}

}  // namespace lf
