// Ids and label masks of the sft encoder for every template over every reference conversation, with and without
// mask_history.
#include <gmock/gmock.h>

#include "base/error.h"
#include "data/encode/encoder.h"
#include "support/golden_templates.h"

namespace lf {
namespace {

using lf::testing::golden_templates;

Conversation conversation_of(const Json& row, const Template& chat_template) {
  Conversation out;
  out.prompt = lf::testing::golden_messages(row, chat_template);
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
  const Json& cases = golden_templates()["templates"][GetParam()]["cases"];
  size_t checked = 0;
  for (const Json& row : cases) {
    SCOPED_TRACE(row["conversation"].get<std::string>() + row.value("enable_thinking", Json()).dump());
    const auto chat_template = load_template(GetParam(), lf::testing::golden_options(row));
    chat_template->fix_tokenizer(*tokenizer);
    const Json& expected = lf::testing::golden_results(row, cases);
    const Json* source = nullptr;
    for (const Json& conversation : golden_templates()["conversations"]) {
      if (conversation["id"] == row["conversation"]) source = &conversation;
    }
    ASSERT_TRUE(source);
    const Conversation conversation = conversation_of(*source, *chat_template);
    for (const bool mask_history : {false, true}) {
      const char* key = mask_history ? "sft_mask_history" : "sft";
      if (!expected.contains(key)) continue;
      const DataOptions data{.cutoff_len = 1 << 20, .mask_history = mask_history};
      const auto encoder = make_supervised_encoder(data, *tokenizer, *chat_template);
      const Json& wanted = expected[key];
      if (wanted.contains("error")) {
        EXPECT_THROW(encoder->encode(conversation), Error);
        continue;
      }
      const EncodedExample example = encoder->encode(conversation).example;
      const std::vector<int32_t> ids = ids_of(wanted, expected["multiturn"]);
      EXPECT_EQ(std::vector<int32_t>(example.ids.begin(), example.ids.end()), ids) << key;
      EXPECT_EQ(std::vector<int32_t>(example.labels.begin(), example.labels.end()), labels_of(wanted, ids)) << key;
      ++checked;
    }
  }
  EXPECT_GT(checked, 10u);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenLabels);
INSTANTIATE_TEST_SUITE_P(all, GoldenLabels, ::testing::ValuesIn(lf::testing::golden_template_names()),
                         [](const auto& info) { return replace_all(replace_all(info.param, "-", "_"), ".", "_"); });

}  // namespace
}  // namespace lf
