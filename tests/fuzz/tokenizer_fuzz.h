// What the fuzz targets of tokenizers share.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "tokenizer/tokenizer.h"

namespace lf::fuzz {

/// Warnings about inputs would fill the screen.
inline void silence() {
  static const bool kDone = [] {
    set_log_sink([](LogLevel, const std::string&) {});
    return true;
  }();
  (void)kDone;
}

/// Refusing is fine; a defect of ours is not.
template <class Step>
void attempt(const Step& step) {
  try {
    step();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInternal) __builtin_trap();
  }
}

/// Encodes, decodes at once and as a stream, changes and saves.
inline void use(Tokenizer& tokenizer, std::string_view text) {
  const std::vector<TokenId> ids = tokenizer.encode(text, true);
  tokenizer.decode(ids, false);
  tokenizer.decode(ids, true);
  for (const bool skip : {false, true}) {
    StreamDecoder stream(tokenizer, skip);
    for (size_t i = 0; i < ids.size() && i < 64; ++i) stream.push(ids[i]);
    stream.finish();
  }
  tokenizer.set_eos("<eos>");
  tokenizer.files();
}

}  // namespace lf::fuzz
