#include "tokenizer/sentencepiece/model_file.h"

#include <bitset>
#include <cmath>

#include "base/strings.h"
#include "tokenizer/sentencepiece/wire.h"
#include "tokenizer/vocab.h"

namespace lf {
namespace {

SpPiece read_piece(WireReader message, std::string_view name) {
  SpPiece piece;
  while (message.next()) {
    if (message.field() == 1) piece.text = message.text();
    if (message.field() == 2) piece.score = message.number();
    if (message.field() != 3) continue;
    const uint64_t type = message.integer();
    LF_CHECK(kFormat, type >= 1 && type <= 6, "{}: the piece '{}' has the unknown type {}", name, printable(piece.text),
             type);
    piece.type = static_cast<PieceType>(type);
  }
  return piece;
}

SpNormalizerSpec read_normalizer(WireReader message) {
  SpNormalizerSpec spec;
  while (message.next()) {
    switch (message.field()) {
      case 2:
        spec.charsmap = message.bytes();
        break;
      case 3:
        spec.add_dummy_prefix = message.boolean();
        break;
      case 4:
        spec.remove_extra_whitespaces = message.boolean();
        break;
      case 5:
        spec.escape_whitespaces = message.boolean();
        break;
      default:
        break;  // names and rules of the training
    }
  }
  return spec;
}

}  // namespace

int piece_byte(std::string_view piece) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return -1;
  const int high = digit(piece[3]), low = digit(piece[4]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

SpModelFile::SpModelFile(std::string bytes, std::string name_) : content(std::move(bytes)), name(std::move(name_)) {
  WireReader file(content, name);
  while (file.next()) {
    switch (file.field()) {
      case 1:
        LF_CHECK(kFormat, pieces.size() < kMaxTokenId, "{}: more than {} pieces", name, kMaxTokenId);
        pieces.push_back(read_piece(file.message(), name));
        break;
      case 2:
        read_trainer(file.message());
        break;
      case 3:
        normalizer = read_normalizer(file.message());
        break;
      case 5:
        denormalizer = read_normalizer(file.message());
        break;
      default:
        break;  // self-test data and extensions
    }
  }
  check();
}

void SpModelFile::read_trainer(WireReader spec) {
  while (spec.next()) {
    switch (spec.field()) {
      case 3: {
        const uint64_t type = spec.integer();
        LF_CHECK(kFormat, type >= 1 && type <= 4, "{}: the model type {} is not known", name, type);
        model_type = static_cast<SpModelType>(type);
        break;
      }
      case 24:
        whitespace_as_suffix = spec.boolean();
        break;
      case 35:
        byte_fallback = spec.boolean();
        break;
      case 41:
        bos_id = static_cast<int32_t>(spec.integer());
        break;
      case 42:
        eos_id = static_cast<int32_t>(spec.integer());
        break;
      case 43:
        pad_id = static_cast<int32_t>(spec.integer());
        break;
      case 44:
        unk_surface = spec.text();
        break;
      default:
        break;  // how it was trained
    }
  }
}

void SpModelFile::check() {
  LF_CHECK(kFormat, !pieces.empty(), "{}: there are no pieces; this is not a SentencePiece model", name);
  std::bitset<256> bytes;
  for (size_t i = 0; i < pieces.size(); ++i) {
    SpPiece& piece = pieces[i];
    LF_CHECK(kFormat, !piece.text.empty(), "{}: piece {} is empty", name, i);
    LF_CHECK(kFormat, std::isfinite(piece.score), "{}: the score of piece {} is not a number", name, i);
    if (piece.type == PieceType::kUnknown) {
      LF_CHECK(kFormat, unk_id < 0, "{}: pieces {} and {} both stand for unknown text", name, unk_id, i);
      unk_id = static_cast<TokenId>(i);
    }
    if (piece.type == PieceType::kByte) {
      const int byte = piece_byte(piece.text);
      LF_CHECK(kFormat, byte_fallback, "{}: piece {} is a byte, but byte_fallback is off", name, i);
      LF_CHECK(kFormat, byte >= 0, "{}: piece {} is a byte, but is written '{}'", name, i, printable(piece.text));
      bytes.set(static_cast<size_t>(byte));
    }
    // As the library does since 0.2.1: a zero byte in text becomes the byte piece.
    if (byte_fallback && piece.text == std::string_view("\0", 1)) piece.type = PieceType::kUnused;
  }
  LF_CHECK(kFormat, unk_id >= 0, "{}: no piece stands for unknown text", name);
  LF_CHECK(kFormat, !byte_fallback || bytes.all(), "{}: byte_fallback is on, but there are {} of 256 byte pieces", name,
           bytes.count());
}

}  // namespace lf
