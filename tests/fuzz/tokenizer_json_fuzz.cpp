// rooms: base tokenizer
// tokenizer.json from strangers: loading, encoding (ids, offsets, pairs, truncated and padded), decoding, streaming and
// saving end in a result or an lf::Error. The input is the JSON; what follows a NUL byte is the text to encode.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "tokenizer/hf_tokenizer.h"

namespace {

/// Refusing is fine; what was going on otherwise goes on.
template <class Step>
void attempt(const Step& step) {
  try {
    step();
  } catch (const lf::Error& error) {
    if (error.kind() == lf::ErrorKind::kInternal) __builtin_trap();
  }
}

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

void use(lf::Tokenizer& tokenizer, std::string_view text) {
  use_full(tokenizer, text);
  const std::vector<lf::TokenId> ids = tokenizer.encode(text, true);
  tokenizer.decode(ids, false);
  tokenizer.decode(ids, true);
  lf::StreamDecoder stream(tokenizer, false);
  for (size_t i = 0; i < ids.size() && i < 64; ++i) stream.push(ids[i]);
  stream.finish();
  tokenizer.set_eos("<eos>");
  tokenizer.files();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool quiet = [] {
    lf::set_log_sink([](lf::LogLevel, const std::string&) {});
    return true;
  }();
  (void)quiet;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t nul = std::min(input.find('\0'), size);
  const std::string_view text = nul < size ? input.substr(nul + 1) : "The 1st text, isn't it?  \u00e9\u4f60 <eos>";
  try {
    const lf::TokenizerConfig none("/nonexistent");
    lf::HfTokenizer tokenizer(std::string(input.substr(0, nul)), "tokenizer.json", none);
    use(tokenizer, text);
  } catch (const lf::Error& error) {
    if (error.kind() == lf::ErrorKind::kInternal) __builtin_trap();
  }
  return 0;
}
