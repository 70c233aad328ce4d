#include "tokenizer/kinds/native_sentencepiece.h"

#include "base/strings.h"
#include "tokenizer/kinds/sp_convert.h"
#include "tokenizer/saving.h"
#include "tokenizer/unicode.h"

namespace lf {

SentencePieceTokenizer::SentencePieceTokenizer(std::string bytes, const std::string& file, TokenizerConfig config)
    : ConfiguredTokenizer(std::move(config)), model_(std::move(bytes), file) {
  const std::vector<SpPiece>& pieces = model_.file().pieces;
  vocab_.reserve(pieces.size(), pieces.size() * 8);
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (vocab_.insert(pieces[i].text, id) != Vocab::Insert::kDone)  // a control piece may share its text with another
      vocab_.insert(fmt::format("\xFF{}", i), id);
  }
  added_.begin_list(vocab_);
  name_tokens();
  for (const auto& [id, token] : config_.added_tokens()) add(token);
  if (config_.has_files()) {
    for (const AddedToken& token : config_.all_special()) add(token);
  }
  prepare_added();
  added_.begin_list(vocab_);
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

namespace {

/// Number of the character that begins at each byte.
std::vector<uint32_t> characters_of(std::string_view text) {
  std::vector<uint32_t> numbers(text.size() + 1);
  uint32_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    numbers[i] = count;
    const bool last = i + 1 == text.size() || (static_cast<unsigned char>(text[i + 1]) & 0xC0) != 0x80;
    count += last;
  }
  numbers[text.size()] = count;
  return numbers;
}

void push(Encoding& encoding, TokenId id, std::string token, Span span, uint32_t type_id, bool special) {
  encoding.ids.push_back(id);
  encoding.tokens.push_back(std::move(token));
  encoding.offsets.push_back(span);
  encoding.type_ids.push_back(type_id);
  encoding.special_tokens_mask.push_back(special);
  encoding.attention_mask.push_back(1);
}

}  // namespace

void SentencePieceTokenizer::append(Encoding& encoding, std::string_view text, uint32_t type_id, bool special) const {
  std::string repaired;
  if (!is_valid_utf8(text)) {
    repaired = to_valid_utf8(text);
    text = repaired;
  }
  const auto bos = around(special_tokens().bos, special && add_bos_token());
  if (bos) push(encoding, bos->second, bos->first, {}, type_id, true);
  const std::vector<uint32_t> character = characters_of(text);
  std::vector<AddedVocabulary::Section> sections;
  added_.cut_raw(text, sections);
  for (const auto& section : sections) {
    if (section.id != kNoToken) {
      push(encoding, section.id, added_.at(section.id)->content, {character[section.begin], character[section.end]},
           type_id, false);
      continue;
    }
    for (SentencePiece::Part& part : model_.encode(text.substr(section.begin, section.end - section.begin))) {
      const Span span{character[section.begin + part.begin], character[section.begin + part.end]};
      push(encoding, part.id, std::move(part.piece), span, type_id, false);
    }
  }
  const auto eos = around(special_tokens().eos, special && config_.flag("add_eos_token", false));
  if (eos) push(encoding, eos->second, eos->first, {}, type_id, true);
}

Encoding SentencePieceTokenizer::encode_full(std::string_view text, std::optional<std::string_view> pair,
                                             const EncodeOptions& options) const {
  Encoding encoding;
  append(encoding, text, 0, options.add_special_tokens);
  if (pair) append(encoding, *pair, 1, options.add_special_tokens);
  return encoding;
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

void SentencePieceTokenizer::set_pad(std::string_view token) {
  config_.set_token("pad_token", std::string(token));
  add({.content = std::string(token), .special = true});
  prepare_added();
}

void SentencePieceTokenizer::add_tokens(const std::vector<std::string>& tokens) {
  for (const std::string& token : tokens) {
    if (!added_.find(token)) add({.content = token});
  }
  prepare_added();
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
  TokenizerConfig config = config_;
  config.forget_class();
  files.emplace_back("tokenizer_config.json", config.text());
  if (!config_.chat_template().empty()) files.emplace_back("chat_template.jinja", config_.chat_template());
  return files;
}

}  // namespace lf
