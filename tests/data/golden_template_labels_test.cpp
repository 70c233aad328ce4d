// Ids and label masks of the sft encoder for every template over every reference conversation, with and without
// mask_history.
#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "data/encode/encoder.h"
#include "support/shared.h"

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

Conversation conversation_of(const Json& row, const Template& chat_template) {
  Conversation out;
  const auto& [open, close] = chat_template.thought_words();
  for (const Json& message : row["messages"]) {
    const std::string role = message["role"];
    const Role kind = role == "user"        ? Role::kUser
                      : role == "assistant" ? Role::kAssistant
                      : role == "function"  ? Role::kFunction
                                            : Role::kObservation;
    out.prompt.push_back({kind, replace_all(replace_all(message["content"], "@T0@", open), "@T1@", close)});
  }
  out.response = {out.prompt.back()};
  out.prompt.pop_back();
  out.system = row.value("system", "");
  if (row.contains("tools")) out.tools = python_json(row["tools"]);
  return out;
}

std::vector<int32_t> ids_of(const Json& expected, const Json& multiturn) {
  if (expected.contains("ids")) return expected["ids"].get<std::vector<int32_t>>();
  std::vector<int32_t> ids;
  for (const Json& part : multiturn["ids"]) {
    for (const Json& id : part) ids.push_back(id);
  }
  return ids;
}

std::vector<int32_t> labels_of(const Json& expected, const std::vector<int32_t>& ids) {
  std::vector<int32_t> labels(ids.size(), kIgnoreLabel);
  for (const Json& span : expected["trained"]) {
    for (size_t i = span[0]; i < span[1].get<size_t>(); ++i) labels[i] = ids[i];
  }
  for (const Json& other : expected["other_labels"]) labels[other[0].get<size_t>()] = other[1];
  return labels;
}

class GoldenLabels : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenLabels, equal_the_reference_in_every_case) {
  LF_REQUIRE_SHARED();
  const auto tokenizer = load_tokenizer(lf::testing::shared_path("golden/data/tokenizers/templates"));
  const Json& cases = golden()["templates"][GetParam()]["cases"];
  size_t checked = 0;
  for (const Json& row : cases) {
    SCOPED_TRACE(row["conversation"].get<std::string>() + row.value("enable_thinking", Json()).dump());
    TemplateOptions options;
    options.today = golden()["date"].get<std::string>();
    if (row.contains("enable_thinking")) {
      const Json& thinking = row["enable_thinking"];
      options.enable_thinking = thinking.is_null() ? std::nullopt : std::optional<bool>(thinking.get<bool>());
    }
    const auto chat_template = load_template(GetParam(), options);
    chat_template->fix_tokenizer(*tokenizer);
    const Json* expected = &row;
    for (const Json& twin : cases) {
      if (row.contains("same_as_enable_thinking") && twin["conversation"] == row["conversation"] &&
          twin["enable_thinking"] == row["same_as_enable_thinking"])
        expected = &twin;
    }
    const Json* source = nullptr;
    for (const Json& conversation : golden()["conversations"]) {
      if (conversation["id"] == row["conversation"]) source = &conversation;
    }
    ASSERT_TRUE(source);
    const Conversation conversation = conversation_of(*source, *chat_template);
    for (const bool mask_history : {false, true}) {
      const char* key = mask_history ? "sft_mask_history" : "sft";
      if (!expected->contains(key)) continue;
      const DataOptions data{.cutoff_len = 1 << 20, .mask_history = mask_history};
      const auto encoder = make_supervised_encoder(data, *tokenizer, *chat_template);
      const Json& wanted = (*expected)[key];
      if (wanted.contains("error")) {
        EXPECT_THROW(encoder->encode(conversation), Error);
        continue;
      }
      const EncodedExample example = encoder->encode(conversation).example;
      const std::vector<int32_t> ids = ids_of(wanted, (*expected)["multiturn"]);
      EXPECT_EQ(std::vector<int32_t>(example.ids.begin(), example.ids.end()), ids) << key;
      EXPECT_EQ(std::vector<int32_t>(example.labels.begin(), example.labels.end()), labels_of(wanted, ids)) << key;
      ++checked;
    }
  }
  EXPECT_GT(checked, 10u);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenLabels);
INSTANTIATE_TEST_SUITE_P(all, GoldenLabels, ::testing::ValuesIn(golden_names()),
                         [](const auto& info) { return replace_all(replace_all(info.param, "-", "_"), ".", "_"); });

}  // namespace
}  // namespace lf
