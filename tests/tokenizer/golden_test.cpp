// The small golden tokenizers: everything the reference gives for each text, exactly.
#include "tokenizer_support.h"

namespace lf::testing {
namespace {

std::optional<TokenId> id_or_none(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<TokenId>());
}

class GoldenTokenizer : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenTokenizer, gives_the_ids_tokens_and_texts_of_the_reference) {
  LF_REQUIRE_SHARED();
  const auto tokenizer = load_tokenizer(shared_path("golden/data/tokenizers/" + GetParam()));
  const Json golden = read_json(shared_path("golden/data/tokenizers.json"))["tokenizers"][GetParam()];
  EXPECT_EQ(tokenizer->size(), golden["length"].get<size_t>());
  EXPECT_EQ(tokenizer->bos_id(), id_or_none(golden["bos"]));
  EXPECT_EQ(tokenizer->eos_id(), id_or_none(golden["eos"]));
  EXPECT_EQ(tokenizer->pad_id(), id_or_none(golden["pad"]));
  for (const Json& item : golden["texts"]) {
    const auto text = item["text"].get<std::string>();
    SCOPED_TRACE(text);
    const std::vector<TokenId> ids = tokenizer->encode(text);
    const std::vector<TokenId> with_special = tokenizer->encode(text, true);
    EXPECT_EQ(ids, item["ids"].get<std::vector<TokenId>>());
    EXPECT_EQ(tokens_of(*tokenizer, ids), item["tokens"].get<std::vector<std::string>>());
    EXPECT_EQ(with_special, item["ids_with_special"].get<std::vector<TokenId>>());
    EXPECT_EQ(tokenizer->decode(ids), item["decoded"].get<std::string>());
    EXPECT_EQ(tokenizer->decode(with_special, true), item["decoded_skip_special"].get<std::string>());
    EXPECT_EQ(streamed(*tokenizer, ids), tokenizer->decode(ids));
  }
}

INSTANTIATE_TEST_SUITE_P(all, GoldenTokenizer,
                         ::testing::Values("chat", "gpt2_style", "llama2_style", "llama3_style", "unigram",
                                           "templates"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace lf::testing
