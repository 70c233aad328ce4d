// How a SentencePiece model cuts normalised text: one class for each model type.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tokenizer/sentencepiece/model_file.h"
#include "tokenizer/sentencepiece/trie.h"
#include "tokenizer/vocab.h"

namespace lf {

/// A stretch of the normalised text and the piece it is; the id of UNKNOWN when it is none.
struct SpSegment {
  uint32_t size;
  TokenId id;
};

class SpSegmenter {
 public:
  virtual ~SpSegmenter() = default;
  /// Appends segments that cover `text` (valid UTF-8).
  virtual void segment(std::string_view text, std::vector<SpSegment>& out) const = 0;
};

/// Ids of piece texts. Pieces that never stand in text as such (CONTROL, UNKNOWN, BYTE) may share their text with one
/// that does, and win.
class SpPieceIds {
 public:
  explicit SpPieceIds(const SpModelFile& file);
  /// Id of a piece that text can consist of (NORMAL, USER_DEFINED, UNUSED); kNoToken otherwise.
  TokenId in_text(std::string_view text) const { return in_text_.find(text); }
  /// Id of any piece; kNoToken when the text is none.
  TokenId any(std::string_view text) const {
    const TokenId reserved = reserved_.find(text);
    return reserved == kNoToken ? in_text_.find(text) : reserved;
  }

 private:
  Vocab in_text_, reserved_;
};

/// The references must outlive the segmenter. `user_defined`: texts of the USER_DEFINED pieces.
std::unique_ptr<SpSegmenter> make_sp_segmenter(const SpModelFile& file, const SpPieceIds& ids,
                                               const PieceTrie& user_defined);
std::unique_ptr<SpSegmenter> make_sp_bpe(const SpModelFile& file, const SpPieceIds& ids, const PieceTrie& user_defined);
std::unique_ptr<SpSegmenter> make_sp_unigram(const SpModelFile& file);

}  // namespace lf
