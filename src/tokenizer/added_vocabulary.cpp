#include "tokenizer/added_vocabulary.h"

#include <algorithm>

#include "base/strings.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

bool word_ends_before(std::string_view text, size_t at) {
  return at > 0 && is_word(code_point_at(text, previous_code_point(text, at)).value);
}

bool word_begins_at(std::string_view text, size_t at) {
  return at < text.size() && is_word(code_point_at(text, at).value);
}

size_t spaces_before(std::string_view text, size_t at, size_t floor) {
  while (at > floor) {
    const size_t last = previous_code_point(text, at);
    if (!is_white_space(code_point_at(text, last).value)) break;
    at = last;
  }
  return at;
}

size_t spaces_after(std::string_view text, size_t at) {
  while (at < text.size()) {
    const CodePoint point = code_point_at(text, at);
    if (!is_white_space(point.value)) break;
    at += point.bytes;
  }
  return at;
}

}  // namespace

void AddedVocabulary::begin_list(const Vocab& model) {
  const auto size = static_cast<TokenId>(model.size());
  next_id_ = by_id_.empty() || by_id_.rbegin()->first < size ? size : by_id_.rbegin()->first + 1;
}

TokenId AddedVocabulary::add(const AddedToken& token, const Vocab& model) {
  LF_CHECK(kFormat, token.content.size() <= kMaxTokenBytes, "an added token of {} bytes, at most {} are handled: {}",
           token.content.size(), kMaxTokenBytes, printable(token.content, 40));
  TokenId id = kNoToken;
  if (const auto known = by_content_.find(token.content); known != by_content_.end())
    id = known->second;
  else
    id = model.find(token.content);
  if (id == kNoToken) id = next_id_++;
  by_content_[token.content] = id;
  by_id_[id] = token;
  if (token.special) special_.insert(token.content);
  return id;
}

void AddedVocabulary::prepare(const Normalizer* normalizer) {
  raw_ = {};
  normalized_ = {};
  normalized_texts_.clear();
  for (const auto& [id, token] : by_id_) {
    Search& search = token.normalized ? normalized_ : raw_;
    std::string content = token.content;
    if (token.normalized && normalizer) normalizer->apply(content);
    if (content != token.content) normalized_texts_[id] = content;
    search.finder.add(content, search.ids.size());
    search.ids.push_back(id);
  }
}

std::optional<TokenId> AddedVocabulary::find(const std::string& content) const {
  const auto known = by_content_.find(content);
  return known == by_content_.end() ? std::nullopt : std::optional(known->second);
}

const AddedToken* AddedVocabulary::at(TokenId id) const {
  const auto known = by_id_.find(id);
  return known == by_id_.end() ? nullptr : &known->second;
}

const std::string* AddedVocabulary::normalized_text(TokenId id) const {
  const auto known = normalized_texts_.find(id);
  return known == normalized_texts_.end() ? nullptr : &known->second;
}

void AddedVocabulary::cut(const Search& search, std::string_view text, std::vector<Section>& out) const {
  size_t done = 0;
  size_t spaces_begin = 1, spaces_end = 0;
  TokenFinder::Found found;
  for (size_t from = 0; search.finder.find(text, from, found); from = found.end) {
    const TokenId id = search.ids[found.pattern];
    const AddedToken& token = by_id_.at(id);
    if (split_special_ && special_.contains(token.content)) continue;
    if (token.single_word && (word_ends_before(text, found.begin) || word_begins_at(text, found.end))) continue;
    const size_t begin = token.lstrip ? std::max(spaces_before(text, found.begin, done), done) : found.begin;
    const bool in_spaces =
        found.end >= spaces_begin && found.end <= spaces_end;  // of the token before: not looked for again
    if (token.rstrip && !in_spaces) {
      spaces_begin = found.end;
      spaces_end = spaces_after(text, found.end);
    }
    const size_t end = token.rstrip ? spaces_end : found.end;
    if (done < begin) out.push_back({done, begin, kNoToken});
    out.push_back({begin, end, id});
    done = end;
  }
  if (done < text.size()) out.push_back({done, text.size(), kNoToken});
}

}  // namespace lf
