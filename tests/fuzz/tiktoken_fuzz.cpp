// rooms: base tokenizer
// tiktoken files from strangers: the first line is a pattern, the second a text, the rest the ranks.
#include <string>

#include "tokenizer/hf_tokenizer.h"
#include "tokenizer/kinds/rank_vocab.h"
#include "tokenizer/unicode.h"
#include "tokenizer_fuzz.h"

namespace {

std::string take_line(std::string_view& input) {
  const size_t end = std::min(input.find('\n'), input.size());
  std::string line = lf::to_valid_utf8(input.substr(0, end));
  input.remove_prefix(std::min(end + 1, input.size()));
  return line;
}

/// A rank for every byte, so that inputs get past that check; those that give their own keep them.
lf::Ranks with_bytes(lf::Ranks ranks) {
  for (int b = 0; b < 256; ++b) ranks.emplace_back(std::string(1, static_cast<char>(b)), 100000 + b);
  return ranks;
}

void run(const lf::Ranks& ranks, const std::string& pattern, const std::string& text) {
  const std::string json =
      lf::rank_tokenizer_json(ranks, {.pattern = pattern, .specials = {{"<|end|>", 200000}}}, "m.tiktoken");
  lf::HfTokenizer tokenizer(json, "m.tiktoken", lf::TokenizerConfig());
  lf::fuzz::use(tokenizer, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lf::fuzz::silence();
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string pattern = take_line(input), text = take_line(input);
  for (const bool complete : {false, true}) {
    lf::fuzz::attempt([&] {
      const lf::Ranks ranks = lf::read_tiktoken(input, "m.tiktoken");
      run(complete ? with_bytes(ranks) : ranks, pattern, text);
    });
  }
  return 0;
}
