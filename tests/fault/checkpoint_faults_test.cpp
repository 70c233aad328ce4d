// Kills, torn writes, full disks and I/O errors at every file-system call of a save. Each point runs in a forked child;
// afterwards the folder is examined as the next start of the program would.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/resume.h"
#include "checkpoint/retention.h"
#include "fault/shim.h"
#include "io/safetensors.h"
#include "io/safetensors_writer.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

Tensor content(int64_t step, int64_t seed) { return at::arange(200, at::kLong).mul(step * 31 + seed).to(at::kFloat); }

TrainingSnapshot snapshot_of(int64_t step) {
  TrainingSnapshot snapshot;
  snapshot.step = step;
  snapshot.epoch = static_cast<double>(step) / 7;
  snapshot.optimizer = {{"exp_avg/w", content(step, 1)}, {"exp_avg_sq/w", content(step, 2)}};
  snapshot.generators = {{"default", at::arange(40, at::kByte).add(step)}};
  snapshot.data["batch"] = step;
  snapshot.trainer_state = "{\"global_step\": " + std::to_string(step) + "}\n";
  snapshot.config_yaml = "stage: sft\n";
  return snapshot;
}

void write_model(OutputFolder& folder, int64_t step) {
  const std::vector<NamedTensor> weights = {{"a", content(step, 3)}, {"b", content(step, 4)}, {"c", content(step, 5)}};
  write_sharded_safetensors(folder, weights, 1000);
  folder.write_text("config.json", "{\"step\": " + std::to_string(step) + "}\n");
}

void save(const fs::path& dir, int64_t step) {
  save_checkpoint(dir, snapshot_of(step), {.save_total_limit = 2},
                  [&](OutputFolder& folder) { write_model(folder, step); });
}

/// "" when the checkpoint holds exactly what step `step` wrote.
std::string difference(const fs::path& folder, int64_t step) {
  const LoadedCheckpoint loaded = load_checkpoint(folder);
  if (loaded.snapshot.step != step || loaded.snapshot.data["batch"] != step) return "another step";
  if (loaded.snapshot.epoch != static_cast<double>(step) / 7) return "another epoch";
  for (const auto& [name, tensor] : snapshot_of(step).optimizer) {
    const auto found = std::find_if(loaded.snapshot.optimizer.begin(), loaded.snapshot.optimizer.end(),
                                    [&](const NamedTensor& item) { return item.first == name; });
    if (found == loaded.snapshot.optimizer.end() || !at::equal(found->second, tensor)) return "optimizer " + name;
  }
  if (!at::equal(loaded.snapshot.generators.at(0).second, snapshot_of(step).generators.at(0).second))
    return "generator";
  ModelWeights weights(folder);
  int64_t seed = 3;
  for (const char* name : {"a", "b", "c"}) {
    if (!at::equal(weights.tensor(name), content(step, seed++))) return std::string("weight ") + name;
  }
  return "";
}

struct Scenario {
  const char* name;
  std::vector<int64_t> before;  // saved without faults
  int64_t step;                 // saved under the fault
};

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = {
      {"the first save", {}, 1}, {"a save with rotation", {1, 2}, 3}, {"the same step again", {1, 2}, 2}};
  return all;
}

class Faults : public ::testing::Test {
 protected:
  void SetUp() override {
    set_log_sink([](LogLevel, const std::string&) {});
    root_ = fs::canonical(temp_.path());
  }
  void TearDown() override {
    lf_fault_arm(LF_FAULT_OFF, "", 0, 0, nullptr);
    set_log_sink(nullptr);
  }

  fs::path prepare(const Scenario& scenario) {
    const fs::path dir = root_ / "out";
    fs::remove_all(dir);
    for (const int64_t step : scenario.before) save(dir, step);
    return dir;
  }

  /// Runs the save in a child under the fault; returns its wait status. Exit 0: saved, 3: kIo was reported, 4: anything
  /// else.
  int save_in_child(const fs::path& dir, int64_t step, lf_fault_mode mode, long at, int error) {
    const pid_t child = fork();
    if (child == 0) {
      lf_fault_arm(mode, dir.c_str(), at, error, nullptr);
      int code = 0;
      try {
        save(dir, step);
      } catch (const Error& problem) {
        code = problem.kind() == ErrorKind::kIo ? 3 : 4;
      } catch (...) {
        code = 4;
      }
      lf_fault_arm(LF_FAULT_OFF, "", 0, 0, nullptr);
      if (code == 3 && has_temporaries(dir)) code = 5;
      _exit(code);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }

  static bool has_temporaries(const fs::path& dir) {
    std::error_code absent;
    for (const auto& item : fs::directory_iterator(dir, absent)) {
      const std::string name = item.path().filename().string();
      if (name.find(".tmp-") != std::string::npos || name.starts_with(".lf-tmp-")) return true;
    }
    return false;
  }

  long calls_of(const Scenario& scenario, const fs::path& log) {
    const fs::path dir = prepare(scenario);
    lf_fault_arm(LF_FAULT_TRACE, dir.c_str(), 0, 0, log.c_str());
    save(dir, scenario.step);
    const long calls = lf_fault_count();
    lf_fault_arm(LF_FAULT_OFF, "", 0, 0, nullptr);
    return calls;
  }

  /// What the next start finds: the newest checkpoint verifies, holds an old or the new step, and no other is broken.
  void examine(const Scenario& scenario, const fs::path& dir, const std::string& where) {
    for (const CheckpointEntry& entry : list_checkpoints(dir)) {
      EXPECT_NO_THROW(ASSERT_TRUE(verify_manifest(entry.folder, Verify::kFull).has_value()) << where) << where;
      EXPECT_EQ(difference(entry.folder, entry.step), "") << where;
    }
    clean_leftovers(dir);
    const auto found = find_resume_checkpoint(dir, Verify::kFull);
    if (scenario.before.empty() && !found) return;
    ASSERT_TRUE(found) << where;
    EXPECT_TRUE(found->step == scenario.step || found->step == scenario.before.back())
        << where << ": found " << found->step;
    EXPECT_EQ(difference(found->folder, found->step), "") << where;
    ++(found->step == scenario.step ? new_found_ : old_found_);
    std::error_code absent;
    for (const auto& item : fs::directory_iterator(dir, absent)) {
      EXPECT_FALSE(item.path().filename().string().starts_with(".")) << where << ": " << item.path();
    }
  }

  testing::TempFolder temp_{testing::quick_folder()};
  fs::path root_;
  int old_found_ = 0, new_found_ = 0;
};

TEST_F(Faults, KilledAtAnyCallASaveLeavesTheOldOrTheNewCheckpoint) {
  long points = 0;
  for (const Scenario& scenario : scenarios()) {
    const long calls = calls_of(scenario, root_ / "trace");
    EXPECT_GT(calls, 20);
    for (const lf_fault_mode mode : {LF_FAULT_KILL, LF_FAULT_TORN}) {
      for (long at = 1; at <= calls; ++at, ++points) {
        const fs::path dir = prepare(scenario);
        const int status = save_in_child(dir, scenario.step, mode, at, 0);
        ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << scenario.name << " " << at;
        examine(scenario, dir,
                fmt::format("{}, {} at call {}", scenario.name, mode == LF_FAULT_KILL ? "kill" : "torn", at));
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(old_found_, 50);
  EXPECT_GT(new_found_, 20);
  std::cout << fmt::format("killed at {} points: {} times the old checkpoint was found, {} times the new one\n", points,
                           old_found_, new_found_);
}

/// Errors of a call that only tidies up (deleting a rotated checkpoint) do not make a save fail.
bool is_tidying(const std::string& line) {
  return line.find(" unlink ") != std::string::npos || line.find(" rmdir ") != std::string::npos ||
         line.find("/.trash-") != std::string::npos;
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::istringstream text(read_file(path));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

TEST_F(Faults, AnErrorAtAnyCallIsReportedAndTrainingCanGoOn) {
  long points = 0, reported = 0;
  for (const Scenario& scenario : scenarios()) {
    fs::remove(root_ / "trace");
    const long calls = calls_of(scenario, root_ / "trace");
    const std::vector<std::string> trace = lines_of(root_ / "trace");
    ASSERT_EQ(static_cast<long>(trace.size()), calls);
    std::vector<int> errors = {ENOSPC, EIO};
    if (&scenario == &scenarios()[1]) errors.insert(errors.end(), {EDQUOT, EROFS});
    for (const int error : errors) {
      for (long at = 1; at <= calls; ++at, ++points) {
        const std::string where = fmt::format("{}, errno {} at call {}", scenario.name, error, trace[at - 1]);
        const fs::path dir = prepare(scenario);
        const int status = save_in_child(dir, scenario.step, LF_FAULT_FAIL, at, error);
        ASSERT_TRUE(WIFEXITED(status)) << where;
        if (!is_tidying(trace[at - 1]) && WEXITSTATUS(status) != 0) ++reported;
        EXPECT_THAT(WEXITSTATUS(status), ::testing::AnyOf(0, 3)) << where;
        examine(scenario, dir, where);
        save(dir, scenario.step + 1);
        EXPECT_EQ(difference(dir / ("checkpoint-" + std::to_string(scenario.step + 1)), scenario.step + 1), "")
            << where;
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(reported, 0);
  std::cout << "failed at " << points << " points, " << reported << " reported as errors\n";
}

TEST_F(Faults, AFullDiskAtAnyWriteIsReportedAndTheOldCheckpointStays) {
  long points = 0;
  for (const Scenario& scenario : scenarios()) {
    fs::remove(root_ / "trace");
    calls_of(scenario, root_ / "trace");
    const std::vector<std::string> trace = lines_of(root_ / "trace");
    for (size_t i = 0; i < trace.size(); ++i) {
      if (trace[i].find(" write ") == std::string::npos) continue;
      const std::string where = fmt::format("{}, disk full from call {}", scenario.name, trace[i]);
      const fs::path dir = prepare(scenario);
      const int status = save_in_child(dir, scenario.step, LF_FAULT_FULL, static_cast<long>(i) + 1, ENOSPC);
      ASSERT_TRUE(WIFEXITED(status)) << where;
      EXPECT_EQ(WEXITSTATUS(status), 3) << where;
      if (!scenario.before.empty()) {
        EXPECT_EQ(difference(dir / ("checkpoint-" + std::to_string(scenario.before.back())), scenario.before.back()),
                  "")
            << where;
      }
      examine(scenario, dir, where);
      ++points;
      if (HasFailure()) return;
    }
  }
  std::cout << "disk full at " << points << " writes\n";
}

TEST_F(Faults, AFileWrittenDurablyIsOldOrNewWhenKilled) {
  const fs::path file = root_ / "out" / "state.json";
  fs::create_directories(file.parent_path());
  for (long at = 1; at <= 8; ++at) {
    write_file_durably(file, "old text");
    const pid_t child = fork();
    if (child == 0) {
      lf_fault_arm(LF_FAULT_TORN, file.parent_path().c_str(), at, 0, nullptr);
      write_file_durably(file, "the new text");
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    const std::string text = read_file(file);
    EXPECT_TRUE(text == "old text" || text == "the new text") << text;
    if (WIFEXITED(status)) return;
  }
  FAIL() << "more calls than expected";
}

}  // namespace
}  // namespace lf
