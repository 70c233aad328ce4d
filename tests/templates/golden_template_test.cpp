// Every template over every reference conversation: ids, texts, tokenizer fixes, exported Jinja and Ollama texts.
#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "support/shared.h"
#include "templates/template.h"

namespace lf {
namespace {

const Json& golden() {
  static const Json data = read_json(lf::testing::shared_path("golden/data/templates.json"));
  return data;
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  if (!lf::testing::has_shared()) return names;
  for (const auto& [name, unused] : golden()["templates"].items()) names.push_back(name);
  return names;
}

using Ids = std::vector<TokenId>;

class GoldenTemplate : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    LF_REQUIRE_SHARED();
    tokenizer_ = load_tokenizer(lf::testing::shared_path("golden/data/tokenizers/templates"));
    size_before_ = tokenizer_->size();
    load(std::nullopt);
    template_->fix_tokenizer(*tokenizer_);
  }

  const Json& expected() const { return golden()["templates"][GetParam()]; }

  /// With the thinking mode of a case.
  void load(const std::optional<Json>& thinking) {
    TemplateOptions options;
    options.today = golden()["date"].get<std::string>();
    if (thinking)
      options.enable_thinking = thinking->is_null() ? std::nullopt : std::optional<bool>(thinking->get<bool>());
    template_ = load_template(GetParam(), options);
  }

  std::vector<Message> messages_of(const Json& conversation) const {
    const auto& [open, close] = template_->thought_words();
    std::vector<Message> messages;
    for (const Json& message : conversation["messages"]) {
      const std::string role = message["role"];
      const Role kind = role == "user"        ? Role::kUser
                        : role == "assistant" ? Role::kAssistant
                        : role == "function"  ? Role::kFunction
                                              : Role::kObservation;
      messages.push_back({kind, replace_all(replace_all(message["content"], "@T0@", open), "@T1@", close)});
    }
    return messages;
  }

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
  const std::vector<Message> messages = messages_of(conversation);
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
  for (const Json& conversation : golden()["conversations"]) {
    for (const Json& row : expected()["cases"]) {
      if (row["conversation"] != conversation["id"]) continue;
      SCOPED_TRACE(row["conversation"].get<std::string>() + " " +
                   (row.contains("enable_thinking") ? row["enable_thinking"].dump() : ""));
      if (row.contains("enable_thinking")) load(row["enable_thinking"]);
      const Json* content = &row;
      for (const Json& twin : expected()["cases"]) {
        if (row.contains("same_as_enable_thinking") && twin["conversation"] == row["conversation"] &&
            twin["enable_thinking"] == row["same_as_enable_thinking"]) {
          content = &twin;
        }
      }
      check_case(*content, conversation);
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
  EXPECT_THAT(template_names(), ::testing::UnorderedElementsAreArray(golden_names()));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenTemplate);
INSTANTIATE_TEST_SUITE_P(all, GoldenTemplate, ::testing::ValuesIn(golden_names()),
                         [](const auto& info) { return replace_all(replace_all(info.param, "-", "_"), ".", "_"); });

}  // namespace
}  // namespace lf
