// rooms: base tokenizer
// SentencePiece models from strangers: loading, encoding, decoding and converting end in a result or an lf::Error. The
// first byte is the length of a text, which follows; the rest is the model.
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "tokenizer/kinds/native_sentencepiece.h"
#include "tokenizer/kinds/sp_convert.h"
#include "tokenizer/unicode.h"

namespace {

void use(lf::Tokenizer& tokenizer, std::string_view text) {
  const std::vector<lf::TokenId> ids = tokenizer.encode(text, true);
  tokenizer.encode_full(text, std::nullopt, {});
  tokenizer.decode(ids, false);
  lf::StreamDecoder stream(tokenizer, true);
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
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t length = std::min<size_t>(data[0], size - 1);
  const std::string text = lf::to_valid_utf8(input.substr(1, length));
  const std::string bytes(input.substr(1 + length));
  try {
    lf::SentencePieceTokenizer tokenizer(bytes, "m.model", lf::TokenizerConfig());
    use(tokenizer, text);
    const lf::SentencePiece model(bytes, "m.model");
    lf::sp_tokenizer_json(model, {.kind = lf::SpClass::kLlama});
    lf::sp_tokenizer_json(model, {.kind = lf::SpClass::kT5, .extra_ids = 3});
  } catch (const lf::Error& error) {
    if (error.kind() == lf::ErrorKind::kInternal) __builtin_trap();
  }
  return 0;
}
