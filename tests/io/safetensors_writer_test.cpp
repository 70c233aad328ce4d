#include "io/safetensors_writer.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "io/safetensors.h"
#include "support/shared.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

using testing::TempFolder;

std::vector<NamedTensor> load_all(const std::filesystem::path& path) {
  SafetensorsFile file(path);
  std::vector<NamedTensor> tensors;
  for (const std::string& name : file.names()) tensors.emplace_back(name, file.tensor(name));
  return tensors;
}

TEST(WriteSafetensors, RewritesFilesOfTheReferenceLibraryByteForByte) {
  LF_REQUIRE_SHARED();
  TempFolder dir;
  for (const char* name : {"models/llama/model.safetensors", "models/qwen3/model.safetensors",
                           "forward/llama.safetensors", "forward/gpt_oss.safetensors", "training/quant.safetensors"}) {
    const auto original = testing::shared_path(std::string("golden/data/") + name);
    std::vector<NamedTensor> tensors = load_all(original);
    std::reverse(tensors.begin(), tensors.end());
    write_safetensors(dir / "copy.safetensors", tensors, SafetensorsFile(original).metadata());
    EXPECT_TRUE(testing::read_bytes(dir / "copy.safetensors") == testing::read_bytes(original)) << name;
  }
}

TEST(WriteSafetensors, KeepsEveryDtypeShapeAndBit) {
  TempFolder dir;
  std::vector<NamedTensor> tensors;
  for (const auto type :
       {at::kBool, at::kByte, at::kChar, at::kShort, at::kInt, at::kLong, at::kHalf, at::kBFloat16, at::kFloat,
        at::kDouble, at::kComplexFloat, at::kUInt16, at::kUInt32, at::kUInt64, at::kFloat8_e4m3fn, at::kFloat8_e5m2}) {
    tensors.emplace_back(c10::toString(type), at::arange(2, at::kFloat).view({2, 1}).to(type));
  }
  tensors.emplace_back("nan", at::full({3}, NAN));
  tensors.emplace_back("empty", at::empty({0, 5}));
  tensors.emplace_back("scalar", at::scalar_tensor(3.25));
  tensors.emplace_back("transposed", at::arange(6, at::kFloat).view({2, 3}).t());
  tensors.emplace_back("expanded", at::ones({1, 2}).expand({3, 2}));
  write_safetensors(dir / "x.safetensors", tensors);
  SafetensorsFile file(dir / "x.safetensors");
  for (const auto& [name, tensor] : tensors) {
    const Tensor read = file.tensor(name);
    ASSERT_EQ(read.scalar_type(), tensor.scalar_type()) << name;
    ASSERT_EQ(read.sizes(), tensor.sizes()) << name;
    const Tensor want = tensor.contiguous();
    if (read.numel() == 0) continue;
    EXPECT_EQ(std::memcmp(read.data_ptr(), want.data_ptr(), want.nbytes()), 0) << name;
  }
}

TEST(WriteSafetensors, RefusesNamesThatTheFormatCannotHold) {
  TempFolder dir;
  const Tensor one = at::ones({1});
  EXPECT_THROW(write_safetensors(dir / "x", std::vector<NamedTensor>{{"", one}}), Error);
  EXPECT_THROW(write_safetensors(dir / "x", std::vector<NamedTensor>{{"__metadata__", one}}), Error);
  EXPECT_THROW(write_safetensors(dir / "x", std::vector<NamedTensor>{{"a", one}, {"a", one}}), Error);
  EXPECT_THROW(write_safetensors(dir / "x", std::vector<NamedTensor>{{"a", at::ones({1}, at::kComplexDouble)}}), Error);
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(WriteSafetensors, RecordHoldsSizeAndHashOfTheFile) {
  TempFolder dir;
  const FileRecord record = write_safetensors(dir / "x.safetensors", std::vector<NamedTensor>{{"a", at::ones({1000})}});
  const FileRecord again = record_of_file(dir / "x.safetensors");
  EXPECT_EQ(record.size, std::filesystem::file_size(dir / "x.safetensors"));
  EXPECT_EQ(record.size, again.size);
  EXPECT_EQ(record.xxh3, again.xxh3);
  EXPECT_EQ(record.xxh3.size(), 32u);
}

std::vector<std::string> names_in(const TempFolder& dir) {
  std::vector<std::string> names;
  for (const auto& item : std::filesystem::directory_iterator(dir.path())) names.push_back(item.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<NamedTensor> tensors_of(const std::vector<int>& floats) {
  std::vector<NamedTensor> tensors;
  for (size_t i = 0; i < floats.size(); ++i) tensors.emplace_back("t" + std::to_string(i), at::zeros({floats[i]}));
  return tensors;
}

TEST(WriteSharded, SplitsInOrderAndGivesLargeTensorsTheirOwnShard) {
  TempFolder dir;
  OutputFolder folder(dir.path());
  write_sharded_safetensors(folder, tensors_of({5, 5, 30, 5, 5}), 40);
  const Json index = read_json(dir / "model.safetensors.index.json");
  EXPECT_EQ(index["metadata"]["total_size"], 200);
  EXPECT_EQ(index["metadata"]["total_parameters"], 50);
  EXPECT_EQ(index["weight_map"]["t2"], "model-00001-of-00003.safetensors");
  EXPECT_EQ(index["weight_map"]["t0"], "model-00002-of-00003.safetensors");
  EXPECT_EQ(index["weight_map"]["t4"], "model-00003-of-00003.safetensors");
}

TEST(WriteSharded, WeightsOfAnEarlierSaveAreRemoved) {
  TempFolder dir;
  auto save = [&](uint64_t max_bytes) {
    OutputFolder folder(dir.path());
    write_sharded_safetensors(folder, tensors_of({10, 10}), max_bytes);
  };
  testing::write_bytes(dir / "model-notes.txt", "mine");
  save(40);
  save(1000);
  EXPECT_EQ(names_in(dir), (std::vector<std::string>{"model-notes.txt", "model.safetensors"}));
  save(40);
  EXPECT_EQ(names_in(dir),
            (std::vector<std::string>{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                                      "model-notes.txt", "model.safetensors.index.json"}));
  EXPECT_TRUE(ModelWeights(dir.path()).contains("t1"));
}

}  // namespace
}  // namespace lf
