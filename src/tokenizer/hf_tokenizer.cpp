#include "tokenizer/hf_tokenizer.h"

#include <limits>

#include "base/strings.h"
#include "tokenizer/saving.h"
#include "tokenizer/unicode.h"

namespace lf {

void HfTokenizer::check_text_size(std::string_view text) {
  constexpr size_t kMaxText = std::numeric_limits<int32_t>::max();
  LF_CHECK(kData, text.size() <= kMaxText, "a text of {} bytes, at most {} can be tokenized at once", text.size(),
           kMaxText);
}

std::vector<TokenId> HfTokenizer::encode(std::string_view text, bool add_special_tokens) const {
  check_text_size(text);
  std::string repaired;
  if (!is_valid_utf8(text)) {
    repaired = to_valid_utf8(text);
    text = repaired;
  }
  std::vector<TokenId> out;
  out.reserve(text.size() / 4 + 4);
  std::vector<AddedVocabulary::Section> sections;
  added_.cut_raw(text, sections);
  for (const auto& section : sections) {
    if (section.id != kNoToken)
      out.push_back(section.id);
    else
      encode_section(text.substr(section.begin, section.end - section.begin), section.begin == 0, out);
  }
  if (add_special_tokens && post_processor_) post_processor_->apply(out);
  return out;
}

void HfTokenizer::encode_section(std::string_view section, bool at_start, std::vector<TokenId>& out) const {
  if (at_start && needs_origin()) {
    std::vector<Split> splits;
    split_section(section, 0, splits);
    for (const Split& split : splits) {
      if (split.added != kNoToken)
        out.push_back(split.added);
      else
        model_->tokenize(split.text, out);
    }
    return;
  }
  std::string normalized;
  if (normalizer_) {
    normalized = section;
    normalizer_->apply(normalized);
    section = normalized;
  }
  if (!added_.has_normalized()) return encode_stretch(section, at_start, out);
  std::vector<AddedVocabulary::Section> stretches;
  added_.cut_normalized(section, stretches);
  for (const auto& stretch : stretches) {
    if (stretch.id != kNoToken)
      out.push_back(stretch.id);
    else
      encode_stretch(section.substr(stretch.begin, stretch.end - stretch.begin), at_start && stretch.begin == 0, out);
  }
}

/// What pre-tokenizer and model give, without a list of pieces in between.
void HfTokenizer::encode_pieces(std::string_view text, std::span<const SplitMatcher> chain,
                                std::vector<TokenId>& out) const {
  if (chain.size() == 1) return model_->tokenize_words(text, chain[0], out);
  each_piece(text, chain[0], [&](std::string_view piece) { encode_pieces(piece, chain.subspan(1), out); });
}

void HfTokenizer::encode_stretch(std::string_view stretch, bool at_start, std::vector<TokenId>& out) const {
  if (stretch.empty()) return;
  if (!pre_tokenizer_) return model_->tokenize(stretch, out);
  if (!matchers_.empty()) return encode_pieces(stretch, matchers_, out);
  PreText text(stretch, at_start);
  pre_tokenizer_->apply(text);
  for (size_t i = 0; i < text.pieces.size(); ++i) {
    const std::string_view piece = text.piece(i);
    if (!piece.empty()) model_->tokenize(piece, out);
  }
}

std::string HfTokenizer::decode(std::span<const TokenId> ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const TokenId id : ids) {
    const bool by_name = names_ == AddedTokenNames::kNormalized;
    if (skip_special_tokens && !by_name && is_special(id)) continue;
    auto token = id_to_token(id);
    if (!token || (skip_special_tokens && by_name && added_.is_special(*token))) continue;
    tokens.push_back(std::move(*token));
  }
  if (decoder_) decoder_->apply(tokens);
  std::string text = tokens.size() == 1 ? std::move(tokens[0]) : join(tokens, decoder_ ? "" : " ");
  return effects_.empty() ? text : effects_.apply(std::move(text));
}

std::optional<std::string> HfTokenizer::id_to_token(TokenId id) const {
  if (const AddedToken* token = added_.at(id)) {
    const std::string* normalized = names_ == AddedTokenNames::kNormalized ? added_.normalized_text(id) : nullptr;
    return normalized ? *normalized : token->content;
  }
  const auto text = model_->vocab().text(id);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

size_t HfTokenizer::size() const {
  size_t count = model_->vocab().size();
  for (const auto& [id, token] : added_.all()) count += model_->vocab().find(token.content) == kNoToken;
  return count;
}

bool HfTokenizer::is_special(TokenId id) const {
  if (const AddedToken* token = added_.at(id)) return added_.is_special(token->content);
  return false;
}

void HfTokenizer::add(const AddedToken& token) {
  const auto id = added_.find(token.content);
  const AddedToken* old = id ? added_.at(*id) : nullptr;
  const auto flags = [](const AddedToken& t) {
    return std::tuple(t.special, t.single_word, t.lstrip, t.rstrip, t.normalized);
  };
  if (token.content.empty() || (old && flags(*old) == flags(token))) return;
  added_.begin_list(model_->vocab());
  added_.add(token, model_->vocab());
  added_changed_ = true;
}

void HfTokenizer::set_pad(std::string_view token) {
  config_.set_token("pad_token", std::string(token));
  if (token_to_id(token)) return;
  add({.content = std::string(token), .special = true});
  prepare_added();
}

void HfTokenizer::add_tokens(const std::vector<std::string>& tokens) {
  for (const std::string& token : tokens) {
    if (!added_.find(token)) add({.content = token, .normalized = true});
  }
  prepare_added();
}

std::vector<std::pair<std::string, std::string>> HfTokenizer::files() const {
  std::vector<std::pair<std::string, std::string>> files;
  files.emplace_back("tokenizer.json", added_changed_ ? with_added_tokens(json_, added_.all()) : json_);
  files.emplace_back("tokenizer_config.json", config_.text());
  if (!config_.chat_template().empty()) files.emplace_back("chat_template.jinja", config_.chat_template());
  return files;
}

}  // namespace lf
