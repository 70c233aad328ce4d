#include "train/report/trainer_state.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "support/shared.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

TEST(TrainerState, files_of_transformers_come_back_byte_for_byte) {
  LF_REQUIRE_SHARED();
  for (const char* name : {"sft_lora", "dpo_lora", "sft_lora/checkpoint-4", "sft_lora/checkpoint-8"}) {
    const auto file = lf::testing::shared_path("golden/data/training/artifacts") / name / "trainer_state.json";
    EXPECT_EQ(trainer_state_text(read_trainer_state(file)), read_file(file)) << name;
  }
}

TEST(TrainerState, logging_adds_epoch_and_step_as_transformers_does) {
  TrainerState state;
  state.epoch = 0.5;
  state.global_step = 7;
  state.num_input_tokens_seen = 300;
  const Json shown = state.log({{"loss", 1.5}, {"learning_rate", 0.1}}, true, 2.0, 100);
  EXPECT_EQ(
      shown.dump(),
      R"({"loss":1.5,"learning_rate":0.1,"epoch":0.5,"num_input_tokens_seen":300,"train_runtime":2.0,"train_tokens_per_second":100.0})");
  EXPECT_EQ(state.log_history[0]["step"], 7);
  EXPECT_FALSE(shown.contains("step"));
}

TEST(TrainerState, everything_survives_writing_and_reading) {
  lf::testing::TempFolder temp;
  TrainerState state;
  state.best_metric = INFINITY;
  state.best_global_step = 3;
  state.best_model_checkpoint = "saves/模型/checkpoint-3";
  state.train_batch_size = 4;
  state.total_flos = 1.25e18;
  state.log_history.push_back({{"loss", NAN}, {"step", 1}});
  TrainerControl control;
  control.should_save = true;
  state.stateful_callbacks["TrainerControl"] = control.state();
  write_trainer_state(temp.path(), state);
  const std::string text = read_file(temp.path() / "trainer_state.json");
  EXPECT_NE(text.find("\\u6a21\\u578b"), std::string::npos);
  EXPECT_NE(text.find("\"total_flos\": 1.25e+18,"), std::string::npos);
  EXPECT_EQ(trainer_state_text(read_trainer_state(temp.path() / "trainer_state.json")), text);
}

TEST(TrainerState, damaged_files_are_refused_by_name) {
  EXPECT_THROW(parse_trainer_state("[]", "t.json"), Error);
  EXPECT_THROW(parse_trainer_state("{\"global_step\": 1.5}", "t.json"), Error);
  EXPECT_THROW(parse_trainer_state("{\"global_step\": \"1\"}", "t.json"), Error);
  EXPECT_THROW(parse_trainer_state("{\"log_history\": [1]}", "t.json"), Error);
  EXPECT_THROW(parse_trainer_state("{\"global_step\": 1", "t.json"), Error);
  EXPECT_EQ(parse_trainer_state("{\"logging_steps\": 10.0, \"new_key\": 1}", "t.json").logging_steps, 10);
}

}  // namespace
}  // namespace lf
