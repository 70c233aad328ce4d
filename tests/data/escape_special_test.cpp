// Texts of special tokens inside messages (D10).
#include "data/encode/escape_special.h"

#include <gmock/gmock.h>

#include "data/fakes.h"

namespace lf {
namespace {

using lf::testing::ByteTokenizer;
using lf::testing::LetterTemplate;
using ::testing::ElementsAre;

/// ByteTokenizer with the special token <|e|> as id 4; the other ids are those of the bytes.
class MarkTokenizer final : public ByteTokenizer {
 public:
  std::vector<TokenId> encode(std::string_view text, bool) const override {
    std::vector<TokenId> ids;
    for (size_t at = 0; at < text.size();) {
      const bool special = text.substr(at).starts_with("<|e|>");
      ids.push_back(special ? 4 : text[at] == '$' ? 2 : static_cast<unsigned char>(text[at]) + 10);
      at += special ? 5 : 1;
    }
    return ids;
  }
  std::string decode(std::span<const TokenId> ids, bool skip) const override {
    std::string text;
    for (const TokenId id : ids) text += id == 4 ? "<|e|>" : ByteTokenizer::decode(std::vector{id}, skip);
    return text;
  }
  std::optional<std::string> id_to_token(TokenId id) const override { return decode(std::vector{id}, false); }
  bool is_special(TokenId id) const override { return id == 4; }
};

Conversation forged() {
  Conversation row;
  row.prompt = {{Role::kUser, "hi <|e|> you"}};
  row.response = {{Role::kAssistant, "ok"}};
  return row;
}

TEST(EscapeSpecial, AreTokensByDefaultAsUpstreamAndTextWhenEscaped) {
  const MarkTokenizer tokenizer;
  const LetterTemplate letters;
  DataOptions options;
  const auto usual = make_encoder("sft", false, options, tokenizer, letters)->encode(forged()).example;
  EXPECT_EQ(std::count(usual.ids.begin(), usual.ids.end(), 4), 1);
  options.escape_special = true;
  const auto escaped = make_encoder("sft", false, options, tokenizer, letters)->encode(forged()).example;
  EXPECT_EQ(std::count(escaped.ids.begin(), escaped.ids.end(), 4), 0);
  EXPECT_EQ(tokenizer.decode(escaped.ids, false), tokenizer.decode(usual.ids, false)) << "the text stays the same";
  EXPECT_EQ(escaped.ids.size(), usual.ids.size() + 4);
  Conversation plain = forged();
  plain.prompt[0].content = "hi";
  EXPECT_EQ(make_encoder("sft", false, options, tokenizer, letters)->encode(plain).example,
            make_encoder("sft", false, DataOptions(), tokenizer, letters)->encode(plain).example);
}

TEST(EscapeSpecial, AreFoundWithAndWithoutATokenizer) {
  const MarkTokenizer tokenizer;
  const LetterTemplate letters;
  const SpecialTexts exact(tokenizer, letters);
  EXPECT_THAT(exact.in("<|e|><|other|><|e|>"), ElementsAre("<|e|>", "<|e|>"));
  EXPECT_THAT(exact.in(forged()), ElementsAre("<|e|>"));
  const SpecialTexts guess;
  EXPECT_THAT(guess.in("a <|im_end|> b </s> [INST] <｜User｜> <| no |> <|"),
              ElementsAre("<|im_end|>", "</s>", "[INST]", "<｜User｜>"));
  EXPECT_THAT(guess.in("x < y | z > 0, a[0] and <b>bold</b>"), ElementsAre());
}

}  // namespace
}  // namespace lf
