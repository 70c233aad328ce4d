#include "checkpoint/resume.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/output_lock.h"
#include "io/safetensors_writer.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TempFolder;

class Resume : public ::testing::Test {
 protected:
  void SetUp() override {
    set_log_sink([this](LogLevel, const std::string& line) { log_ += line + "\n"; });
  }
  void TearDown() override { set_log_sink(nullptr); }

  void save(int64_t step) {
    TrainingSnapshot snapshot;
    snapshot.step = step;
    snapshot.optimizer = {{"m", at::ones({4})}};
    save_checkpoint(dir_.path(), snapshot, {}, [](OutputFolder& folder) {
      folder.write_tensors("model.safetensors", std::vector<NamedTensor>{{"w", at::ones({4})}});
    });
  }
  void damage(int64_t step, const char* file) {
    const auto path = dir_ / ("checkpoint-" + std::to_string(step)) / file;
    std::string bytes = testing::read_bytes(path);
    bytes.back() ^= 1;
    testing::write_bytes(path, bytes);
  }
  void save_like_python(int64_t step) {
    const auto folder = dir_ / ("checkpoint-" + std::to_string(step));
    fs::create_directory(folder);
    write_safetensors(folder / "adapter_model.safetensors", std::vector<NamedTensor>{{"w", at::ones({4})}});
    testing::write_bytes(folder / "trainer_state.json",
                         "{\"global_step\": " + std::to_string(step) + ", \"epoch\": 0.5}");
    testing::write_bytes(folder / "optimizer.pt", "pickle");
  }
  ResumeRequest request(std::optional<std::string> asked = std::nullopt) {
    return {.output_dir = dir_.path(), .resume_from_checkpoint = std::move(asked)};
  }
  std::string refusal(const ResumeRequest& asked) {
    try {
      decide_resume(asked);
    } catch (const Error& error) {
      return std::string(kind_name(error.kind())) + ": " + error.what();
    }
    return "nothing was thrown";
  }

  TempFolder dir_;
  std::string log_;
};

TEST_F(Resume, TakesTheNewestCheckpointOnItsOwn) {
  save(9);
  save(10);
  const auto point = decide_resume(request());
  ASSERT_TRUE(point);
  EXPECT_EQ(point->step, 10);
  EXPECT_TRUE(point->verified);
  EXPECT_THAT(log_, HasSubstr("to start afresh"));
}

TEST_F(Resume, FallsBackToThePreviousOneAndNamesTheFile) {
  save(1);
  save(2);
  damage(2, "optimizer.safetensors");
  const auto point = decide_resume(request());
  ASSERT_TRUE(point);
  EXPECT_EQ(point->step, 1);
  EXPECT_THAT(log_, HasSubstr("checkpoint-2 cannot be used"));
  EXPECT_THAT(log_, HasSubstr("optimizer.safetensors: its content is damaged"));
}

TEST_F(Resume, DoesNotSilentlyStartOverWhenEveryCheckpointIsDamaged) {
  save(1);
  damage(1, "model.safetensors");
  EXPECT_THAT(refusal(request()), HasSubstr("none of its 1 checkpoints can be read"));
}

TEST_F(Resume, StartsAfreshInAnEmptyOrAbsentFolder) {
  EXPECT_FALSE(decide_resume(request()));
  EXPECT_FALSE(decide_resume({.output_dir = dir_ / "absent"}));
}

TEST_F(Resume, OverwriteAndFalseStartAfresh) {
  save(1);
  ResumeRequest overwrite = request();
  overwrite.overwrite_output_dir = true;
  EXPECT_FALSE(decide_resume(overwrite));
  EXPECT_FALSE(decide_resume(request("false")));
}

TEST_F(Resume, WeightsWithoutCheckpointAskForOverwrite) {
  testing::write_bytes(dir_ / "adapter_model.safetensors", "x");
  EXPECT_THAT(refusal(request()), ::testing::AllOf(HasSubstr("config: "), HasSubstr("overwrite_output_dir")));
}

TEST_F(Resume, TrueNeedsACheckpoint) {
  EXPECT_THAT(refusal(request("true")), HasSubstr("no valid checkpoint found"));
  save(3);
  EXPECT_EQ(decide_resume(request("True"))->step, 3);
}

TEST_F(Resume, AFolderAskedForIsTakenOrRefusedButNeverReplaced) {
  save(1);
  save(2);
  EXPECT_EQ(decide_resume(request((dir_ / "checkpoint-1").string()))->step, 1);
  damage(2, "model.safetensors");
  EXPECT_THAT(refusal(request((dir_ / "checkpoint-2").string())),
              HasSubstr("model.safetensors: its content is damaged"));
  EXPECT_THAT(refusal(request((dir_ / "checkpoint-7").string())), HasSubstr("there is no folder"));
}

TEST_F(Resume, CheckpointsOfPythonAreAcceptedUnverifiedWithoutOptimizer) {
  save_like_python(8);
  const auto point = decide_resume(request());
  ASSERT_TRUE(point);
  EXPECT_FALSE(point->verified);
  const LoadedCheckpoint loaded = load_checkpoint(point->folder);
  EXPECT_EQ(loaded.snapshot.step, 8);
  EXPECT_EQ(loaded.snapshot.epoch, 0.5);
  EXPECT_FALSE(loaded.has_state);
}

TEST_F(Resume, BrokenCheckpointsOfPythonAreSkipped) {
  save(1);
  save_like_python(2);
  fs::resize_file(dir_ / "checkpoint-2/adapter_model.safetensors", 20);
  EXPECT_EQ(decide_resume(request())->step, 1);
  EXPECT_THAT(log_, HasSubstr("truncated"));
}

TEST_F(Resume, StagesThatCannotResumeDropTheRequest) {
  save(1);
  ResumeRequest asked = request("true");
  asked.can_resume = false;
  EXPECT_FALSE(decide_resume(asked));
  EXPECT_THAT(log_, HasSubstr("no effect"));
}

TEST_F(Resume, SecondRunInAFolderIsRefusedAndNamesTheFirst) {
  OutputLock first(dir_.path());
  const pid_t child = fork();
  if (child == 0) {
    int code = 1;
    try {
      OutputLock second(dir_.path());
    } catch (const Error& error) {
      code = std::string(error.what()).find("process " + std::to_string(getppid())) != std::string::npos ? 0 : 2;
    }
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(Resume, LockOfADeadRunIsTakenOver) {
  const pid_t child = fork();
  if (child == 0) {
    OutputLock lock(dir_.path());
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(fs::exists(dir_ / ".lf-lock"));
  { OutputLock lock(dir_.path()); }
  EXPECT_FALSE(fs::exists(dir_ / ".lf-lock"));
}

}  // namespace
}  // namespace lf
