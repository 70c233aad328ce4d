#include "train/callbacks/best_model.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

TEST(BestModel, the_metric_has_the_defaults_of_transformers) {
  EXPECT_TRUE(resolve_best_metric({}, {}, false).key.empty());
  EXPECT_EQ(resolve_best_metric({}, {}, true).key, "eval_loss");
  EXPECT_FALSE(resolve_best_metric({}, {}, true).greater);
  EXPECT_TRUE(resolve_best_metric("accuracy", {}, false).greater);
  EXPECT_FALSE(resolve_best_metric("eval_x_loss", {}, false).greater);
  EXPECT_FALSE(resolve_best_metric("accuracy", false, false).greater);
}

TEST(BestModel, the_best_evaluation_and_its_checkpoint_are_remembered) {
  lf::testing::TempFolder temp;
  std::filesystem::create_directory(temp / "checkpoint-2");
  TrainerState state;
  const BestMetric best = resolve_best_metric({}, {}, true);
  const double losses[] = {2.0, 1.0, 1.5, NAN, 1.0};
  std::vector<bool> gained;
  for (const double loss : losses) {
    ++state.global_step;
    gained.push_back(track_best(best, "steps", {{"eval_loss", loss}}, state));
    note_best_checkpoint(temp.path(), state.global_step, state);
  }
  EXPECT_THAT(gained, ::testing::ElementsAre(true, true, false, false, false));
  EXPECT_EQ(state.best_metric, 1.0);
  EXPECT_EQ(state.best_global_step, 2);
  EXPECT_EQ(state.best_model_checkpoint, (temp / "checkpoint-2").string());
}

TEST(BestModel, a_missing_metric_is_an_error_that_names_those_there) {
  TrainerState state;
  try {
    track_best({.key = "eval_acuracy", .greater = true}, "steps", {{"eval_accuracy", 0.5}}, state);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("did you mean eval_accuracy"));
  }
}

TEST(EarlyStopping, stops_after_patience_evaluations_without_gain) {
  const BestMetric best = resolve_best_metric({}, {}, true);
  EarlyStopping early(2, best, "steps");
  TrainerState state;
  std::vector<bool> stops;
  for (const double loss : {3.0, 2.0, 2.5, 1.9, 2.0, 1.9}) {
    const Json metrics = {{"eval_loss", loss}};
    stops.push_back(early.observe(metrics, state));
    track_best(best, "steps", metrics, state);
  }
  EXPECT_THAT(stops, ::testing::ElementsAre(false, false, false, false, false, true));
}

TEST(EarlyStopping, its_counter_survives_a_resume) {
  const BestMetric best = resolve_best_metric({}, {}, true);
  EarlyStopping early(3, best, "steps");
  TrainerState state;
  state.best_metric = 1.0;
  early.observe({{"eval_loss", 2.0}}, state);
  state.stateful_callbacks["EarlyStoppingCallback"] = early.state();
  EXPECT_EQ(
      early.state().dump(),
      R"({"args":{"early_stopping_patience":3,"early_stopping_threshold":0.0},"attributes":{"early_stopping_patience_counter":1}})");
  EarlyStopping resumed(3, best, "steps");
  resumed.restore(parse_trainer_state(trainer_state_text(state), "state"));
  EXPECT_EQ(resumed.evaluations_without_gain(), 1);
}

TEST(EarlyStopping, settings_that_cannot_work_are_refused) {
  const BestMetric best = resolve_best_metric({}, {}, true);
  EXPECT_THROW(EarlyStopping(0, best, "steps"), Error);
  EXPECT_THROW(EarlyStopping(1, {}, "steps"), Error);
  EXPECT_THROW(EarlyStopping(1, best, "no"), Error);
  set_log_sink([](LogLevel, const std::string&) {});
  EXPECT_FALSE(EarlyStopping(1, best, "steps").observe({{"other", 1}}, TrainerState{}));
  set_log_sink(nullptr);
}

}  // namespace
}  // namespace lf
