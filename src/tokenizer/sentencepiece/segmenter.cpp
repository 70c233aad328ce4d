// Piece ids, and the two simple model types: whole words and single characters.
#include "tokenizer/sentencepiece/segmenter.h"

#include "base/strings.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

bool stands_in_text(PieceType type) {
  return type == PieceType::kNormal || type == PieceType::kUserDefined || type == PieceType::kUnused;
}

/// Each character, or user-defined piece, is a piece.
class CharSegmenter : public SpSegmenter {
 public:
  CharSegmenter(const SpModelFile& file, const SpPieceIds& ids, const PieceTrie& user_defined)
      : file_(file), ids_(ids), user_defined_(user_defined) {}

  void segment(std::string_view text, std::vector<SpSegment>& out) const override {
    while (!text.empty()) {
      size_t length = user_defined_.longest_prefix(text).first;
      if (length == 0) length = code_point_at(text, 0).bytes;
      add(text.substr(0, length), out);
      text.remove_prefix(length);
    }
  }

 protected:
  void add(std::string_view piece, std::vector<SpSegment>& out) const {
    const TokenId id = ids_.any(piece);
    out.push_back({static_cast<uint32_t>(piece.size()), id == kNoToken ? file_.unk_id : id});
  }

 private:
  const SpModelFile& file_;
  const SpPieceIds& ids_;
  const PieceTrie& user_defined_;
};

/// Each word, with the space mark before it, is a piece.
class WordSegmenter : public CharSegmenter {
 public:
  using CharSegmenter::CharSegmenter;

  void segment(std::string_view text, std::vector<SpSegment>& out) const override {
    while (!text.empty()) {
      const size_t next = text.find(kSpaceMark, 1);
      add(text.substr(0, next), out);
      text.remove_prefix(std::min(next, text.size()));
    }
  }
};

}  // namespace

SpPieceIds::SpPieceIds(const SpModelFile& file) {
  in_text_.reserve(file.pieces.size(), file.content.size());
  for (size_t i = 0; i < file.pieces.size(); ++i) {
    const SpPiece& piece = file.pieces[i];
    if (file.byte_fallback && piece.text == std::string_view("\0", 1)) continue;
    const bool in_text = stands_in_text(piece.type);
    const auto done = (in_text ? in_text_ : reserved_).insert(piece.text, static_cast<TokenId>(i));
    LF_CHECK(kFormat, done == Vocab::Insert::kDone, "{}: the piece '{}' appears twice", file.name,
             printable(piece.text));
  }
}

std::unique_ptr<SpSegmenter> make_sp_segmenter(const SpModelFile& file, const SpPieceIds& ids,
                                               const PieceTrie& user_defined) {
  switch (file.model_type) {
    case SpModelType::kUnigram:
      return make_sp_unigram(file);
    case SpModelType::kBpe:
      return make_sp_bpe(file, ids, user_defined);
    case SpModelType::kWord:
      return std::make_unique<WordSegmenter>(file, ids, user_defined);
    case SpModelType::kChar:
      return std::make_unique<CharSegmenter>(file, ids, user_defined);
  }
  LF_ASSERT(false);
}

}  // namespace lf
