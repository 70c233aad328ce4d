// Converters and processors against what the reference made of the demo datasets (golden/data/pipeline).
#include <gmock/gmock.h>

#include "base/json.h"
#include "base/registry.h"
#include "data/dataset_info.h"
#include "data/format.h"
#include "data/golden_rows.h"
#include "data/prepare.h"
#include "data/source/resolve.h"
#include "support/shared.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
using lf::testing::shared_path;

std::vector<std::string> golden_files(const std::string& prefix) {
  std::vector<std::string> names;
  if (!lf::testing::has_shared()) return names;
  for (const auto& entry : fs::directory_iterator(shared_path("golden/data/pipeline"))) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".json")) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string messages_text(const std::vector<Message>& messages) {
  Json list = Json::array();
  for (const Message& message : messages)
    list.push_back(Json{{"role", role_name(message.role)}, {"content", message.content}});
  return list.dump();
}

std::string golden_messages(const Json& list) {
  Json out = Json::array();
  for (const Json& message : list) out.push_back(Json{{"role", message["role"]}, {"content", message["content"]}});
  return out.dump();
}

TEST(GoldenPipeline, ConvertersGiveTheSameConversations) {
  LF_REQUIRE_SHARED();
  const DatasetInfo info = DatasetInfo::find(shared_path("data").string(), {});
  const auto files = golden_files("converted.");
  ASSERT_EQ(files.size(), 10);
  for (const std::string& file : files) {
    const Json golden = read_json(shared_path("golden/data/pipeline") / file);
    const DatasetAttr attr = info.entry(golden["dataset"]);
    const FormatEntry& format = require_entry(all_formats(), attr.formatting, "format");
    const auto source = open_table(resolve_source(attr));
    for (size_t i = 0; i < golden["examples"].size(); ++i) {
      const Json& expected = golden["examples"][i];
      const Conversation got = format.convert(source->row(i), attr);
      EXPECT_EQ(messages_text(got.prompt), golden_messages(expected["_prompt"])) << file << " row " << i;
      EXPECT_EQ(messages_text(got.response), golden_messages(expected["_response"])) << file << " row " << i;
      EXPECT_EQ(got.system, expected["_system"].get<std::string>());
      EXPECT_EQ(got.tools, expected["_tools"].get<std::string>());
    }
  }
}

RunConfig config_of(const Json& golden, const std::string& dataset) {
  RunConfig config;
  const Json& given = golden["data_args"];
  config.finetuning.stage = golden["stage"];
  config.data.template_name = golden["template"];
  config.data.dataset = {dataset};
  config.data.dataset_dir = shared_path("data").string();
  config.data.max_samples = dataset == "wiki_demo" ? 3 : golden["rows"][1].get<int64_t>();
  config.data.neat_packing = given.value("neat_packing", false);
  config.data.packing = given.value("packing", false);
  config.data.cutoff_len = given["cutoff_len"].get<int64_t>() - (*config.data.packing ? 1 : 0);
  config.data.train_on_prompt = given.value("train_on_prompt", false);
  config.data.mask_history = given.value("mask_history", false);
  return config;
}

class GoldenStage : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenStage, RowsAreEqual) {
  const Json golden = read_json(shared_path("golden/data/pipeline") / GetParam());
  for (const auto& [dataset, rows] : golden["datasets"].items()) {
    const RunConfig config = config_of(golden, dataset);
    const auto tokenizer = load_tokenizer(shared_path("golden/data/tokenizers/templates"));
    const auto chat_template = load_template(*config.data.template_name, {.today = "07 Mar 2025"});
    chat_template->fix_tokenizer(*tokenizer);
    EXPECT_EQ(tokenizer->eos_id(), golden["eos_token_id"].get<TokenId>());
    const PreparedData data = prepare_datasets(config, *tokenizer, *chat_template);
    ASSERT_EQ(data.train.size(), static_cast<int64_t>(rows.size())) << dataset;
    for (int64_t i = 0; i < data.train.size(); ++i) {
      lf::testing::expect_row(data.train.row(i), rows[i], fmt::format("{} row {}", dataset, i));
    }
  }
}

std::vector<std::string> stage_files() {
  std::vector<std::string> files;
  for (const char* stage : {"pt.", "sft.", "rm.", "kto.", "ppo."}) {
    for (const std::string& file : golden_files(stage)) files.push_back(file);
  }
  return files;
}

TEST(GoldenPipeline, NoFileIsLeftOut) {
  LF_REQUIRE_SHARED();
  EXPECT_EQ(stage_files().size(), 21);
  EXPECT_EQ(golden_files("").size(), 21 + golden_files("converted.").size() + 2);  // functions.json, collators.json
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(0, info.param.size() - 5);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenStage);
INSTANTIATE_TEST_SUITE_P(Pipeline, GoldenStage, ::testing::ValuesIn(stage_files()), test_name);

}  // namespace
}  // namespace lf
