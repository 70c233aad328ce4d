// rooms: base tokenizer
// tokenizer.json from strangers: loading, encoding (ids, offsets, pairs, truncated and padded), decoding, streaming and
// saving end in a result or an lf::Error. The input is the JSON; what follows a NUL byte is the text to encode.
#include <string>

#include "tokenizer/hf_tokenizer.h"
#include "tokenizer_fuzz.h"

namespace {

using lf::fuzz::attempt;

void check_full(const lf::Encoding& full) {
  const size_t count = full.ids.size();
  if (full.tokens.size() != count || full.offsets.size() != count || full.type_ids.size() != count ||
      full.special_tokens_mask.size() != count || full.attention_mask.size() != count) {
    __builtin_trap();
  }
  for (const lf::Encoding& window : full.overflowing) check_full(window);
}

void use_full(const lf::Tokenizer& tokenizer, std::string_view text) {
  attempt([&] {
    const lf::Encoding full = tokenizer.encode_full(text, std::nullopt, {.add_special_tokens = false});
    check_full(full);
    if (full.ids != tokenizer.encode(text, false)) __builtin_trap();
    for (const lf::Span& span : full.offsets) {
      if (span.begin > span.end) __builtin_trap();
    }
  });
  attempt([&] { check_full(tokenizer.encode_full(text, text.substr(0, text.size() / 2))); });
  attempt([&] { check_full(tokenizer.encode_full(text, std::nullopt, {.truncate = true, .pad = true})); });
  attempt([&] { check_full(tokenizer.encode_full(text, text, {.truncate = true, .pad = true})); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lf::fuzz::silence();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t nul = std::min(input.find('\0'), size);
  const std::string_view text = nul < size ? input.substr(nul + 1) : "The 1st text, isn't it?  \u00e9\u4f60 <eos>";
  attempt([&] {
    const lf::TokenizerConfig none("/nonexistent");
    lf::HfTokenizer tokenizer(std::string(input.substr(0, nul)), "tokenizer.json", none);
    use_full(tokenizer, text);
    lf::fuzz::use(tokenizer, text);
  });
  return 0;
}
