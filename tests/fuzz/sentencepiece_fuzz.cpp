// rooms: base tokenizer
// SentencePiece models from strangers: loading, encoding, decoding and converting end in a result or an lf::Error. The
// first byte is the length of a text, which follows; the rest is the model.
#include <string>

#include "tokenizer/kinds/native_sentencepiece.h"
#include "tokenizer/kinds/sp_convert.h"
#include "tokenizer/unicode.h"
#include "tokenizer_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lf::fuzz::silence();
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t length = std::min<size_t>(data[0], size - 1);
  const std::string text = lf::to_valid_utf8(input.substr(1, length));
  const std::string bytes(input.substr(1 + length));
  lf::fuzz::attempt([&] {
    lf::SentencePieceTokenizer tokenizer(bytes, "m.model", lf::TokenizerConfig());
    tokenizer.encode_full(text, std::nullopt, {});
    lf::fuzz::use(tokenizer, text);
    const lf::SentencePiece model(bytes, "m.model");
    lf::sp_tokenizer_json(model, {.kind = lf::SpClass::kLlama});
    lf::sp_tokenizer_json(model, {.kind = lf::SpClass::kT5, .extra_ids = 3});
  });
  return 0;
}
