// Texts of a megabyte that ask a lot of an algorithm which is not linear: they would take minutes or hours with one
// that takes quadratic time. No clock: the test run itself has one.
#include "tokenizer_support.h"

namespace lf::testing {
namespace {

std::string repeated(std::string_view part, size_t bytes) {
  std::string text;
  text.reserve(bytes + part.size());
  while (text.size() < bytes) text += part;
  return text;
}

constexpr size_t kMegabyte = 1 << 20;

struct LongText {
  const char* name;
  const char* part;
};

class LongTexts : public ::testing::TestWithParam<std::tuple<std::string, LongText>> {};

TEST_P(LongTexts, are_tokenized_with_and_without_offsets) {
  const auto& [fixture, text] = GetParam();
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/" + fixture));
  const std::string whole = "a" + repeated(text.part, kMegabyte);
  const std::vector<TokenId> ids = tokenizer->encode(whole);
  EXPECT_FALSE(ids.empty());
  EXPECT_EQ(tokenizer->encode_full(whole, std::nullopt, {.add_special_tokens = false}).ids, ids);
  tokenizer->decode(ids);
}

INSTANTIATE_TEST_SUITE_P(
    all, LongTexts,
    ::testing::Combine(::testing::Values("byte_level", "byte_fallback", "mixed", "wordpiece", "unigram"),
                       ::testing::Values(LongText{"ascii_word", "x"}, LongText{"spaces", " "},
                                         LongText{"marks", "\u0301"}, LongText{"marks_out_of_order", "\u0301\u0323"},
                                         LongText{"joined_emoji", "\U0001F468\u200D"}, LongText{"flags", "\U0001F1E6"},
                                         LongText{"right_to_left", "\u05E9\u202E"}, LongText{"hangul", "\u1100"},
                                         LongText{"line_separators", "\u2028"}, LongText{"astral", "\U00020000"},
                                         LongText{"private_use", "\uE000"}, LongText{"half_tokens", "<|im_"},
                                         LongText{"apostrophes", "'"}, LongText{"newlines", "\r\n"})),
    [](const auto& info) { return std::get<0>(info.param) + "_" + std::get<1>(info.param).name; });

}  // namespace
}  // namespace lf::testing
