// What a SentencePiece `.model` holds (the ModelProto of sentencepiece_model.proto), checked as the library checks it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace lf {

enum class PieceType : uint8_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };
enum class SpModelType : uint8_t { kUnigram = 1, kBpe, kWord, kChar };

/// U+2581, which stands for a space in pieces.
inline constexpr std::string_view kSpaceMark = "\u2581";

struct SpPiece {
  std::string_view text;  // UTF-8, not empty
  float score = 0;
  PieceType type = PieceType::kNormal;
};

struct SpNormalizerSpec {
  std::string_view charsmap;  // size of the trie, double-array trie, texts; empty: characters stay as they are
  bool add_dummy_prefix = true, remove_extra_whitespaces = true, escape_whitespaces = true;
};

struct SpModelFile {
  /// `name` is used in messages. kFormat when the bytes are no model that can be used.
  SpModelFile(std::string bytes, std::string name);
  SpModelFile(const SpModelFile&) = delete;
  SpModelFile& operator=(const SpModelFile&) = delete;

  /// The piece of `id`, empty when the model says that it has none (-1).
  std::string_view piece_of(int32_t id) const {
    return id < 0 || static_cast<size_t>(id) >= pieces.size() ? std::string_view{}
                                                              : pieces[static_cast<size_t>(id)].text;
  }
  PieceType type(TokenId id) const { return pieces[static_cast<size_t>(id)].type; }

  const std::string content;  // the file; what the views point into
  const std::string name;
  std::vector<SpPiece> pieces;
  SpModelType model_type = SpModelType::kUnigram;
  bool byte_fallback = false, whitespace_as_suffix = false;
  std::string_view unk_surface = " \u2047 ";
  int32_t bos_id = 1, eos_id = 2, pad_id = -1;
  TokenId unk_id = -1;  // of the piece of type UNKNOWN
  SpNormalizerSpec normalizer, denormalizer;

 private:
  void read_trainer(class WireReader spec);
  void check();
};

/// The byte of a piece "<0xNN>", or -1.
int piece_byte(std::string_view piece);

}  // namespace lf
