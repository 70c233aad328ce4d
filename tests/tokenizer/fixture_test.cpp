// Our own small tokenizers (tests/fixtures/tokenizers), so that a fresh clone checks the pipelines without reference
// material; and properties that hold for any text.
#include <random>

#include "tokenizer_support.h"

namespace lf::testing {
namespace {

class FixtureTokenizer : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Tokenizer> tokenizer_ = load_tokenizer(fixture_path("tokenizers/" + GetParam()));
};

std::vector<uint32_t> flat(const std::vector<Span>& spans) {
  std::vector<uint32_t> out;
  for (const Span& span : spans) out.insert(out.end(), {span.begin, span.end});
  return out;
}

TEST_P(FixtureTokenizer, gives_what_the_reference_gives) {
  const Json expected = read_json(fixture_path("tokenizers/expected.json"))[GetParam()];
  EXPECT_EQ(tokenizer_->size(), expected["length"].get<size_t>());
  for (const Json& item : expected["texts"]) {
    const auto text = item["text"].get<std::string>();
    SCOPED_TRACE(text);
    const std::vector<TokenId> ids = tokenizer_->encode(text);
    const std::vector<TokenId> with_special = tokenizer_->encode(text, true);
    EXPECT_EQ(ids, item["ids"].get<std::vector<TokenId>>());
    EXPECT_EQ(with_special, item["ids_with_special"].get<std::vector<TokenId>>());
    EXPECT_EQ(tokenizer_->decode(ids), item["decoded"].get<std::string>());
    EXPECT_EQ(tokenizer_->decode(with_special, true), item["decoded_skip_special"].get<std::string>());
    const Encoding full = tokenizer_->encode_full(text, std::nullopt, {.add_special_tokens = false});
    EXPECT_EQ(full.ids, ids);
    EXPECT_EQ(full.tokens, item["tokens"].get<std::vector<std::string>>());
    EXPECT_EQ(flat(full.offsets), item["offsets"].get<std::vector<uint32_t>>());
  }
}

TEST_P(FixtureTokenizer, gives_pairs_truncated_and_padded_as_the_reference) {
  const Json expected = read_json(fixture_path("tokenizers/expected.json"));
  for (const Json& item : expected.at(GetParam()).at("pairs")) {
    const auto texts = item["texts"].get<std::vector<std::string>>();
    SCOPED_TRACE(texts[0] + " | " + texts[1]);
    const Encoding pair = tokenizer_->encode_full(texts[0], texts[1], {.truncate = true, .pad = true});
    EXPECT_EQ(pair.ids, item["ids"].get<std::vector<TokenId>>());
    EXPECT_EQ(pair.type_ids, item["type_ids"].get<std::vector<uint32_t>>());
    EXPECT_EQ(pair.attention_mask, item["attention_mask"].get<std::vector<uint8_t>>());
    EXPECT_EQ(pair.special_tokens_mask, item["special"].get<std::vector<uint8_t>>());
    EXPECT_EQ(flat(pair.offsets), item["offsets"].get<std::vector<uint32_t>>());
    std::vector<std::vector<TokenId>> windows;
    for (const Encoding& window : pair.overflowing) windows.push_back(window.ids);
    EXPECT_EQ(windows, item["windows"].get<std::vector<std::vector<TokenId>>>());
  }
}

/// Random text of letters, digits, spaces, accents, CJK and emoji, and broken bytes when `broken`.
std::string random_text(std::mt19937& random, bool broken) {
  static const std::vector<std::string> kParts = {"a",    "e",          "The", " ", "  ",     "\n", "\t", "1",
                                                  "23",   ".",          "'s",  "_", "ü",      "é",  "你", "世界",
                                                  "🙂", "<|im_end|>", "<s>", "▁", "\u00a0", "x"};
  std::string text;
  for (size_t n = random() % 30; n > 0; --n) {
    text += kParts[random() % kParts.size()];
    if (broken && random() % 4 == 0) text += static_cast<char>(random() % 256);
  }
  return text;
}

TEST_P(FixtureTokenizer, streams_exactly_the_decoded_text_without_half_characters) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const std::vector<TokenId> ids = tokenizer_->encode(random_text(random, false));
    StreamDecoder stream(*tokenizer_, false);
    std::string text;
    for (const TokenId id : ids) {
      const std::string piece = stream.push(id);
      EXPECT_EQ(piece.find("\uFFFD"), std::string::npos);
      text += piece;
    }
    EXPECT_EQ(text + stream.finish(), tokenizer_->decode(ids));
  }
}

TEST_P(FixtureTokenizer, takes_any_bytes_and_any_ids) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    for (const TokenId id : tokenizer_->encode(random_text(random, true), true))
      EXPECT_TRUE(tokenizer_->id_to_token(id).has_value());
    std::vector<TokenId> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(static_cast<TokenId>(random() % 500) - 20);
    streamed(*tokenizer_, ids, true);
  }
}

TEST_P(FixtureTokenizer, gives_the_same_ids_with_offsets_as_without) {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    const std::string text = random_text(random, round % 2 == 0);
    SCOPED_TRACE(text);
    const Encoding full = tokenizer_->encode_full(text, std::nullopt, {});
    EXPECT_EQ(full.ids, tokenizer_->encode(text, true));
    EXPECT_EQ(full.offsets.size(), full.size());
    EXPECT_EQ(full.tokens.size(), full.size());
    for (const Span& span : full.offsets) EXPECT_LE(span.begin, span.end);
  }
}

INSTANTIATE_TEST_SUITE_P(all, FixtureTokenizer,
                         ::testing::Values("byte_level", "byte_fallback", "mixed", "wordpiece", "unigram"),
                         [](const auto& info) { return info.param; });

TEST(Tokenizer, byte_level_text_comes_back_unchanged) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_level"));
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    const std::string text = random_text(random, false);
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
  }
}

TEST(Tokenizer, a_long_word_merges_as_the_same_word_in_short) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_level"));
  std::string word;
  while (word.size() < (1 << 18)) word += "thequickbrownfox";  // no place to cut; quadratic merging would take minutes
  const std::vector<TokenId> ids = tokenizer->encode(word);
  EXPECT_EQ(tokenizer->decode(ids), word);
  const std::vector<TokenId> twice = tokenizer->encode("thequickbrownfoxthequickbrownfoxthequickbrownfox");
  EXPECT_TRUE(std::equal(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(twice.size()) - 8, twice.begin()));
}

TEST(Tokenizer, broken_utf8_reads_as_the_replacement_character) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_level"));
  EXPECT_EQ(tokenizer->encode("a\xFF\xE4\xBD b"), tokenizer->encode("a\uFFFD\uFFFD b"));
}

TEST(Tokenizer, a_stream_hands_characters_out_when_their_last_byte_is_there) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_fallback"));
  const std::vector<TokenId> ids = tokenizer->encode("龙");  // ▁ and three bytes
  ASSERT_EQ(ids.size(), 4u);
  StreamDecoder stream(*tokenizer, false);
  std::vector<std::string> pieces;
  for (const TokenId id : ids) pieces.push_back(stream.push(id));
  EXPECT_EQ(pieces, (std::vector<std::string>{"", "", "", "龙"}));
}

TEST(Tokenizer, a_stream_keeps_the_space_between_words_and_drops_the_first) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_fallback"));
  EXPECT_EQ(streamed(*tokenizer, tokenizer->encode("The fox  The")), "The fox  The");
}

TEST(Tokenizer, bytes_that_never_form_a_character_are_handed_out_in_the_end) {
  const auto tokenizer = load_tokenizer(fixture_path("tokenizers/byte_fallback"));
  const TokenId byte = *tokenizer->token_to_id("<0xFF>");
  StreamDecoder stream(*tokenizer, false);
  std::string text;
  for (int i = 0; i < 200; ++i) text += stream.push(byte);
  EXPECT_FALSE(text.empty());
  text += stream.finish();
  EXPECT_EQ(text.size(), 200 * std::string_view("\uFFFD").size());
}

}  // namespace
}  // namespace lf::testing
