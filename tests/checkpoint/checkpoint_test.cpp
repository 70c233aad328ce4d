#include "checkpoint/checkpoint.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "checkpoint/manifest.h"
#include "checkpoint/retention.h"
#include "io/safetensors.h"
#include "support/temp_folder.h"
#include "tensor/rng.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TempFolder;

TrainingSnapshot snapshot_of(int64_t step) {
  TrainingSnapshot snapshot;
  snapshot.step = step;
  snapshot.epoch = 1.0 / 3;
  snapshot.optimizer = {{"exp_avg/w", at::full({3}, step, at::kFloat)},
                        {"step/w", at::full({}, step, at::kLong)},
                        {"exp_avg/half", at::full({2}, 0.1, at::kBFloat16)}};
  snapshot.scheduler["best"] = 0.1;
  snapshot.data["position"] = 7;
  snapshot.loop["loss_sum"] = 0.1f;
  snapshot.trainer_state = "{\"global_step\": 3}\n";
  snapshot.config_yaml = "stage: sft\n";
  return snapshot;
}

fs::path save(const fs::path& dir, int64_t step, const CheckpointOptions& options = {}) {
  return save_checkpoint(dir, snapshot_of(step), options, [](OutputFolder& folder) {
    folder.write_tensors("adapter_model.safetensors", std::vector<NamedTensor>{{"lora", at::ones({2, 2})}});
  });
}

std::vector<int64_t> steps_in(const fs::path& dir) {
  std::vector<int64_t> steps;
  for (const CheckpointEntry& entry : list_checkpoints(dir)) steps.push_back(entry.step);
  return steps;
}

TEST(Checkpoint, GivesBackEveryBitOfTheState) {
  TempFolder dir;
  TrainingSnapshot snapshot = snapshot_of(3);
  RngSet rng(42);
  rng.get("dropout");
  snapshot.generators = capture_generators(rng.save());
  const fs::path folder = save_checkpoint(dir.path(), snapshot, {}, [](OutputFolder&) {});
  EXPECT_EQ(folder, dir / "checkpoint-3");
  const LoadedCheckpoint loaded = load_checkpoint(folder);
  EXPECT_TRUE(loaded.has_state);
  EXPECT_EQ(loaded.snapshot.step, 3);
  EXPECT_EQ(loaded.snapshot.epoch, 1.0 / 3);
  EXPECT_EQ(loaded.snapshot.scheduler, snapshot.scheduler);
  EXPECT_EQ(loaded.snapshot.data, snapshot.data);
  EXPECT_EQ(loaded.snapshot.loop["loss_sum"].get<float>(), 0.1f);
  EXPECT_EQ(loaded.snapshot.trainer_state, snapshot.trainer_state);
  EXPECT_EQ(loaded.snapshot.config_yaml, snapshot.config_yaml);
  std::map<std::string, Tensor> read(loaded.snapshot.optimizer.begin(), loaded.snapshot.optimizer.end());
  for (const auto& [name, tensor] : snapshot.optimizer) {
    EXPECT_EQ(read.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(read.at(name), tensor)) << name;
  }
}

TEST(Checkpoint, GeneratorsDrawTheSameNumbersAfterRestoring) {
  TempFolder dir;
  RngSet rng(1);
  at::rand({5}, rng.get("shuffle"));
  TrainingSnapshot snapshot = snapshot_of(1);
  snapshot.generators = capture_generators(rng.save());
  save_checkpoint(dir.path(), snapshot, {}, [](OutputFolder&) {});
  const Tensor want = at::rand({7}, rng.get("shuffle"));
  const Tensor want_default = at::rand({7});
  RngSet other(99);
  other.restore(restore_device_generators(load_checkpoint(dir / "checkpoint-1").snapshot.generators));
  EXPECT_TRUE(at::equal(at::rand({7}, other.get("shuffle")), want));
  EXPECT_TRUE(at::equal(at::rand({7}), want_default));
}

TEST(Checkpoint, ManifestListsEveryFileAndTheParent) {
  TempFolder dir;
  save(dir.path(), 1);
  const fs::path folder = save(dir.path(), 2);
  const auto manifest = verify_manifest(folder, Verify::kFull);
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->step, 2);
  EXPECT_EQ(manifest->parent, "checkpoint-1");
  EXPECT_EQ(manifest->config_sha256, sha256_hex("stage: sft\n"));
  std::vector<std::string> listed = {kManifestName}, present;
  for (const FileRecord& file : manifest->files) listed.push_back(file.name);
  for (const auto& item : fs::directory_iterator(folder)) present.push_back(item.path().filename());
  EXPECT_THAT(listed, ::testing::UnorderedElementsAreArray(present));
}

TEST(Checkpoint, OnlyModelLeavesTheStateOut) {
  TempFolder dir;
  const fs::path folder = save(dir.path(), 4, {.only_model = true});
  EXPECT_FALSE(fs::exists(folder / "optimizer.safetensors"));
  const LoadedCheckpoint loaded = load_checkpoint(folder);
  EXPECT_FALSE(loaded.has_state);
  EXPECT_EQ(loaded.snapshot.step, 4);
}

TEST(Checkpoint, SavingAStepAgainReplacesItWhole) {
  TempFolder dir;
  save(dir.path(), 1);
  testing::write_bytes(dir / "checkpoint-1/old.txt", "x");
  save(dir.path(), 1);
  EXPECT_FALSE(fs::exists(dir / "checkpoint-1/old.txt"));
  EXPECT_TRUE(verify_manifest(dir / "checkpoint-1", Verify::kFull));
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), {}), 1);
}

TEST(Checkpoint, AFailingWriterLeavesNothingAndPassesItsErrorOn) {
  TempFolder dir;
  save(dir.path(), 1);
  EXPECT_THROW(save_checkpoint(dir.path(), snapshot_of(2), {},
                               [](OutputFolder&) { throw_error(ErrorKind::kIo, "the writer failed"); }),
               Error);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), {}), 1);
}

TEST(Rotation, KeepsTheNewestAndTheBest) {
  TempFolder dir;
  for (int64_t step = 1; step <= 4; ++step) save(dir.path(), step * 10);
  rotate_checkpoints(dir.path(), 3, 10);
  EXPECT_EQ(steps_in(dir.path()), (std::vector<int64_t>{10, 30, 40}));
  rotate_checkpoints(dir.path(), 1, 10);
  EXPECT_EQ(steps_in(dir.path()), (std::vector<int64_t>{10, 40}));
  rotate_checkpoints(dir.path(), 1, 40);
  EXPECT_EQ(steps_in(dir.path()), (std::vector<int64_t>{40}));
  rotate_checkpoints(dir.path(), std::nullopt, std::nullopt);
  rotate_checkpoints(dir.path(), 0, std::nullopt);
  EXPECT_EQ(steps_in(dir.path()), (std::vector<int64_t>{40}));
}

TEST(Rotation, OrdersByNumberAndIgnoresOtherNames) {
  TempFolder dir;
  for (const char* name : {"checkpoint-9", "checkpoint-10", "checkpoint-x", "checkpoint-", "checkpoint--1", "other"}) {
    fs::create_directory(dir / name);
  }
  testing::write_bytes(dir / "checkpoint-11", "a file");
  EXPECT_EQ(steps_in(dir.path()), (std::vector<int64_t>{9, 10}));
}

TEST(Leftovers, OfKilledRunsAreRemovedAndCompleteOnesPublished) {
  TempFolder dir;
  set_log_sink([](LogLevel, const std::string&) {});
  save(dir.path(), 1);
  save(dir.path(), 2);
  fs::rename(dir / "checkpoint-2", dir / ".ckpt-2.tmp-0123");
  fs::create_directories(dir / ".ckpt-3.tmp-4567");
  fs::create_directories(dir / ".trash-9-89ab/sub");
  testing::write_bytes(dir / ".lf-tmp-cdef", "x");
  testing::write_bytes(dir / ".hidden", "mine");
  clean_leftovers(dir.path());
  set_log_sink(nullptr);
  EXPECT_EQ(steps_in(dir.path()), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), {}), 3);
  EXPECT_TRUE(fs::exists(dir / ".hidden"));
}

class Damage : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = save(dir_.path(), 5); }
  std::string refusal(Verify verify) {
    try {
      verify_manifest(folder_, verify);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  void flip(const std::string& name, size_t bit) {
    std::string bytes = testing::read_bytes(folder_ / name);
    bytes[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    testing::write_bytes(folder_ / name, bytes);
  }
  TempFolder dir_{testing::quick_folder()};
  fs::path folder_;
};

TEST_F(Damage, EverySingleBitOfEveryFileIsNoticed) {
  size_t flips = 0;
  for (const auto& item : fs::directory_iterator(folder_)) {
    const std::string name = item.path().filename();
    const size_t bits = 8 * item.file_size();
    for (size_t bit = 0; bit < bits; bit += 1 + bits / 20000, ++flips) {
      flip(name, bit);
      ASSERT_NE(refusal(Verify::kFull), "") << name << " bit " << bit;
      flip(name, bit);
    }
  }
  EXPECT_EQ(refusal(Verify::kFull), "");
  EXPECT_GE(flips, 10000u);
}

TEST_F(Damage, TruncationAndMissingFilesAreNoticedBySizeAlone) {
  fs::resize_file(folder_ / "optimizer.safetensors", 10);
  EXPECT_THAT(refusal(Verify::kSizes), HasSubstr("optimizer.safetensors: has 10 bytes but MANIFEST.json lists"));
  fs::remove(folder_ / "optimizer.safetensors");
  EXPECT_THAT(refusal(Verify::kSizes), HasSubstr("optimizer.safetensors: is missing"));
}

TEST_F(Damage, SizesAloneDoNotReadContent) {
  flip("optimizer.safetensors", 8 * fs::file_size(folder_ / "optimizer.safetensors") - 1);
  EXPECT_EQ(refusal(Verify::kSizes), "");
  EXPECT_THAT(refusal(Verify::kAuto), HasSubstr("content is damaged"));
}

TEST(Manifest, PathsThatLeaveTheFolderAreRefused) {
  Manifest manifest;
  manifest.files = {{"../../etc/passwd", 1, std::string(32, '0')}};
  EXPECT_THROW(parse_manifest(format_manifest(manifest), "MANIFEST.json"), Error);
}

TEST(Manifest, OtherVersionsAreRefusedByName) {
  Manifest manifest;
  manifest.version = 2;
  try {
    parse_manifest(format_manifest(manifest), "MANIFEST.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("version 2 is not known"));
  }
}

}  // namespace
}  // namespace lf
