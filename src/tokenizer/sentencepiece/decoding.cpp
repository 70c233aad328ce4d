#include "tokenizer/sentencepiece/decoding.h"

#include "base/strings.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

/// Bytes of the character that `bytes` begins with; 0 when it begins with none.
size_t character_at(std::string_view bytes) {
  const auto lead = static_cast<uint8_t>(bytes[0]);
  const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return size <= bytes.size() && is_valid_utf8(bytes.substr(0, size)) ? size : 0;
}

}  // namespace

void SpDecoding::add(std::string_view piece) {
  const TokenId found = ids_.any(piece);
  const TokenId id = found == kNoToken ? file_.unk_id : found;
  if (file_.type(id) == PieceType::kByte) {
    bytes_ += static_cast<char>(piece_byte(piece));
    return;
  }
  add_bytes();
  if (prefix_was_taken_ || !text_.empty()) at_start_ = false;
  prefix_was_taken_ = false;
  if (file_.type(id) == PieceType::kControl) return;
  if (file_.type(id) == PieceType::kUnknown) {
    text_ += piece == file_.piece_of(id) ? file_.unk_surface : piece;
    return;
  }
  add_text(piece);
}

void SpDecoding::add_text(std::string_view piece) {
  const SpNormalizerSpec& spec = file_.normalizer;
  if (at_start_ && (spec.add_dummy_prefix || spec.remove_extra_whitespaces) && piece.starts_with(kSpaceMark)) {
    piece.remove_prefix(kSpaceMark.size());
    prefix_was_taken_ = !spec.remove_extra_whitespaces;  // else all spaces at the start go
  }
  for (size_t mark; (mark = piece.find(kSpaceMark)) != std::string_view::npos;) {
    text_ += piece.substr(0, mark);
    text_ += ' ';
    piece.remove_prefix(mark + kSpaceMark.size());
  }
  text_ += piece;
}

/// Each byte that begins no character becomes U+FFFD.
void SpDecoding::add_bytes() {
  for (size_t at = 0; at < bytes_.size();) {
    const size_t size = character_at(std::string_view(bytes_).substr(at));
    text_ += size > 0 ? std::string_view(bytes_).substr(at, size) : "\uFFFD";
    at += std::max<size_t>(size, 1);
  }
  bytes_.clear();
}

std::string SpDecoding::finish() {
  add_bytes();
  return std::move(text_);
}

}  // namespace lf
