#include "tokenizer/kinds/native_sentencepiece.h"

#include "base/strings.h"
#include "tokenizer/kinds/sp_convert.h"
#include "tokenizer/saving.h"
#include "tokenizer/unicode.h"

namespace lf {

SentencePieceTokenizer::SentencePieceTokenizer(std::string bytes, const std::string& file, TokenizerConfig config)
    : model_(std::move(bytes), file), config_(std::move(config)) {
  const std::vector<SpPiece>& pieces = model_.file().pieces;
  vocab_.reserve(pieces.size(), pieces.size() * 8);
  for (size_t i = 0; i < pieces.size(); ++i) vocab_.insert(pieces[i].text, static_cast<TokenId>(i));
  name_tokens();
  for (const auto& [id, token] : config_.added_tokens()) add(token);
  if (config_.has_files()) {
    for (const AddedToken& token : config_.all_special()) add(token);
  }
  added_.prepare(nullptr);
  added_.set_split_special(config_.split_special_tokens());
}

/// The model itself says which pieces are BOS, EOS, padding and unknown.
void SentencePieceTokenizer::name_tokens() {
  const SpModelFile& file = model_.file();
  for (const auto& [key, id] : {std::pair("bos_token", file.bos_id), std::pair("eos_token", file.eos_id),
                                std::pair("pad_token", file.pad_id), std::pair("unk_token", file.unk_id)}) {
    const std::string_view piece = file.piece_of(id);
    if (!piece.empty()) config_.default_token(key, std::string(piece));
  }
}

void SentencePieceTokenizer::add(const AddedToken& token) {
  if (!token.content.empty()) added_.add(token, vocab_);
}

std::optional<std::pair<std::string, TokenId>> SentencePieceTokenizer::around(const std::string& token,
                                                                              bool wanted) const {
  const auto id = wanted && !token.empty() ? token_to_id(token) : std::nullopt;
  return id ? std::optional(std::pair(token, *id)) : std::nullopt;
}

std::vector<TokenId> SentencePieceTokenizer::encode(std::string_view text, bool add_special_tokens) const {
  constexpr size_t kMaxText = size_t{1} << 30;
  LF_CHECK(kData, text.size() <= kMaxText, "a text of {} bytes, at most {} can be tokenized at once", text.size(),
           kMaxText);
  std::string repaired;
  if (!is_valid_utf8(text)) {
    repaired = to_valid_utf8(text);
    text = repaired;
  }
  std::vector<TokenId> out;
  const auto bos = add_special_tokens ? around(special_tokens().bos, add_bos_token()) : std::nullopt;
  if (bos) out.push_back(bos->second);
  std::vector<AddedVocabulary::Section> sections;
  added_.cut_raw(text, sections);
  for (const auto& section : sections) {
    if (section.id != kNoToken)
      out.push_back(section.id);
    else
      model_.encode_ids(text.substr(section.begin, section.end - section.begin), out);
  }
  const auto eos =
      add_special_tokens ? around(special_tokens().eos, config_.flag("add_eos_token", false)) : std::nullopt;
  if (eos) out.push_back(eos->second);
  return out;
}

std::string SentencePieceTokenizer::decode(std::span<const TokenId> ids, bool skip_special_tokens) const {
  std::vector<std::string_view> pieces;
  pieces.reserve(ids.size());
  for (const TokenId id : ids) {
    if (skip_special_tokens && is_special(id)) continue;
    const AddedToken* token = added_.at(id);
    const std::string_view piece = token ? std::string_view(token->content) : model_.file().piece_of(id);
    if (!piece.empty()) pieces.push_back(piece);
  }
  return model_.decode(pieces);
}

std::optional<TokenId> SentencePieceTokenizer::token_to_id(std::string_view token) const {
  if (const auto id = added_.find(std::string(token))) return id;
  const TokenId id = vocab_.find(token);
  return id == kNoToken ? std::nullopt : std::optional(id);
}

std::optional<std::string> SentencePieceTokenizer::id_to_token(TokenId id) const {
  if (const AddedToken* token = added_.at(id)) return token->content;
  if (id < 0 || static_cast<size_t>(id) >= model_.file().pieces.size()) return std::nullopt;
  return std::string(model_.file().piece_of(id));
}

size_t SentencePieceTokenizer::size() const {
  size_t count = model_.file().pieces.size();
  for (const auto& [id, token] : added_.all()) count += vocab_.find(token.content) == kNoToken;
  return count;
}

bool SentencePieceTokenizer::is_special(TokenId id) const {
  if (const AddedToken* token = added_.at(id)) return added_.is_special(token->content);
  const bool piece = id >= 0 && static_cast<size_t>(id) < model_.file().pieces.size();
  return piece && model_.file().type(id) == PieceType::kControl;
}

void SentencePieceTokenizer::set_eos(std::string_view token) {
  config_.set_token("eos_token", std::string(token));
  add({.content = std::string(token), .special = true});
  added_.prepare(nullptr);
}

void SentencePieceTokenizer::set_pad(std::string_view token) {
  config_.set_token("pad_token", std::string(token));
  add({.content = std::string(token), .special = true});
  added_.prepare(nullptr);
}

void SentencePieceTokenizer::add_special_tokens(const std::vector<std::string>& tokens) {
  for (const std::string& token : tokens) {
    config_.add_additional(token);
    add({.content = token, .special = true});
  }
  added_.prepare(nullptr);
}

void SentencePieceTokenizer::add_tokens(const std::vector<std::string>& tokens) {
  for (const std::string& token : tokens) {
    if (!added_.find(token)) add({.content = token});
  }
  added_.prepare(nullptr);
}

void SentencePieceTokenizer::set_split_special_tokens(bool split) {
  config_.set("split_special_tokens", split);
  added_.set_split_special(split);
}

std::vector<std::pair<std::string, std::string>> SentencePieceTokenizer::files() const {
  SpConversion conversion;
  conversion.bos = around(special_tokens().bos, add_bos_token());
  conversion.eos = around(special_tokens().eos, config_.flag("add_eos_token", false));
  std::map<TokenId, AddedToken> all = added_.all();
  const std::vector<SpPiece>& pieces = model_.file().pieces;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const bool control = pieces[i].type == PieceType::kControl, user = pieces[i].type == PieceType::kUserDefined;
    if (control || user)
      all.try_emplace(static_cast<TokenId>(i), AddedToken{.content = std::string(pieces[i].text), .special = control});
  }
  std::vector<std::pair<std::string, std::string>> files;
  files.emplace_back("tokenizer.json", with_added_tokens(sp_tokenizer_json(model_, conversion), all));
  files.emplace_back("tokenizer.model", model_.file().content);
  files.emplace_back("tokenizer_config.json", config_.text());
  if (!config_.chat_template().empty()) files.emplace_back("chat_template.jinja", config_.chat_template());
  return files;
}

}  // namespace lf
