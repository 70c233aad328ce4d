#include "tokenizer/sentencepiece/sentencepiece.h"

#include "base/strings.h"
#include "tokenizer/sentencepiece/decoding.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

PieceTrie user_defined_of(const SpModelFile& file) {
  std::vector<std::pair<std::string_view, int32_t>> texts;
  for (size_t i = 0; i < file.pieces.size(); ++i) {
    if (file.pieces[i].type == PieceType::kUserDefined)
      texts.emplace_back(file.pieces[i].text, static_cast<int32_t>(i));
  }
  return PieceTrie(std::move(texts));
}

}  // namespace

SentencePiece::SentencePiece(std::string bytes, const std::string& name)
    : file_(std::make_unique<SpModelFile>(std::move(bytes), name)),
      ids_(*file_),
      user_defined_(user_defined_of(*file_)) {
  normalizer_ = std::make_unique<SpNormalizer>(file_->normalizer, file_->whitespace_as_suffix, &user_defined_, name);
  if (!file_->denormalizer.charsmap.empty())
    denormalizer_ = std::make_unique<SpNormalizer>(file_->denormalizer, false, nullptr, name);
  segmenter_ = make_sp_segmenter(*file_, ids_, user_defined_);
  if (!file_->byte_fallback) return;
  byte_ids_.assign(256, kNoToken);
  for (size_t i = 0; i < file_->pieces.size(); ++i) {
    if (file_->pieces[i].type == PieceType::kByte)
      byte_ids_[static_cast<size_t>(piece_byte(file_->pieces[i].text))] = static_cast<TokenId>(i);
  }
}

std::vector<SpSegment> SentencePiece::segments_of(std::string_view normalized) const {
  std::vector<SpSegment> segments;
  segments.reserve(normalized.size() / 4 + 4);
  segmenter_->segment(normalized, segments);
  size_t kept = 0;
  bool after_unknown = false;
  for (const SpSegment& segment : segments) {
    const bool unknown = segment.id == file_->unk_id;
    if (unknown && after_unknown && !file_->byte_fallback)
      segments[kept - 1].size += segment.size;
    else
      segments[kept++] = segment;
    after_unknown = unknown;
  }
  segments.resize(kept);
  return segments;
}

void SentencePiece::ids_of(std::string_view normalized, std::vector<TokenId>& out) const {
  size_t at = 0;
  for (const SpSegment& segment : segments_of(normalized)) {
    if (segment.id == file_->unk_id && file_->byte_fallback) {
      for (const char c : normalized.substr(at, segment.size)) out.push_back(byte_id(static_cast<unsigned char>(c)));
    } else {
      out.push_back(segment.id);
    }
    at += segment.size;
  }
}

std::vector<SentencePiece::Part> SentencePiece::encode(std::string_view text) const {
  std::vector<uint32_t> origins;
  const std::string normalized = normalize(text, &origins);
  std::vector<Part> parts;
  size_t at = 0;
  for (const SpSegment& segment : segments_of(normalized)) {
    const std::string_view piece = std::string_view(normalized).substr(at, segment.size);
    const uint32_t begin = origins[at], end = origins[at + segment.size];
    at += segment.size;
    if (segment.id != file_->unk_id || !file_->byte_fallback) {
      const bool invisible = file_->type(segment.id) == PieceType::kControl;
      parts.push_back({segment.id, std::string(piece), begin, invisible ? begin : end});
      continue;
    }
    for (size_t i = 0; i < piece.size(); ++i) {  // the last byte holds the whole character
      const TokenId id = byte_id(static_cast<unsigned char>(piece[i]));
      parts.push_back({id, std::string(file_->piece_of(id)), begin, i + 1 == piece.size() ? end : begin});
    }
  }
  return parts;
}

std::string SentencePiece::decode(std::span<const std::string_view> pieces) const {
  SpDecoding decoding(*file_, ids_);
  for (const std::string_view piece : pieces) decoding.add(piece);
  std::string text = decoding.finish();
  return denormalizer_ ? denormalizer_->normalize(text) : text;
}

std::string SentencePiece::decode(std::span<const TokenId> ids) const {
  std::vector<std::string_view> pieces;
  pieces.reserve(ids.size());
  for (const TokenId id : ids) {
    if (id >= 0 && static_cast<size_t>(id) < file_->pieces.size()) pieces.push_back(file_->piece_of(id));
  }
  return decode(pieces);
}

}  // namespace lf
