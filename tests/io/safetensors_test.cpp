#include "io/safetensors.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/error.h"
#include "base/json.h"
#include "io/safetensors_writer.h"
#include "support/shared.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

using ::testing::HasSubstr;
using testing::TempFolder;

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(kind_name(error.kind())) + ": " + error.what();
  }
  return "nothing was thrown";
}

std::vector<NamedTensor> some_tensors() {
  return {
      {"b", at::arange(6, at::kFloat).view({2, 3})}, {"a", at::arange(4, at::kLong)}, {"c", at::ones({}, at::kHalf)}};
}

TEST(SafetensorsFile, TensorsAreViewsOfTheMapAndOutliveTheFileObject) {
  TempFolder dir;
  write_safetensors(dir / "x.safetensors", some_tensors());
  Tensor b;
  {
    SafetensorsFile file(dir / "x.safetensors");
    EXPECT_EQ(file.names(), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(file.metadata().at("format"), "pt");
    b = file.tensor("b");
    EXPECT_EQ(file.tensor("b").data_ptr(), b.data_ptr());
  }
  EXPECT_TRUE(at::equal(b, at::arange(6, at::kFloat).view({2, 3})));
}

TEST(SafetensorsFile, WritingToATensorDoesNotChangeTheFile) {
  TempFolder dir;
  write_safetensors(dir / "x.safetensors", some_tensors());
  const std::string before = testing::read_bytes(dir / "x.safetensors");
  SafetensorsFile(dir / "x.safetensors").tensor("b").fill_(7);
  EXPECT_EQ(testing::read_bytes(dir / "x.safetensors"), before);
}

TEST(SafetensorsFile, MisalignedDataAreCopied) {
  TempFolder dir;
  std::string json =
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(json.size());
  const float value = 2.5f;
  bytes += json + "x" + std::string(reinterpret_cast<const char*>(&value), 4);
  testing::write_bytes(dir / "x.safetensors", bytes);
  const Tensor b = SafetensorsFile(dir / "x.safetensors").tensor("b");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b.data_ptr()) % 4, 0u);
  EXPECT_EQ(b.item<float>(), 2.5f);
}

TEST(SafetensorsFile, UnknownNamesSuggestNearOnes) {
  TempFolder dir;
  write_safetensors(dir / "x.safetensors", std::vector<NamedTensor>{{"model.norm.weight", at::ones({1})}});
  SafetensorsFile file(dir / "x.safetensors");
  EXPECT_THAT(message_of([&] { file.tensor("model.norm.wieght"); }), HasSubstr("did you mean model.norm.weight"));
}

TEST(SafetensorsFile, EveryTruncationOfAFileIsAnError) {
  TempFolder dir;
  write_safetensors(dir / "x.safetensors", some_tensors());
  const std::string whole = testing::read_bytes(dir / "x.safetensors");
  for (size_t size = 0; size < whole.size(); ++size) {
    testing::write_bytes(dir / "y.safetensors", whole.substr(0, size));
    EXPECT_THROW(SafetensorsFile(dir / "y.safetensors"), Error) << size;
  }
}

TEST(SafetensorsFile, SingleBitFlipsOfTheHeaderNeverCrash) {
  TempFolder dir;
  write_safetensors(dir / "x.safetensors", some_tensors());
  const std::string whole = testing::read_bytes(dir / "x.safetensors");
  const size_t header = whole.find("}}") + 2;
  int refused = 0;
  for (size_t bit = 0; bit < 8 * header; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    testing::write_bytes(dir / "y.safetensors", flipped);
    try {
      SafetensorsFile file(dir / "y.safetensors");
      for (const std::string& name : file.names()) file.tensor(name).sum();
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, static_cast<int>(4 * header));
}

TEST(SafetensorsFile, FoldersAndAbsentFilesAreNamed) {
  TempFolder dir;
  EXPECT_THAT(message_of([&] { SafetensorsFile file(dir / "none.safetensors"); }), HasSubstr("No such file"));
  EXPECT_THAT(message_of([&] { SafetensorsFile file(dir.path()); }), HasSubstr("regular file"));
}

TEST(SafetensorsFile, ReadsAllGoldenModels) {
  LF_REQUIRE_SHARED();
  int models = 0;
  for (const auto& item : std::filesystem::directory_iterator(testing::shared_path("golden/data/models"))) {
    if (!std::filesystem::exists(item.path() / "model.safetensors")) continue;
    ModelWeights weights(item.path());
    for (const std::string& name : weights.names()) {
      EXPECT_EQ(weights.tensor(name).sizes().vec(), weights.info(name).shape) << item.path() << name;
    }
    ++models;
  }
  EXPECT_EQ(models, 58);
}

class ModelFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    OutputFolder folder(dir.path());
    std::vector<NamedTensor> tensors;
    for (int i = 0; i < 4; ++i) tensors.emplace_back("t" + std::to_string(i), at::full({10}, i, at::kFloat));
    write_sharded_safetensors(folder, tensors, 80);
  }
  void edit_index(const std::function<void(Json&)>& edit) {
    const auto path = dir / "model.safetensors.index.json";
    Json index = read_json(path);
    edit(index);
    testing::write_bytes(path, index.dump());
  }
  std::string refusal() {
    return message_of([&] { ModelWeights weights(dir.path()); });
  }
  TempFolder dir;
};

TEST_F(ModelFolder, ShardsReadAsOneModel) {
  ModelWeights weights(dir.path());
  EXPECT_EQ(weights.names(), (std::vector<std::string>{"t0", "t1", "t2", "t3"}));
  EXPECT_EQ(weights.tensor("t3")[0].item<float>(), 3.f);
  EXPECT_EQ(weights.file_of("t3").path().filename(), "model-00002-of-00002.safetensors");
  EXPECT_EQ(weights.total_bytes(), 160u);
}

TEST_F(ModelFolder, MissingShardIsNamed) {
  std::filesystem::remove(dir / "model-00002-of-00002.safetensors");
  EXPECT_THAT(refusal(), HasSubstr("shard model-00002-of-00002.safetensors is missing"));
  EXPECT_THAT(refusal(), HasSubstr("(it should hold 't2')"));
}

TEST_F(ModelFolder, TensorMissingFromItsShardIsNamed) {
  edit_index([](Json& index) { index["weight_map"]["t9"] = "model-00001-of-00002.safetensors"; });
  EXPECT_THAT(refusal(), HasSubstr("'t9' should be in model-00001-of-00002.safetensors but is not there"));
}

TEST_F(ModelFolder, TensorMissingFromTheIndexIsNamed) {
  edit_index([](Json& index) { index["weight_map"].erase("t1"); });
  EXPECT_THAT(refusal(), HasSubstr("holds tensor 't1', which model.safetensors.index.json does not list"));
}

TEST_F(ModelFolder, ShardNamesCannotLeaveTheFolder) {
  for (const char* name : {"../model.safetensors", "/etc/passwd", "a\\b", "", ".", ".hidden"}) {
    edit_index([&](Json& index) { index["weight_map"]["t0"] = name; });
    EXPECT_THAT(refusal(), HasSubstr("not a plain file name")) << name;
  }
}

TEST_F(ModelFolder, ShardsOfAnotherKindAreRefused) {
  edit_index([](Json& index) { index["weight_map"]["t0"] = "pytorch_model.bin"; });
  EXPECT_THAT(refusal(), HasSubstr("the shard of tensor 't0' is no .safetensors file"));
}

TEST_F(ModelFolder, ATensorInTwoShardsIsNamed) {
  write_safetensors(dir / "model-00002-of-00002.safetensors",
                    std::vector<NamedTensor>{{"t1", at::zeros({1})}, {"t2", at::zeros({1})}, {"t3", at::zeros({1})}});
  EXPECT_THAT(refusal(), HasSubstr("model-00002-of-00002.safetensors: tensor 't1' is also in model-00001-of-00002"));
}

TEST_F(ModelFolder, IndexWithoutAMapIsRefused) {
  testing::write_bytes(dir / "model.safetensors.index.json", R"({"metadata":{}})");
  EXPECT_THAT(refusal(), HasSubstr("weight_map"));
}

TEST(ModelWeights, FoldersWithoutSafetensorsAreExplained) {
  TempFolder dir;
  EXPECT_THAT(message_of([&] { ModelWeights weights(dir.path()); }), HasSubstr("io: "));
  EXPECT_THAT(message_of([&] { ModelWeights weights(dir / "absent"); }), HasSubstr("no such model folder"));
  testing::write_bytes(dir / "pytorch_model.bin", "x");
  EXPECT_THAT(message_of([&] { ModelWeights weights(dir.path()); }), HasSubstr("convert it to safetensors"));
  testing::write_bytes(dir / "model-00002-of-00003.safetensors", "x");
  std::filesystem::remove(dir / "pytorch_model.bin");
  EXPECT_THAT(message_of([&] { ModelWeights weights(dir.path()); }),
              HasSubstr("holds model-00002-of-00003.safetensors but no model.safetensors.index.json"));
}

}  // namespace
}  // namespace lf
