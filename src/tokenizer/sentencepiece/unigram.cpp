// Unigram: the cut with the highest sum of scores. Sums are kept in single precision and compared as the library does
// it, since near-ties decide.
#include <algorithm>
#include <limits>

#include "tokenizer/sentencepiece/segmenter.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

constexpr float kUnknownPenalty = 10.0f;

class SpUnigram : public SpSegmenter {
 public:
  explicit SpUnigram(const SpModelFile& file) : unk_(file.unk_id), scores_(file.pieces.size()) {
    float lowest = std::numeric_limits<float>::max(), highest = std::numeric_limits<float>::min();
    std::vector<std::pair<std::string_view, int32_t>> texts;
    for (size_t i = 0; i < file.pieces.size(); ++i) {
      const SpPiece& piece = file.pieces[i];
      if (piece.type == PieceType::kNormal) {
        lowest = std::min(lowest, piece.score);
        highest = std::max(highest, piece.score);
      }
      if (piece.type == PieceType::kNormal || piece.type == PieceType::kUserDefined)
        texts.emplace_back(piece.text, static_cast<int32_t>(i));
    }
    LF_CHECK(kFormat, !texts.empty(), "{}: no piece can stand in text", file.name);
    unk_score_ = lowest - kUnknownPenalty;
    for (size_t i = 0; i < scores_.size(); ++i) {
      const SpPiece& piece = file.pieces[i];
      const auto length = static_cast<float>(piece.text.size());
      scores_[i] = piece.type == PieceType::kUserDefined ? length * highest - 0.1f : piece.score;
    }
    trie_ = PieceTrie(std::move(texts));
  }

  void segment(std::string_view text, std::vector<SpSegment>& out) const override {
    const std::vector<Best> best = best_cuts(text);
    const size_t first = out.size();
    for (size_t end = text.size(); end > 0; end -= best[end].size) out.push_back({best[end].size, best[end].id});
    std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
  }

 private:
  struct Best {
    TokenId id = -1;
    float score = 0;
    uint32_t size = 0;  // of the last piece; 0: not reached yet
  };

  std::vector<Best> best_cuts(std::string_view text) const {
    std::vector<Best> best(text.size() + 1);
    for (size_t begin = 0; begin < text.size();) {
      const float before = best[begin].score;
      const size_t character = code_point_at(text, begin).bytes;
      const auto offer = [&](size_t size, TokenId id, float score) {
        const float sum = score + before;
        Best& target = best[begin + size];
        if (target.size == 0 || sum > target.score) target = {id, sum, static_cast<uint32_t>(size)};
      };
      bool single = false;
      trie_.each_prefix(text.substr(begin), [&](size_t size, int32_t id) {
        offer(size, id, scores_[static_cast<size_t>(id)]);
        single = single || size == character;
      });
      if (!single) offer(character, unk_, unk_score_);
      begin += character;
    }
    return best;
  }

  TokenId unk_;
  float unk_score_ = 0;
  std::vector<float> scores_;
  PieceTrie trie_;
};

}  // namespace

std::unique_ptr<SpSegmenter> make_sp_unigram(const SpModelFile& file) { return std::make_unique<SpUnigram>(file); }

}  // namespace lf
