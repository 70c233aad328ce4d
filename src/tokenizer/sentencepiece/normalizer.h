// The text as the pieces of a SentencePiece model see it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/sentencepiece/charsmap.h"
#include "tokenizer/sentencepiece/model_file.h"
#include "tokenizer/sentencepiece/trie.h"

namespace lf {

class SpNormalizer {
 public:
  /// `keep`: the user-defined pieces, which are never changed; it must outlive this.
  SpNormalizer(const SpNormalizerSpec& spec, bool whitespace_as_suffix, const PieceTrie* keep, std::string_view where);

  /// `text` is valid UTF-8. With `origins`: for each byte of the result, and for its end, the byte of `text` it comes
  /// from.
  std::string normalize(std::string_view text, std::vector<uint32_t>* origins = nullptr) const;

 private:
  struct Step {
    std::string_view text;  // replacement
    size_t length;          // bytes of the input it stands for
  };
  class Output;
  Step step(std::string_view input) const;

  SpNormalizerSpec spec_;
  bool suffix_;
  CharsMap charsmap_;
  const PieceTrie* keep_;
};

}  // namespace lf
