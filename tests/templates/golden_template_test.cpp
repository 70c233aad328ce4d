// Every template over every reference conversation: ids, texts, tokenizer fixes, exported Jinja and Ollama texts.
#include <gmock/gmock.h>

#include "base/error.h"
#include "support/golden_templates.h"
#include "templates/template.h"

namespace lf {
namespace {

using lf::testing::golden_templates;
using Ids = std::vector<TokenId>;

class GoldenTemplate : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    LF_REQUIRE_SHARED();
    tokenizer_ = load_tokenizer(lf::testing::shared_path("golden/data/tokenizers/templates"));
    size_before_ = tokenizer_->size();
    load(Json::object());
    template_->fix_tokenizer(*tokenizer_);
  }

  const Json& expected() const { return golden_templates()["templates"][GetParam()]; }

  /// With the thinking mode of a case.
  void load(const Json& row) { template_ = load_template(GetParam(), lf::testing::golden_options(row)); }

  Ids joined(const std::vector<EncodedTurn>& turns, bool with_eos) const {
    Ids ids;
    for (const EncodedTurn& turn : turns) {
      ids.insert(ids.end(), turn.prompt.begin(), turn.prompt.end());
      ids.insert(ids.end(), turn.response.begin(), turn.response.end());
    }
    if (with_eos && template_->efficient_eos()) ids.push_back(*tokenizer_->eos_id());
    return ids;
  }

  void check_case(const Json& row, const Json& conversation);

  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<Template> template_;
  size_t size_before_ = 0;
};

void GoldenTemplate::check_case(const Json& row, const Json& conversation) {
  const std::string system = conversation.value("system", "");
  const std::string tools = conversation.contains("tools") ? python_json(conversation["tools"]) : "";
  const std::vector<Message> messages = lf::testing::golden_messages(conversation, *template_);
  if (row["multiturn"].contains("error")) {
    EXPECT_THROW(template_->encode_multiturn(*tokenizer_, messages, system, tools), Error);
    EXPECT_THROW(template_->encode_oneturn(*tokenizer_, messages, system, tools), Error);
    return;
  }
  const std::vector<EncodedTurn> turns = template_->encode_multiturn(*tokenizer_, messages, system, tools);
  const Json& ids = row["multiturn"]["ids"];
  const Json& texts = row["multiturn"]["texts"];
  ASSERT_EQ(turns.size() * 2, ids.size());
  Ids flat;
  for (size_t i = 0; i < ids.size(); ++i) {
    const Ids& part = i % 2 ? turns[i / 2].response : turns[i / 2].prompt;
    EXPECT_EQ(tokenizer_->decode(part), texts[i].get<std::string>());
    EXPECT_EQ(part, ids[i].get<Ids>());
    flat.insert(flat.end(), part.begin(), part.end());
  }
  const EncodedTurn one = template_->encode_oneturn(*tokenizer_, messages, system, tools);
  EXPECT_EQ(one.prompt.size(), row["oneturn"]["prompt_len"].get<size_t>());
  EXPECT_EQ(joined({one}, false), row["oneturn"].contains("ids") ? row["oneturn"]["ids"].get<Ids>() : flat);
  EXPECT_EQ(joined(turns, true), row["sft"].contains("ids") ? row["sft"]["ids"].get<Ids>() : flat);
  if (!row.contains("sft_mask_history")) return;
  const Json& masked = row["sft_mask_history"];
  EXPECT_EQ(joined(template_->encode_multiturn(*tokenizer_, messages, system, tools, true), true),
            masked.contains("ids") ? masked["ids"].get<Ids>() : flat);
}

TEST_P(GoldenTemplate, gives_the_ids_of_the_reference_for_every_conversation) {
  size_t checked = 0;
  for (const Json& conversation : golden_templates()["conversations"]) {
    for (const Json& row : expected()["cases"]) {
      if (row["conversation"] != conversation["id"]) continue;
      SCOPED_TRACE(row["conversation"].get<std::string>() + " " +
                   (row.contains("enable_thinking") ? row["enable_thinking"].dump() : ""));
      if (row.contains("enable_thinking")) load(row);
      check_case(lf::testing::golden_results(row, expected()["cases"]), conversation);
      ++checked;
    }
  }
  EXPECT_EQ(checked, expected()["cases"].size());
}

TEST_P(GoldenTemplate, has_the_flags_and_words_of_the_reference) {
  EXPECT_EQ(template_->efficient_eos(), expected()["efficient_eos"].get<bool>());
  EXPECT_EQ(template_->stop_words(), expected()["stop_words"].get<std::vector<std::string>>());
  EXPECT_EQ(template_->thought_words().first, expected()["thought_words"][0].get<std::string>());
  EXPECT_EQ(template_->thought_words().second, expected()["thought_words"][1].get<std::string>());
  const std::string kind = expected()["template_class"];
  EXPECT_EQ(template_->reasoning(), kind.find("Reasoning") != std::string::npos);
}

TEST_P(GoldenTemplate, fixes_the_tokenizer_like_the_reference) {
  const Json& fixed = expected()["after_fix"];
  const SpecialTokens& special = tokenizer_->special_tokens();
  EXPECT_EQ(special.eos, fixed["eos_token"].get<std::string>());
  EXPECT_EQ(special.pad, fixed["pad_token"].get<std::string>());
  EXPECT_EQ(tokenizer_->eos_id(), fixed["eos_token_id"].get<TokenId>());
  EXPECT_EQ(tokenizer_->pad_id(), fixed["pad_token_id"].get<TokenId>());
  EXPECT_EQ(tokenizer_->size() - size_before_, fixed["added_tokens"].get<size_t>());
  EXPECT_EQ(template_->stop_token_ids(*tokenizer_), expected()["stop_token_ids"].get<Ids>());
}

TEST_P(GoldenTemplate, exports_the_texts_of_the_reference) {
  if (expected()["jinja"].is_object()) {
    EXPECT_THROW(template_->jinja(*tokenizer_), Error);
    EXPECT_THROW(template_->ollama_modelfile(*tokenizer_), Error);
    return;
  }
  EXPECT_EQ(template_->jinja(*tokenizer_), expected()["jinja"].get<std::string>());
  EXPECT_THAT(template_->ollama_modelfile(*tokenizer_),
              ::testing::HasSubstr("TEMPLATE \"\"\"" + expected()["ollama_template"].get<std::string>() + "\"\"\"\n"));
}

TEST(GoldenTemplates, are_all_there) {
  LF_REQUIRE_SHARED();
  EXPECT_THAT(template_names(), ::testing::UnorderedElementsAreArray(lf::testing::golden_template_names()));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenTemplate);
INSTANTIATE_TEST_SUITE_P(all, GoldenTemplate, ::testing::ValuesIn(lf::testing::golden_template_names()),
                         [](const auto& info) { return replace_all(replace_all(info.param, "-", "_"), ".", "_"); });

}  // namespace
}  // namespace lf
