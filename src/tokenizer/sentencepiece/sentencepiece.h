// SentencePiece models, read and run as the library (0.2.3) does it: ids, pieces with their places, text.
// Kudo & Richardson 2018, https://arxiv.org/abs/1808.06226.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/sentencepiece/normalizer.h"
#include "tokenizer/sentencepiece/segmenter.h"

namespace lf {

/// Thread-safe for const use.
class SentencePiece {
 public:
  /// kFormat when the bytes are no model; `name` is used in messages.
  SentencePiece(std::string bytes, const std::string& name);

  struct Part {
    TokenId id;
    std::string piece;    // as in the vocabulary; unknown text as it stands in the normalised text
    uint32_t begin, end;  // bytes of the text
  };
  /// Texts are valid UTF-8. No BOS or EOS is added, and control pieces in the text are text.
  std::vector<Part> encode(std::string_view text) const;
  void encode_ids(std::string_view text, std::vector<TokenId>& out) const { ids_of(normalize(text), out); }
  std::string normalize(std::string_view text, std::vector<uint32_t>* origins = nullptr) const {
    return normalizer_->normalize(text, origins);
  }
  /// Ids of normalised text.
  void ids_of(std::string_view normalized, std::vector<TokenId>& out) const;
  /// The segments of normalised text: unknown ones that follow each other are joined; byte pieces are not put in yet.
  std::vector<SpSegment> segments_of(std::string_view normalized) const;

  /// Text of pieces. Control pieces are invisible; a text that is no piece stands for itself.
  std::string decode(std::span<const std::string_view> pieces) const;
  std::string decode(std::span<const TokenId> ids) const;

  const SpModelFile& file() const { return *file_; }
  const SpPieceIds& ids() const { return ids_; }
  /// Id of the byte piece; only when the model has byte_fallback.
  TokenId byte_id(unsigned char byte) const { return byte_ids_[byte]; }

 private:
  std::unique_ptr<const SpModelFile> file_;
  SpPieceIds ids_;
  PieceTrie user_defined_;
  std::unique_ptr<const SpNormalizer> normalizer_, denormalizer_;
  std::unique_ptr<const SpSegmenter> segmenter_;
  std::vector<TokenId> byte_ids_;
};

}  // namespace lf
