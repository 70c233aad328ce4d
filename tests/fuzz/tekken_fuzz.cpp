// rooms: base tokenizer
// tekken.json from strangers: loading, encoding and decoding end in a result or an lf::Error.
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "tokenizer/hf_tokenizer.h"
#include "tokenizer/kinds/kinds.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool quiet = [] {
    lf::set_log_sink([](lf::LogLevel, const std::string&) {});
    return true;
  }();
  (void)quiet;
  try {
    lf::TokenizerConfig config;
    const lf::ConvertedTokenizer converted =
        lf::convert_tekken_text(std::string(reinterpret_cast<const char*>(data), size), "tekken.json", config);
    lf::HfTokenizer tokenizer(converted.json, "tekken.json", config);
    const std::vector<lf::TokenId> ids = tokenizer.encode("A 1st text, isn't it? \u4f60 <s>", true);
    tokenizer.decode(ids, false);
    tokenizer.files();
  } catch (const lf::Error& error) {
    if (error.kind() == lf::ErrorKind::kInternal) __builtin_trap();
  }
  return 0;
}
