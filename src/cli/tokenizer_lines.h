// What `tokenizer encode` and `tokenizer decode` make of one line.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "tokenizer/tokenizer.h"

namespace lf {

struct EncodeLineOptions {
  bool jsonl = false;  // the line is {"text": ...}, else the text itself
  bool special_tokens = true;
  bool tokens = false, offsets = false;
};

/// {"ids": [...], "tokens": [...], "offsets": [[begin, end], ...]} and a line end; `place` ("FILE:LINE") names the line
/// in errors (kData).
std::string encode_line(const Tokenizer& tokenizer, std::string_view line, const EncodeLineOptions& options,
                        const std::string& place);
/// {"text": ...} of {"ids": [...]} or [...].
std::string decode_line(const Tokenizer& tokenizer, std::string_view line, bool skip_special_tokens,
                        const std::string& place);

}  // namespace lf
