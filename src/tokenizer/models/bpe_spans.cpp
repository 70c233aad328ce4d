// BPE with the places of the tokens: the plain algorithm, one symbol after the other, without the shortcuts of the
// ids-only path. The reference counts a symbol's length in bytes of the word and lays the symbols end to end, so that
// text which gives no symbol (no unk_token) moves what follows.
#include <algorithm>
#include <queue>

#include "tokenizer/models/bpe.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

/// Merges neighbours in place: always the lowest rank, the leftmost of equals. O(n log n).
class SpanMerger {
 public:
  SpanMerger(std::vector<TokenSpan>& symbols, const MergeTable& merges)
      : symbols_(symbols), merges_(merges), next_(symbols.size()), previous_(symbols.size()) {
    for (uint32_t i = 0; i < symbols.size(); ++i) {
      next_[i] = i + 1;
      previous_[i] = i - 1;
    }
  }

  void run() {
    const auto count = static_cast<uint32_t>(symbols_.size());
    for (uint32_t i = 0; i + 1 < count; ++i) offer(i, i + 1);
    while (!queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      const uint32_t right = next_[best.at];
      if (symbols_[best.at].id != best.left || right >= count || symbols_[right].id != best.right) continue;
      symbols_[best.at] = {best.merged, symbols_[best.at].begin, symbols_[right].end};
      symbols_[right].id = kNoToken;
      next_[best.at] = next_[right];
      if (next_[best.at] < count) {
        previous_[next_[best.at]] = best.at;
        offer(best.at, next_[best.at]);
      }
      if (previous_[best.at] < count) offer(previous_[best.at], best.at);
    }
    std::erase_if(symbols_, [](const TokenSpan& symbol) { return symbol.id == kNoToken; });
  }

 private:
  struct Candidate {
    uint32_t rank, at;
    TokenId left, right, merged;
    bool operator>(const Candidate& other) const { return std::pair(rank, at) > std::pair(other.rank, other.at); }
  };

  void offer(uint32_t left, uint32_t right) {
    const Merge merge = merges_.find(symbols_[left].id, symbols_[right].id);
    if (merge.rank != kNoRank) queue_.push({merge.rank, left, symbols_[left].id, symbols_[right].id, merge.id});
  }

  std::vector<TokenSpan>& symbols_;
  const MergeTable& merges_;
  std::vector<uint32_t> next_, previous_;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue_;
};

/// Puts a symbol of `bytes` bytes behind the last one.
void add_symbol(std::vector<TokenSpan>& symbols, TokenId id, size_t bytes) {
  const uint32_t begin = symbols.empty() ? 0 : symbols.back().end;
  symbols.push_back({id, begin, begin + static_cast<uint32_t>(bytes)});
}

}  // namespace

bool Bpe::append_fallback_spans(std::string_view character, std::vector<TokenSpan>& symbols) const {
  const auto id_of = [&](char c) { return fallback_[static_cast<unsigned char>(c)]; };
  if (!byte_fallback_ ||
      std::any_of(character.begin(), character.end(), [&](char c) { return id_of(c) == kNoToken; })) {
    return false;
  }
  for (const char c : character) add_symbol(symbols, id_of(c), 1);
  return true;
}

void Bpe::append_symbol_spans(std::string_view word, std::vector<TokenSpan>& symbols) const {
  size_t unknown = 0;  // bytes of an unknown that waits here, to be fused with the next
  const auto flush = [&] {
    if (unknown > 0) add_symbol(symbols, unk_, unknown);
    unknown = 0;
  };
  for (size_t at = 0; at < word.size();) {
    const std::string_view character = word.substr(at, code_point_at(word, at).bytes);
    const TokenId id = symbol(character, at == 0, at + character.size() == word.size());
    at += character.size();
    if (id != kNoToken) {
      flush();
      add_symbol(symbols, id, character.size());
    } else if (append_fallback_spans(character, symbols)) {
      continue;  // an unknown before it still waits, as in the reference
    } else if (unk_ != kNoToken) {
      if (!fuse_unk_) flush();
      unknown += character.size();
    } else {
      LF_CHECK(kFormat, unk_error_.empty(), "{}", unk_error_);
    }
  }
  flush();
}

void Bpe::tokenize_spans(std::string_view piece, std::vector<TokenSpan>& out) const {
  const TokenId whole = ignore_merges_ ? whole_word(piece) : kNoToken;
  if (whole != kNoToken) return out.push_back({whole, 0, static_cast<uint32_t>(piece.size())});
  std::vector<TokenSpan> symbols;
  symbols.reserve(piece.size());
  if (raw_bytes_) {
    for (const char c : piece) add_symbol(symbols, byte_ids_[static_cast<unsigned char>(c)], 1);
  } else {
    append_symbol_spans(piece, symbols);
  }
  SpanMerger(symbols, merges_).run();
  out.insert(out.end(), symbols.begin(), symbols.end());
}

}  // namespace lf
