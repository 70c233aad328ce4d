#include "train/report/trainer_log.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cmath>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "support/shared.h"
#include "support/temp_folder.h"
#include "train/report/python_text.h"
#include "train/report/trainer_state.h"

namespace lf {
namespace {

using testing::TempFolder;

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines = split(read_file(file), '\n');
  EXPECT_EQ(lines.back(), "");
  lines.pop_back();
  return lines;
}

Json loss_entry(int64_t step, double loss) {
  return {{"loss", loss}, {"grad_norm", 1.0}, {"learning_rate", 0.001}, {"epoch", step / 10.0}, {"step", step}};
}

TEST(TrainerLog, lines_equal_those_of_upstream) {
  LF_REQUIRE_SHARED();
  for (const std::string run : {"sft_lora", "dpo_lora"}) {
    const auto folder = lf::testing::shared_path("golden/data/training/artifacts/" + run);
    const TrainerState state = read_trainer_state(folder / "trainer_state.json");
    TempFolder temp;
    TrainerLog log({.folder = temp.path(), .total_steps = state.max_steps});
    for (const Json& entry : state.log_history) log.append(entry, entry["step"].get<int64_t>());
    EXPECT_EQ(lines_of(temp.path() / "trainer_log.jsonl"), lines_of(folder / "trainer_log.jsonl"));
  }
}

TEST(TrainerLog, tokens_and_memory_are_added_when_known) {
  TempFolder temp;
  TrainerLog log({.folder = temp.path(), .total_steps = 3});
  log.append(loss_entry(1, 2.5), 1, 1000, VramUsage{.allocated = 1.239, .reserved = 2});
  const Json line = parse_json(lines_of(log.path())[0], "line");
  EXPECT_EQ(line["percentage"], 33.33);
  EXPECT_EQ(line["total_tokens"], 1000);
  EXPECT_GT(line["throughput"].get<double>(), 0);
  EXPECT_EQ(line["vram_allocated"], 1.24);
  EXPECT_EQ(line["vram_reserved"], 2.0);
  EXPECT_FALSE(line.contains("eval_loss"));
  EXPECT_FALSE(line.contains("grad_norm"));
}

TEST(TrainerLog, overwrite_removes_the_previous_log_and_otherwise_it_grows) {
  TempFolder temp;
  { TrainerLog(TrainerLogOptions{.folder = temp.path(), .total_steps = 2}).append(loss_entry(1, 1), 1); }
  { TrainerLog(TrainerLogOptions{.folder = temp.path(), .total_steps = 2}).append(loss_entry(2, 2), 2); }
  EXPECT_EQ(lines_of(temp.path() / "trainer_log.jsonl").size(), 2);
  TrainerLog log({.folder = temp.path(), .total_steps = 2, .overwrite = true});
  EXPECT_FALSE(std::filesystem::exists(log.path()));
}

TEST(TrainerLog, resuming_leaves_the_file_of_an_uninterrupted_run) {
  TempFolder whole, cut;
  Json history = Json::array();
  TrainerLog reference({.folder = whole.path(), .total_steps = 6});
  {
    TrainerLog first({.folder = cut.path(), .total_steps = 6});
    for (int step = 1; step <= 5; ++step) {
      first.append(loss_entry(step, step), step);
      if (step <= 3) history.push_back(loss_entry(step, step));
    }
    first.append({{"epoch", 0.5}}, 5);  // the line at the end of an interrupted run
  }
  std::ofstream(cut.path() / "trainer_log.jsonl", std::ios::app) << "{\"current_steps\": 6, \"lo";
  TrainerLog second(
      {.folder = cut.path(), .total_steps = 6, .overwrite = true, .resume_step = 3, .resume_history = history});
  for (int step = 1; step <= 6; ++step) {
    reference.append(loss_entry(step, step), step);
    if (step > 3) second.append(loss_entry(step, step), step);
  }
  EXPECT_EQ(read_file(cut.path() / "trainer_log.jsonl"), read_file(whole.path() / "trainer_log.jsonl"));
}

TEST(TrainerLog, resuming_mends_a_log_that_lost_lines) {
  TempFolder temp;
  std::ofstream(temp.path() / "trainer_log.jsonl")
      << R"({"current_steps": 2, "total_steps": 4, "loss": 2.0, "elapsed_time": "1:00:00"})"
      << "\n"
      << "not json\n";
  Json history = {loss_entry(1, 1), loss_entry(2, 2)};
  set_log_sink([](LogLevel, const std::string&) {});
  TrainerLog log({.folder = temp.path(), .total_steps = 4, .resume_step = 2, .resume_history = history});
  set_log_sink(nullptr);
  const std::vector<std::string> lines = lines_of(log.path());
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(parse_json(lines[0], "line")["loss"], 1.0);
  EXPECT_EQ(parse_json(lines[1], "line")["elapsed_time"], "1:00:00");
  EXPECT_GE(log.elapsed_seconds(), 3600);
  EXPECT_LT(log.remaining_seconds(3), 1);
}

TEST(TrainerLog, without_a_history_lines_after_the_resumed_step_are_dropped) {
  TempFolder temp;
  {
    TrainerLog log({.folder = temp.path(), .total_steps = 4});
    for (int step = 1; step <= 4; ++step) log.append(loss_entry(step, step), step);
  }
  TrainerLog log({.folder = temp.path(), .total_steps = 4, .resume_step = 2});
  EXPECT_EQ(lines_of(log.path()).size(), 2);
}

TEST(TrainerLog, a_full_disk_leaves_no_half_line_and_training_goes_on) {
  TempFolder temp;
  TrainerLog log({.folder = temp.path(), .total_steps = 4});
  log.append(loss_entry(1, 1), 1);
  const auto size = std::filesystem::file_size(log.path());
  int warnings = 0;
  set_log_sink([&](LogLevel, const std::string&) { ++warnings; });
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  auto* previous = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit full{.rlim_cur = size + 20, .rlim_max = before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &full);
  log.append(loss_entry(2, 2), 2);
  log.append(loss_entry(3, 3), 3);
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, previous);
  EXPECT_EQ(std::filesystem::file_size(log.path()), size);
  EXPECT_EQ(warnings, 1);
  log.append(loss_entry(4, 4), 4);
  set_log_sink(nullptr);
  EXPECT_EQ(lines_of(log.path()).size(), 2);
}

TEST(TrainerLog, a_reader_beside_it_finds_every_finished_line_whole_and_in_order) {
  TempFolder temp;
  TrainerLog log({.folder = temp.path(), .total_steps = 300});
  std::atomic<bool> done{false};
  std::atomic<int> bad{0};
  std::thread reader([&] {
    while (!done) {
      std::ifstream in(log.path(), std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(in)), {});
      std::vector<std::string> lines = split(text, '\n');
      lines.pop_back();  // empty, or not finished yet
      for (size_t i = 0; i < lines.size(); ++i) {
        if (!Json::accept(lines[i]) || Json::parse(lines[i])["current_steps"] != i + 1) ++bad;
      }
    }
  });
  for (int step = 1; step <= 300; ++step) log.append(loss_entry(step, step), step);
  done = true;
  reader.join();
  EXPECT_EQ(bad, 0);
}

TEST(TrainerLog, nothing_follows_the_end_of_the_training) {
  TempFolder temp;
  TrainerLog log({.folder = temp.path(), .total_steps = 2});
  log.append(loss_entry(2, 1), 2);
  log.append({{"train_loss", 1.0}, {"epoch", 1.0}}, 2);
  log.append({{"eval_loss", 1.0}, {"epoch", 1.0}}, 2);
  EXPECT_EQ(lines_of(log.path()).size(), 2);
}

TEST(TrainerLog, a_deleted_log_starts_again) {
  TempFolder temp;
  TrainerLog log({.folder = temp.path(), .total_steps = 2});
  log.append(loss_entry(1, 1), 1);
  std::filesystem::remove(log.path());
  log.append(loss_entry(2, 2), 2);
  EXPECT_EQ(lines_of(log.path()).size(), 1);
}

TEST(TrainerLog, a_line_torn_by_a_killed_run_is_not_glued_to_the_next) {
  TempFolder temp;
  {
    TrainerLog log({.folder = temp.path(), .total_steps = 2});
    log.append(loss_entry(1, 1), 1);
    std::ofstream(log.path(), std::ios::app) << "{\"current_st";
  }
  TrainerLog log({.folder = temp.path(), .total_steps = 2});
  log.append(loss_entry(2, 2), 2);
  const auto lines = lines_of(log.path());
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(parse_json(lines[1], "line")["current_steps"], 2);
}

TEST(TrainerLog, a_loss_that_is_not_a_number_is_written_as_python_does) {
  TempFolder temp;
  TrainerLog log({.folder = temp.path(), .total_steps = 2});
  log.append(loss_entry(1, NAN), 1);
  EXPECT_NE(lines_of(log.path())[0].find("\"loss\": NaN"), std::string::npos);
}

}  // namespace
}  // namespace lf
