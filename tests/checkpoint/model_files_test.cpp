#include "checkpoint/model_files.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "checkpoint/export.h"
#include "io/safetensors.h"
#include "io/safetensors_writer.h"
#include "support/shared.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TempFolder;

std::vector<std::string> names_in(const fs::path& dir) {
  std::vector<std::string> names;
  for (const auto& item : fs::directory_iterator(dir)) names.push_back(item.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<NamedTensor> tensors_of(const fs::path& folder) {
  ModelWeights weights(folder);
  std::vector<NamedTensor> tensors;
  for (const std::string& name : weights.names()) tensors.emplace_back(name, weights.tensor(name));
  return tensors;
}

void write_small(OutputFolder& folder, int value, uint64_t max_shard) {
  const std::vector<NamedTensor> tensors = {{"a", at::full({10}, value)}, {"b", at::full({10}, value)}};
  write_sharded_safetensors(folder, tensors, max_shard);
  folder.write_text("config.json", "{}\n");
}

TEST(ModelFiles, CopyOfAGoldenModelHasTheSameWeightsAndConfiguration) {
  LF_REQUIRE_SHARED();
  TempFolder dir;
  const auto source = testing::shared_path("golden/data/models/llama");
  OutputFolder folder(dir.path());
  write_model_files(folder, tensors_of(source), {.source = source});
  EXPECT_TRUE(testing::read_bytes(dir / "model.safetensors") == testing::read_bytes(source / "model.safetensors"));
  EXPECT_EQ(read_json(dir / "config.json"), read_json(source / "config.json"));
  EXPECT_EQ(testing::read_bytes(dir / "generation_config.json"),
            testing::read_bytes(source / "generation_config.json"));
}

TEST(ModelFiles, GenerationConfigurationIsDerivedWhereTheSourceHasNone) {
  TempFolder dir;
  testing::write_bytes(dir / "config.json", R"({"model_type": "llama", "bos_token_id": 1, "eos_token_id": [2, 3]})");
  OutputFolder folder(dir / "out");
  write_model_files(folder, std::vector<NamedTensor>{{"a", at::ones({3})}}, {.source = dir.path()});
  EXPECT_EQ(read_json(dir / "out/generation_config.json"),
            Json({{"_from_model_config", true}, {"bos_token_id", 1}, {"eos_token_id", {2, 3}}}));
}

TEST(ModelFiles, ConfigurationNamesTheDtypeOfTheFirstTensorWhereTheyDiffer) {
  TempFolder dir;
  testing::write_bytes(dir / "config.json", R"({"model_type": "llama", "dtype": "float32"})");
  OutputFolder folder(dir / "out");
  const std::vector<NamedTensor> tensors = {{"a", at::ones({3}, at::kBFloat16)}, {"b", at::ones({9}, at::kFloat)}};
  write_model_files(folder, tensors, {.source = dir.path()});
  EXPECT_EQ(read_json(dir / "out/config.json")["dtype"], "bfloat16");
}

TEST(ModelFiles, ConfigurationNamesTheDtypeOfTheWeights) {
  EXPECT_EQ(config_with_dtype({{"dtype", "float32"}}, at::kBFloat16)["dtype"], "bfloat16");
  const Json legacy = config_with_dtype({{"torch_dtype", "float32"}}, at::kHalf);
  EXPECT_EQ(legacy["torch_dtype"], "float16");
  EXPECT_FALSE(legacy.contains("dtype"));
  EXPECT_EQ(config_with_dtype(Json::object(), at::kFloat)["dtype"], "float32");
}

TEST(ModelFiles, MainDtypeIsThatOfMostBytes) {
  const std::vector<NamedTensor> tensors = {{"a", at::ones({3}, at::kFloat)}, {"b", at::ones({9}, at::kBFloat16)}};
  EXPECT_EQ(main_dtype(tensors), at::kBFloat16);
  EXPECT_THROW(main_dtype({}), Error);
}

TEST(Publish, AnAbsentFolderAppearsWhole) {
  TempFolder dir;
  publish_folder({.folder = dir / "deep/new"}, [](OutputFolder& folder) { write_small(folder, 1, 1000); });
  EXPECT_EQ(names_in(dir / "deep/new"), (std::vector<std::string>{"config.json", "model.safetensors"}));
  EXPECT_EQ(names_in(dir / "deep"), (std::vector<std::string>{"new"}));
}

TEST(Publish, AnEmptyFolderIsFilledAndATrailingSlashIsFine) {
  TempFolder dir;
  fs::create_directory(dir / "out");
  publish_folder({.folder = dir.path().string() + "/out/"}, [](OutputFolder& folder) { write_small(folder, 1, 1000); });
  EXPECT_TRUE(ModelWeights(dir / "out").contains("a"));
}

TEST(Publish, AnEarlierExportIsReplacedAndOtherFilesStay) {
  TempFolder dir;
  publish_folder({.folder = dir.path()}, [](OutputFolder& folder) { write_small(folder, 1, 1000); });
  testing::write_bytes(dir / "notes.txt", "mine");
  publish_folder({.folder = dir.path()}, [](OutputFolder& folder) { write_small(folder, 2, 40); });
  EXPECT_EQ(names_in(dir.path()), (std::vector<std::string>{"config.json", "model-00001-of-00002.safetensors",
                                                            "model-00002-of-00002.safetensors",
                                                            "model.safetensors.index.json", "notes.txt"}));
  EXPECT_EQ(ModelWeights(dir.path()).tensor("a")[0].item<int>(), 2);
}

TEST(Publish, AFailureLeavesTheEarlierExportAlone) {
  TempFolder dir;
  publish_folder({.folder = dir / "out"}, [](OutputFolder& folder) { write_small(folder, 1, 1000); });
  EXPECT_THROW(publish_folder({.folder = dir / "out"},
                              [](OutputFolder& folder) {
                                write_small(folder, 2, 1000);
                                throw_error(ErrorKind::kIo, "disk full");
                              }),
               Error);
  EXPECT_EQ(ModelWeights(dir / "out").tensor("a")[0].item<int>(), 1);
  EXPECT_EQ(names_in(dir / "out"), (std::vector<std::string>{"config.json", "model.safetensors"}));
}

TEST(Publish, RefusesBeforeWritingWhenSpaceIsMissing) {
  TempFolder dir;
  bool called = false;
  try {
    publish_folder({.folder = dir / "out", .expected_bytes = uint64_t{1} << 60}, [&](OutputFolder&) { called = true; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("are needed but only"));
  }
  EXPECT_FALSE(called);
}

TEST(Publish, AFileInTheWayIsNamed) {
  TempFolder dir;
  testing::write_bytes(dir / "out", "x");
  try {
    publish_folder({.folder = dir / "out"}, [](OutputFolder&) {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("exists but is not a folder"));
  }
}

}  // namespace
}  // namespace lf
