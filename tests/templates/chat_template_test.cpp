// The tokenizer's chat template: rendered for a chat, and taken apart into slots as LLaMA-Factory does.
#include "templates/chat_template.h"

#include <gmock/gmock.h>

#include <functional>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "support/shared.h"
#include "templates/fake_tokenizer.h"
#include "templates/slots.h"

namespace lf {
namespace {

using lf::testing::FakeTokenizer;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    return error.what();
  }
  return "no error";
}

std::string filled(const Json& slot, const std::string& content) {
  return fill_slot({Slot::Kind::kText, slot.get<std::string>()}, content);
}

/// Pieces of the prompt, up to where an empty thought may follow.
void check_slots(const Json& expected, const std::string& source, bool bos) {
  FakeTokenizer tokenizer;
  tokenizer.bos_first = bos;
  tokenizer.set_chat_template(source);
  TemplateOptions options;
  options.enable_thinking = std::nullopt;
  if (expected.contains("error")) {
    EXPECT_NE(error_of([&] { template_of_tokenizer(tokenizer, options); }), "no error");
    return;
  }
  const auto found = template_of_tokenizer(tokenizer, options);
  EXPECT_EQ(found->reasoning(), expected["class"] == "ReasoningTemplate");
  const auto prompt_of = [&](const std::string& system) {
    return tokenizer.pieces(
        found->encode_oneturn(tokenizer, {{Role::kUser, "U"}, {Role::kAssistant, "A"}}, system, "").prompt);
  };
  const std::string default_system = expected["default_system"];
  for (const std::string& system : {std::string("S"), std::string()}) {
    std::vector<std::string> wanted;
    if (expected["prefix"] != "") wanted.push_back(expected["prefix"]);
    const std::string& used = system.empty() ? default_system : system;
    if (!used.empty()) wanted.push_back(filled(expected["system"], used));
    wanted.push_back(filled(expected["user"], "U"));
    if (found->reasoning()) wanted.push_back("<think>\n\n</think>\n\n");
    EXPECT_EQ(prompt_of(system), wanted);
  }
  const EncodedTurn turn = found->encode_oneturn(tokenizer, {{Role::kUser, "U"}, {Role::kAssistant, "A"}}, "", "");
  EXPECT_EQ(tokenizer.pieces(turn.response), std::vector<std::string>{filled(expected["assistant"], "A")});
}

TEST(TemplateOfTokenizer, has_the_slots_that_llamafactory_finds) {
  const auto folder = lf::testing::fixture_path("jinja");
  const Json rows = read_json(folder / "parsed.json");
  size_t parsed = 0;
  for (const auto& [name, row] : rows.items()) {
    const std::string source = read_file(folder / "templates" / (name + ".jinja"));
    for (const bool bos : {false, true}) {
      SCOPED_TRACE(name + (bos ? " with <s>" : ""));
      const Json& expected = row[bos ? "bos" : "plain"];
      parsed += !expected.contains("error");
      check_slots(expected, source, bos);
    }
  }
  EXPECT_GT(parsed, 10u);
}

TEST(TemplateOfTokenizer, says_why_a_chat_template_gives_no_slots) {
  FakeTokenizer tokenizer;
  EXPECT_THAT(error_of([&] { template_of_tokenizer(tokenizer); }), HasSubstr("no chat template"));
  tokenizer.set_chat_template("{{ raise_exception('no system role') }}");
  EXPECT_THAT(error_of([&] { template_of_tokenizer(tokenizer); }),
              AllOf(HasSubstr("`template` is not given"), HasSubstr("no system role"), HasSubstr("name a template")));
  tokenizer.set_chat_template("nothing");
  EXPECT_THAT(error_of([&] { template_of_tokenizer(tokenizer); }), HasSubstr("shows no"));
  tokenizer.set_chat_template("{% if %}");
  EXPECT_THAT(error_of([&] { template_of_tokenizer(tokenizer); }), HasSubstr("line 1"));
}

TEST(ChooseTemplate, takes_the_named_one_then_the_tokenizers_then_empty) {
  FakeTokenizer tokenizer;
  EXPECT_EQ(choose_template("qwen", tokenizer)->name(), "qwen");
  EXPECT_EQ(choose_template(std::nullopt, tokenizer)->name(), "empty");
  tokenizer.set_chat_template("{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}");
  const auto found = choose_template(std::nullopt, tokenizer);
  const EncodedTurn turn = found->encode_oneturn(tokenizer, {{Role::kUser, "U"}, {Role::kAssistant, "A"}}, "S", "");
  EXPECT_THAT(tokenizer.pieces(turn.prompt), ::testing::ElementsAre("[system]S", "[user]U"));
}

TEST(RenderChat, passes_messages_tools_tokens_and_more) {
  const auto parsed = JinjaTemplate::parse(
      "{{ bos_token }}{{ messages[0].content }}{{ tools[0].name }}{{ documents }}{{ add_generation_prompt }}{{ deep }}"
      "{{ unk_token is defined }}{% generation %}x{% endgeneration %}");
  ChatRequest request{.messages = {{{"role", "user"}, {"content", "hi"}}}, .add_generation_prompt = true};
  request.tools = {{{"name", "f"}}};
  request.more = {{"deep", 1}};
  const JinjaOutput output = render_chat(parsed, {"<s>", "</s>", "", "", {}}, request);
  EXPECT_EQ(output.text, "<s>hifNoneTrue1Falsex");
  EXPECT_EQ(output.generations.size(), 1u);
  request.more = {{"messages", 1}};
  EXPECT_THAT(error_of([&] { render_chat(parsed, {}, request); }), HasSubstr("'messages' cannot be set"));
}

}  // namespace
}  // namespace lf
