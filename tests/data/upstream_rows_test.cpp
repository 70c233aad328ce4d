// Rows of every stage against those of the real LLaMA-Factory: tests/fixtures/data/rows, and the folder in
// LF_UPSTREAM_ROWS if that is set (tests/fixtures/data/make_rows.py makes both).
#include <gmock/gmock.h>

#include <cstdlib>

#include "base/json.h"
#include "config/parse.h"
#include "data/golden_rows.h"
#include "data/prepare.h"
#include "support/shared.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> row_files() {
  std::vector<fs::path> folders = {lf::testing::fixture_path("data/rows")};
  if (const char* more = std::getenv("LF_UPSTREAM_ROWS")) folders.emplace_back(more);
  std::vector<fs::path> files;
  for (const fs::path& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// The keys of the case as a configuration file would have them. The parser knows the training stages only.
RunConfig config_of(const Json& golden) {
  const std::string stage = golden["stage"];
  const bool trains = stage == "pt" || stage == "sft";
  Json keys = {{"model_name_or_path", "m"},
               {"do_train", true},
               {"stage", trains ? stage : "sft"},
               {"template", golden["template"]},
               {"dataset", golden["dataset"]},
               {"dataset_dir", (lf::testing::source_dir() / golden["dataset_dir"].get<std::string>()).string()}};
  keys.update(golden["keys"]);
  RunConfig config = parse_config_text(ConfigKind::kTrain, keys.dump(), "case");
  config.finetuning.stage = stage;
  return config;
}

class UpstreamRows : public ::testing::TestWithParam<fs::path> {};

TEST_P(UpstreamRows, AreEqual) {
  const Json golden = read_json(GetParam());
  const RunConfig config = config_of(golden);
  const auto tokenizer = load_tokenizer(lf::testing::source_dir() / golden["tokenizer"].get<std::string>());
  const auto chat_template =
      load_template(*config.data.template_name, {.tool_format = config.data.tool_format,
                                                 .default_system = config.data.default_system,
                                                 .enable_thinking = config.data.enable_thinking,
                                                 .preserve_thinking = config.data.preserve_thinking,
                                                 .today = "07 Mar 2025"});
  chat_template->fix_tokenizer(*tokenizer);
  const PreparedData data = prepare_datasets(config, *tokenizer, *chat_template);
  ASSERT_EQ(data.train.size(), static_cast<int64_t>(golden["rows"].size()));
  for (int64_t i = 0; i < data.train.size() && !HasFailure(); ++i) {
    lf::testing::expect_row(data.train.row(i), golden["rows"][i], fmt::format("row {}", i));
  }
}

std::string test_name(const ::testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Data, UpstreamRows, ::testing::ValuesIn(row_files()), test_name);

}  // namespace
}  // namespace lf
