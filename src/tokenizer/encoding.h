// What a tokenizer makes of a text besides the ids: token strings, where they stand in the text, and the masks that go
// with them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lf {

using TokenId = int32_t;

/// A stretch of the original text in code points: [begin, end). Texts of a pair count from 0 each. Special tokens that
/// the post-processor puts in, and padding, have {0, 0}.
struct Span {
  uint32_t begin = 0, end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

/// All lists have the same length.
struct Encoding {
  std::vector<TokenId> ids;
  std::vector<std::string> tokens;  // token strings as in the vocabulary ("Ġworld")
  std::vector<Span> offsets;
  std::vector<uint32_t> type_ids;            // which text of a pair, or what the template says
  std::vector<uint8_t> special_tokens_mask;  // 1: put in by the post-processor, or padding
  std::vector<uint8_t> attention_mask;       // 0: padding
  std::vector<Encoding> overflowing;         // what truncation cut off, in windows (with the file's stride)

  size_t size() const { return ids.size(); }
};

struct EncodeOptions {
  bool add_special_tokens = true;
  /// The "truncation" and "padding" blocks of tokenizer.json. Off: the text is encoded whole, as transformers does
  /// unless asked.
  bool truncate = false, pad = false;
};

}  // namespace lf
