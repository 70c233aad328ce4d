// Byte pair encoding by score. The library looks up the text of every pair; here the pairs are worked out once: a piece
// of n characters can only come about in one way (the merges inside it happen in the same order wherever it stands), so
// it has one pair, which cutting its own text shows.
#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include "tokenizer/merge_table.h"
#include "tokenizer/models/word_cache.h"
#include "tokenizer/sentencepiece/segmenter.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

class SpBpe : public SpSegmenter {
 public:
  SpBpe(const SpModelFile& file, const SpPieceIds& ids, const PieceTrie& user_defined)
      : file_(file), user_defined_(user_defined), cache_owner_(WordCache::new_owner()) {
    read_symbols(ids);
    read_merges();
    find_boundary();
  }

  void segment(std::string_view text, std::vector<SpSegment>& out) const override {
    if (!has_boundary_) return segment_word(text, out);
    // Cut where a space mark follows something else; runs of marks stay together.
    size_t begin = 0;
    for (size_t at = 0; at < text.size();) {
      const size_t mark = text.find(kSpaceMark, at);
      if (mark == std::string_view::npos) break;
      if (mark > at && mark > begin) {
        segment_cached(text.substr(begin, mark - begin), out);
        begin = mark;
      }
      at = mark + kSpaceMark.size();
    }
    segment_cached(text.substr(begin), out);
  }

 private:
  /// Symbols below pieces.size() are pieces; those above are single characters that stand in pieces without being one.
  struct Symbol {
    TokenId id;  // what it is in the result
    uint32_t bytes;
    TokenId left = kNoToken, right = kNoToken;  // of an UNUSED piece: what it falls apart into
  };

  void read_symbols(const SpPieceIds& ids) {
    size_t bytes = 0;
    for (const SpPiece& piece : file_.pieces) bytes += piece.text.size();
    texts_.reserve(file_.pieces.size() + file_.pieces.size() / 8, bytes);
    for (size_t i = 0; i < file_.pieces.size(); ++i) {
      const std::string_view text = file_.pieces[i].text;
      symbols_.push_back({ids.any(text), static_cast<uint32_t>(text.size())});
      if (ids.in_text(text) == static_cast<TokenId>(i)) texts_.insert(text, static_cast<TokenId>(i));
    }
    for (const SpPiece& piece : file_.pieces) {
      for (size_t at = 0; at < piece.text.size();) {
        const std::string_view character = piece.text.substr(at, code_point_at(piece.text, at).bytes);
        at += character.size();
        if (texts_.find(character) != kNoToken) continue;
        const TokenId id = ids.any(character);
        texts_.insert(character, static_cast<TokenId>(symbols_.size()));
        symbols_.push_back({id == kNoToken ? file_.unk_id : id, static_cast<uint32_t>(character.size())});
      }
    }
    for (size_t c = 0; c < ascii_.size(); ++c) ascii_[c] = texts_.find(std::string(1, static_cast<char>(c)));
  }

  /// Short pieces first: a longer one is cut with their merges, and the two symbols that are left are its pair.
  void read_merges() {
    std::vector<float> scores;
    std::vector<TokenId> order;
    for (size_t i = 0; i < file_.pieces.size(); ++i) {
      const auto id = static_cast<TokenId>(i);
      if (texts_.find(file_.pieces[i].text) != id) continue;
      order.push_back(id);
      scores.push_back(file_.pieces[i].score);
    }
    std::sort(scores.begin(), scores.end(), std::greater<>());
    scores.erase(std::unique(scores.begin(), scores.end()), scores.end());
    const auto text_of = [&](TokenId id) { return file_.pieces[static_cast<size_t>(id)].text; };
    std::stable_sort(order.begin(), order.end(),
                     [&](TokenId a, TokenId b) { return text_of(a).size() < text_of(b).size(); });
    merges_.reserve(order.size());
    std::vector<TokenId> parts;
    for (const TokenId id : order) {
      const std::string_view text = text_of(id);
      parts.clear();
      for (size_t at = 0; at < text.size();) {
        const std::string_view character = text.substr(at, code_point_at(text, at).bytes);
        parts.push_back(texts_.find(character));
        at += character.size();
      }
      if (parts.size() < 2) continue;
      merge_symbols(parts, merges_);
      if (parts.size() != 2) continue;  // no order of merges leads to this piece
      const float score = file_.pieces[static_cast<size_t>(id)].score;
      const auto rank = std::lower_bound(scores.begin(), scores.end(), score, std::greater<>()) - scores.begin();
      merges_.insert(parts[0], parts[1], {static_cast<uint32_t>(rank), id});
      if (file_.type(id) != PieceType::kUnused) continue;
      symbols_[static_cast<size_t>(id)].left = parts[0];
      symbols_[static_cast<size_t>(id)].right = parts[1];
    }
  }

  /// The space mark is a boundary when no piece has it after another character: no merge can span that place.
  void find_boundary() {
    has_boundary_ = true;
    texts_.each([&](std::string_view text, TokenId) {
      size_t run = 0;
      while (text.substr(run).starts_with(kSpaceMark)) run += kSpaceMark.size();
      has_boundary_ = has_boundary_ && text.find(kSpaceMark, run) == std::string_view::npos;
    });
  }

  void segment_cached(std::string_view word, std::vector<SpSegment>& out) const {
    if (word.size() > WordCache::kMaxBytes) return segment_word(word, out);
    WordCache::Entry& entry = WordCache::of_this_thread().slot(cache_owner_, word);
    if (entry.holds(cache_owner_, word)) {
      for (size_t i = 0; i < entry.count; ++i) {
        const auto id = static_cast<size_t>(entry.ids[i]);
        out.push_back({static_cast<uint32_t>(file_.pieces[id].text.size()), entry.ids[i]});
      }
      return;
    }
    const size_t before = out.size();
    segment_word(word, out);
    const size_t count = out.size() - before;
    if (count > WordCache::kMaxIds) return;
    std::array<TokenId, WordCache::kMaxIds> ids;
    for (size_t i = 0; i < count; ++i) {
      ids[i] = out[before + i].id;
      if (ids[i] == file_.unk_id) return;  // its size is not that of a piece
    }
    entry.store(cache_owner_, word, ids.data(), count);
  }

  void segment_word(std::string_view text, std::vector<SpSegment>& out) const {
    thread_local std::vector<TokenId> run;
    run.clear();
    while (!text.empty()) {
      const auto [length, piece] = user_defined_.longest_prefix(text);
      const auto lead = static_cast<unsigned char>(text[0]);
      const size_t bytes = length > 0 ? length : code_point_at(text, 0).bytes;
      const TokenId symbol = length > 0 ? kNoToken : lead < 0x80 ? ascii_[lead] : texts_.find(text.substr(0, bytes));
      text.remove_prefix(bytes);
      if (symbol != kNoToken) {
        run.push_back(symbol);
        continue;
      }
      flush(run, out);
      const TokenId id = length > 0 ? symbols_[static_cast<size_t>(piece)].id : file_.unk_id;
      out.push_back({static_cast<uint32_t>(bytes), id});
    }
    flush(run, out);
    constexpr size_t kKeep = 1 << 16;
    if (run.capacity() > kKeep) std::vector<TokenId>().swap(run);
  }

  void flush(std::vector<TokenId>& run, std::vector<SpSegment>& out) const {
    merge_symbols(run, merges_);
    for (const TokenId symbol : run) add(symbol, out);
    run.clear();
  }

  /// UNUSED pieces fall apart into what they were made of.
  void add(TokenId first, std::vector<SpSegment>& out) const {
    if (symbols_[static_cast<size_t>(first)].left == kNoToken) {
      const Symbol& symbol = symbols_[static_cast<size_t>(first)];
      return out.push_back({symbol.bytes, symbol.id});
    }
    std::vector<TokenId> waiting{first};
    while (!waiting.empty()) {
      const Symbol& symbol = symbols_[static_cast<size_t>(waiting.back())];
      waiting.pop_back();
      if (symbol.left == kNoToken) {
        out.push_back({symbol.bytes, symbol.id});
      } else {
        waiting.push_back(symbol.right);
        waiting.push_back(symbol.left);
      }
    }
  }

  const SpModelFile& file_;
  const PieceTrie& user_defined_;
  std::vector<Symbol> symbols_;
  Vocab texts_;  // of symbols
  MergeTable merges_;
  std::array<TokenId, 128> ascii_{};
  bool has_boundary_ = false;
  uint32_t cache_owner_;
};

}  // namespace

std::unique_ptr<SpSegmenter> make_sp_bpe(const SpModelFile& file, const SpPieceIds& ids,
                                         const PieceTrie& user_defined) {
  return std::make_unique<SpBpe>(file, ids, user_defined);
}

}  // namespace lf
