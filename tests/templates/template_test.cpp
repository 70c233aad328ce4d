// Behaviour of templates with a tokenizer that shows slot boundaries; needs nothing but this repository.
#include "templates/template.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/error.h"
#include "templates/fake_tokenizer.h"
#include "templates/template_spec.h"

namespace lf {
namespace {

using lf::testing::FakeTokenizer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<Message> kHello = {{Role::kUser, "Hi"}, {Role::kAssistant, "Yo"}};

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

struct Case {
  const char* name;
  const char* system;
  std::vector<std::string> prompt, response;
};

class TemplateTexts : public ::testing::TestWithParam<Case> {};

TEST_P(TemplateTexts, are_those_that_the_model_family_expects) {
  const Case& expected = GetParam();
  FakeTokenizer tokenizer;
  const auto tmpl = load_template(expected.name);
  tmpl->fix_tokenizer(tokenizer);
  const EncodedTurn turn = tmpl->encode_oneturn(tokenizer, kHello, expected.system, "");
  EXPECT_EQ(tokenizer.pieces(turn.prompt), expected.prompt);
  EXPECT_EQ(tokenizer.pieces(turn.response), expected.response);
}

INSTANTIATE_TEST_SUITE_P(
    known, TemplateTexts,
    ::testing::Values(
        Case{"empty", "", {"Hi"}, {"Yo"}},
        Case{"default", "S", {"System: S", "</s>", "\n", "Human: Hi", "</s>", "\nAssistant:"}, {"Yo", "</s>", "\n"}},
        Case{"llama2", "S", {"<s>", "[INST] <<SYS>>\nS\n<</SYS>>\n\nHi [/INST]"}, {"Yo", "</s>"}},
        Case{"llama3",
             "S",
             {"<s>", "<|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|>",
              "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>"
              "\n\n"},
             {"Yo<|eot_id|>"}},
        Case{"mistral", "", {"<s>", "[INST] Hi[/INST]"}, {" Yo", "</s>"}},
        Case{"qwen3",
             "",
             {"<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"},
             {"<think>\n\n</think>\n\n", "Yo<|im_end|>\n"}},
        Case{"qwen3_nothink", "", {"<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"}, {"Yo<|im_end|>\n"}},
        Case{"zephyr", "S", {"<|system|>\nS", "</s>", "<|user|>\nHi", "</s>", "<|assistant|>\n"}, {"Yo", "</s>"}},
        Case{"falcon", "", {"User: Hi\nFalcon:"}, {"Yo\n"}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Template, puts_its_default_system_text_where_none_is_given_unless_it_is_replaced) {
  FakeTokenizer tokenizer;
  EXPECT_THAT(tokenizer.decode(load_template("qwen")->encode_oneturn(tokenizer, kHello, "", "").prompt, false),
              HasSubstr("<|im_start|>system\nYou are Qwen"));
  TemplateOptions options;
  options.default_system = "Be brief.";
  EXPECT_THAT(tokenizer.decode(load_template("qwen", options)->encode_oneturn(tokenizer, kHello, "", "").prompt, false),
              HasSubstr("<|im_start|>system\nBe brief.<|im_end|>"));
}

TEST(Template, replaces_only_the_first_mark_so_that_users_may_write_braces) {
  FakeTokenizer tokenizer;
  const std::vector<Message> messages = {{Role::kUser, "{{content}}"}, {Role::kAssistant, "ok"}};
  EXPECT_THAT(tokenizer.pieces(load_template("falcon")->encode_oneturn(tokenizer, messages, "", "").prompt),
              ElementsAre("User: {{content}}\nFalcon:"));
}

TEST(Template, keeps_the_system_part_for_an_empty_list_of_tools) {
  FakeTokenizer tokenizer;
  const auto tmpl = load_template("qwen3_nothink");
  EXPECT_THAT(
      tokenizer.pieces(tmpl->encode_oneturn(tokenizer, kHello, "", "[]").prompt),
      ElementsAre("<|im_start|>system\n<|im_end|>\n", "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"));
}

TEST(Template, strips_thoughts_of_earlier_turns_from_one_turn_prompts_unless_they_are_preserved) {
  FakeTokenizer tokenizer;
  const std::vector<Message> messages = {{Role::kUser, "a"},
                                         {Role::kAssistant, "<think>\nx\n</think>\n\nA"},
                                         {Role::kUser, "b"},
                                         {Role::kAssistant, "<think>\ny\n</think>\n\nB"}};
  TemplateOptions options;
  auto prompt = [&] {
    const auto tmpl = load_template("qwen3", options);
    return tokenizer.decode(tmpl->encode_oneturn(tokenizer, messages, "", "").prompt, false);
  };
  EXPECT_THAT(prompt(), ::testing::Not(HasSubstr("x")));
  options.preserve_thinking = true;
  EXPECT_THAT(prompt(), HasSubstr("<think>\nx\n</think>\n\nA"));
}

TEST(Template, strips_history_with_mask_history_only_when_thoughts_are_not_preserved) {
  FakeTokenizer tokenizer;
  const std::vector<Message> messages = {
      {Role::kUser, "a"}, {Role::kAssistant, "<think>\nx\n</think>\n\nA"}, {Role::kUser, "b"}, {Role::kAssistant, "B"}};
  TemplateOptions options;
  auto first_answer = [&](bool mask_history) {
    const auto turns = load_template("qwen3", options)->encode_multiturn(tokenizer, messages, "", "", mask_history);
    return tokenizer.decode(turns[0].response, false);
  };
  EXPECT_EQ(first_answer(false), "<think>\nx\n</think>\n\nA<|im_end|>\n");
  EXPECT_EQ(first_answer(true), "A<|im_end|>\n");
  options.preserve_thinking = true;
  EXPECT_EQ(first_answer(true), "<think>\nx\n</think>\n\nA<|im_end|>\n");
}

TEST(Template, uses_another_tool_format_with_plain_function_slots) {
  FakeTokenizer tokenizer;
  TemplateOptions options;
  options.tool_format = "mistral";
  const std::vector<Message> messages = {{Role::kUser, "t"},
                                         {Role::kFunction, R"({"name": "f", "arguments": {"a": 1.0}})"}};
  EXPECT_THAT(tokenizer.pieces(load_template("llama3", options)->encode_oneturn(tokenizer, messages, "", "").response),
              ElementsAre(R"([{"name": "f", "arguments": {"a": 1.0}}])", "</s>"));
}

TEST(Template, parses_call_arguments_that_came_as_a_json_string) {
  FakeTokenizer tokenizer;
  const std::vector<Message> messages = {{Role::kUser, "t"},
                                         {Role::kFunction, R"({"name": "f", "arguments": "{\"a\": 2}"})"}};
  EXPECT_THAT(tokenizer.decode(load_template("qwen")->encode_oneturn(tokenizer, messages, "", "").response, false),
              HasSubstr(R"({"name": "f", "arguments": {"a": 2}})"));
}

TEST(Template, refuses_broken_calls_and_tools_by_quoting_them) {
  FakeTokenizer tokenizer;
  const auto tmpl = load_template("qwen");
  auto with_call = [&](const char* call) {
    return error_of([&] { tmpl->encode_oneturn(tokenizer, {{Role::kUser, "t"}, {Role::kFunction, call}}, "", ""); });
  };
  EXPECT_THAT(with_call("{not json"), HasSubstr("Invalid JSON format in function message: {not json"));
  EXPECT_THAT(with_call(R"({"arguments": {}})"), HasSubstr("\"name\" and \"arguments\""));
  EXPECT_THAT(error_of([&] { tmpl->encode_oneturn(tokenizer, kHello, "", "[oops"); }),
              HasSubstr("Invalid JSON format in tool description: [oops"));
  EXPECT_THAT(error_of([&] { load_template("default")->encode_oneturn(tokenizer, kHello, "", R"([{"name": "f"}])"); }),
              HasSubstr("lacks \"parameters\""));
}

TEST(Template, says_when_turns_do_not_pair_up) {
  FakeTokenizer tokenizer;
  EXPECT_THAT(error_of([&] {
                load_template("qwen")->encode_multiturn(tokenizer, {{Role::kUser, "a"}}, "", "");
              }),
              HasSubstr("pairs of messages but has 1"));
}

TEST(Template, fixes_the_tokenizer_as_upstream) {
  FakeTokenizer with_eos({"", "</s>", "", "", {}});
  load_template("llama3")->fix_tokenizer(with_eos);
  EXPECT_EQ(with_eos.special_tokens().eos, "<|eot_id|>");
  EXPECT_EQ(with_eos.special_tokens().pad, "<|eot_id|>");
  EXPECT_THAT(with_eos.special_tokens().additional, ElementsAre("<|eom_id|>"));
  EXPECT_THAT(with_eos.chat_template(), HasSubstr("<|start_header_id|>user"));

  FakeTokenizer bare({"", "", "", "[PAD]", {}});
  bare.set_chat_template("its own");
  load_template("deepseek3")->fix_tokenizer(bare);
  EXPECT_EQ(bare.special_tokens().eos, "<|endoftext|>");
  EXPECT_EQ(bare.special_tokens().pad, "[PAD]");
  EXPECT_EQ(bare.chat_template(), "its own");
  load_template("chatml")->fix_tokenizer(bare);
  EXPECT_THAT(bare.chat_template(), HasSubstr("<|im_start|>"));
}

TEST(Template, with_token_slots_leaves_the_chat_template_empty) {
  FakeTokenizer tokenizer;
  for (const char* token : {"[gMASK]", "sop", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>"})
    tokenizer.add(token);
  const auto tmpl = load_template("chatglm3");
  tmpl->fix_tokenizer(tokenizer);
  EXPECT_EQ(tokenizer.chat_template(), "");
  EXPECT_THAT(tokenizer.pieces(tmpl->encode_oneturn(tokenizer, kHello, "", "").prompt),
              ElementsAre("[gMASK]", "sop", "<|user|>", "\n", "Hi", "<|assistant|>"));
}

TEST(Template, names_a_token_that_the_vocabulary_lacks) {
  FakeTokenizer tokenizer;
  EXPECT_THAT(error_of([&] { load_template("yuan")->encode_oneturn(tokenizer, kHello, "", ""); }),
              HasSubstr("needs the token '<sep>'"));
}

TEST(Template, unknown_names_come_with_the_nearest_ones) {
  EXPECT_THAT(error_of([] { load_template("qwen3_nothnk"); }),
              ::testing::AllOf(HasSubstr("Template qwen3_nothnk does not exist"), HasSubstr("qwen3_nothink")));
  TemplateOptions options;
  options.tool_format = "mistrl";
  EXPECT_THAT(error_of([&] { load_template("qwen", options); }), HasSubstr("mistral"));
}

TEST(Template, writes_an_ollama_modelfile) {
  FakeTokenizer tokenizer;
  const auto tmpl = load_template("qwen");
  tmpl->fix_tokenizer(tokenizer);
  EXPECT_EQ(
      tmpl->ollama_modelfile(tokenizer),
      "# ollama modelfile auto-generated by llamafactory\n\nFROM .\n\nTEMPLATE \"\"\"{{ if .System "
      "}}<|im_start|>system\n"
      "{{ .System }}<|im_end|>\n{{ end }}{{ range .Messages }}{{ if eq .Role \"user\" }}<|im_start|>user\n"
      "{{ .Content }}<|im_end|>\n<|im_start|>assistant\n{{ else if eq .Role \"assistant\" }}{{ .Content }}<|im_end|>\n"
      "{{ end }}{{ end }}\"\"\"\n\nSYSTEM \"\"\"You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
      "\"\"\"\n\nPARAMETER stop \"<|im_end|>\"\nPARAMETER num_ctx 4096\n");
}

TEST(TemplateFiles, all_load) {
  std::set<std::string> names;
  for (const std::string& name : template_names()) {
    EXPECT_EQ(load_template(name)->name(), name);
    names.insert(name);
  }
  EXPECT_GE(names.size(), 124u);
}

class UserFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / "lf_templates_of_a_user";
    std::filesystem::create_directories(folder_);
    setenv("LF_TEMPLATES_DIR", folder_.c_str(), 1);
  }
  void TearDown() override {
    unsetenv("LF_TEMPLATES_DIR");
    std::filesystem::remove_all(folder_);
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / (name + ".yaml")) << text; }

  std::filesystem::path folder_;
};

TEST_F(UserFolder, adds_templates_that_may_extend_built_in_ones) {
  write("mine", "extends: qwen\ndefault_system: \"Mine.\"\n");
  FakeTokenizer tokenizer;
  EXPECT_THAT(tokenizer.decode(load_template("mine")->encode_oneturn(tokenizer, kHello, "", "").prompt, false),
              HasSubstr("system\nMine.<|im_end|>"));
  EXPECT_THAT(template_names(), ::testing::Contains("mine"));
}

TEST_F(UserFolder, reports_mistakes_with_file_and_line) {
  write("mine", "user: \"{{content}}\"\nasistant: x\n");
  EXPECT_THAT(error_of([] { load_template("mine"); }), HasSubstr("mine.yaml:2: unknown key 'asistant'"));
  write("mine", "replace_eos: maybe\n");
  EXPECT_THAT(error_of([] { load_template("mine"); }), HasSubstr("true or false was expected for replace_eos"));
  write("mine", "prefix: [{bos: 1}]\n");
  EXPECT_THAT(error_of([] { load_template("mine"); }), HasSubstr("a slot is a text"));
  write("mine", "extends: mine\n");
  EXPECT_THAT(error_of([] { load_template("mine"); }), HasSubstr("levels of extends"));
  write("mine", "user: [\n");
  EXPECT_THAT(error_of([] { load_template("mine"); }), HasSubstr("mine.yaml"));
}

}  // namespace
}  // namespace lf
