// rooms: base tokenizer
// tekken.json from strangers: loading, encoding and decoding end in a result or an lf::Error.
#include <string>

#include "tokenizer/hf_tokenizer.h"
#include "tokenizer/kinds/kinds.h"
#include "tokenizer_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lf::fuzz::silence();
  lf::fuzz::attempt([&] {
    lf::TokenizerConfig config;
    const lf::ConvertedTokenizer converted =
        lf::convert_tekken_text(std::string(reinterpret_cast<const char*>(data), size), "tekken.json", config);
    lf::HfTokenizer tokenizer(converted.json, "tekken.json", config);
    lf::fuzz::use(tokenizer, "A 1st text, isn't it? \u4f60 <s>");
  });
  return 0;
}
