#include "tokenizer/models/bpe.h"

#include <algorithm>
#include <utility>

#include "tokenizer/byte_level.h"
#include "tokenizer/unicode.h"

namespace lf {

std::unique_ptr<Model> make_bpe(const JsonView& spec) { return std::make_unique<Bpe>(spec); }

TokenId Bpe::symbol(std::string_view character, bool first, bool last) const {
  if ((first || prefix_.empty()) && (!last || suffix_.empty())) {
    const auto lead = static_cast<unsigned char>(character[0]);
    return lead < 0x80 ? ascii_[lead] : vocab_.find(character);
  }
  std::string text = first ? "" : prefix_;
  text += character;
  if (last) text += suffix_;
  return vocab_.find(text);
}

void Bpe::append_symbols(std::string_view word, std::vector<TokenId>& symbols) const {
  bool pending = false;  // an unknown waits here, to be fused with the next
  const auto add = [&](TokenId id) {
    if (std::exchange(pending, false)) symbols.push_back(unk_);
    symbols.push_back(id);
  };
  for (size_t at = 0; at < word.size();) {
    const std::string_view character = word.substr(at, code_point_at(word, at).bytes);
    const bool last = at + character.size() == word.size();
    const TokenId id = symbol(character, at == 0, last);
    if (id != kNoToken) {
      add(id);
    } else if (byte_fallback_ && std::all_of(character.begin(), character.end(), [&](char c) {
                 return fallback_[static_cast<unsigned char>(c)] != kNoToken;
               })) {
      for (const char c : character) symbols.push_back(fallback_[static_cast<unsigned char>(c)]);
    } else if (unk_ != kNoToken) {
      if (pending && !fuse_unk_) symbols.push_back(unk_);
      pending = true;
    } else {
      LF_CHECK(kFormat, unk_error_.empty(), "{}", unk_error_);
    }
    at += character.size();
  }
  if (pending) symbols.push_back(unk_);
}

TokenId Bpe::whole_word(std::string_view word) const {
  return raw_bytes_ ? vocab_.find(bytes_to_letters(word)) : vocab_.find(word);
}

/// The encoding by definition: symbols, then merges.
void Bpe::merge_word(std::string_view word, std::vector<TokenId>& out) const {
  thread_local std::vector<TokenId> symbols;
  symbols.clear();
  if (raw_bytes_) {
    for (const char c : word) symbols.push_back(byte_ids_[static_cast<unsigned char>(c)]);
  } else {
    append_symbols(word, symbols);
  }
  merge_symbols(symbols, merges_);
  out.insert(out.end(), symbols.begin(), symbols.end());
  constexpr size_t kKeepSymbols = 1 << 16;
  if (symbols.capacity() > kKeepSymbols) std::vector<TokenId>().swap(symbols);
}

void Bpe::encode_word(std::string_view word, std::vector<TokenId>& out) const {
  if (!encoder_) {
    const TokenId whole = ignore_merges_ ? whole_word(word) : kNoToken;
    return whole == kNoToken ? merge_word(word, out) : out.push_back(whole);
  }
  if (ignore_merges_) {
    const TokenTrie::Match whole = unreachable_.longest(word);
    if (whole.bytes == word.size()) return out.push_back(whole.id);
  }
  for (size_t at = encoder_->encode(word, out); at < word.size(); at += encoder_->encode(word.substr(at), out)) {
    const size_t end = at + code_point_at(word, at).bytes;
    for (; at < end; ++at) out.push_back(fallback_[static_cast<unsigned char>(word[at])]);
  }
}

inline void Bpe::tokenize_word(std::string_view word, WordCache& cache, std::vector<TokenId>& out) const {
  if (word.size() > WordCache::kMaxBytes) return encode_word(word, out);
  WordCache::Entry& entry = cache.slot(cache_owner_, word);
  if (entry.holds(cache_owner_, word)) {
    out.push_back(entry.ids[0]);
    for (size_t i = 1; i < entry.count; ++i) out.push_back(entry.ids[i]);
    return;
  }
  const size_t before = out.size();
  encode_word(word, out);
  const size_t count = out.size() - before;
  if (count > 0 && count <= WordCache::kMaxIds) entry.store(cache_owner_, word, out.data() + before, count);
}

inline void Bpe::tokenize(std::string_view piece, WordCache& cache, std::vector<TokenId>& out) const {
  if (boundary_.empty()) return tokenize_word(piece, cache, out);
  if (ignore_merges_) {
    if (const TokenId id = whole_word(piece); id != kNoToken) return out.push_back(id);
  }
  // Cut where a boundary follows something else; runs of boundaries stay together.
  size_t begin = 0;
  for (size_t at = 0; at < piece.size();) {
    const size_t mark = piece.find(boundary_, at);
    if (mark == std::string_view::npos) break;
    if (mark > at) {
      if (mark > begin) tokenize_word(piece.substr(begin, mark - begin), cache, out);
      begin = mark;
    }
    at = mark + boundary_.size();
  }
  tokenize_word(piece.substr(begin), cache, out);
}

void Bpe::tokenize(std::string_view piece, std::vector<TokenId>& out) const {
  tokenize(piece, WordCache::of_this_thread(), out);
}

void Bpe::tokenize_words(std::string_view text, SplitMatcher match, std::vector<TokenId>& out) const {
  WordCache& cache = WordCache::of_this_thread();
  each_piece(text, match, [&](std::string_view piece) { tokenize(piece, cache, out); });
}

}  // namespace lf
