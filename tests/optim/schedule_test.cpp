// Learning rates against those transformers computes.
#include "optim/schedule.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/json.h"
#include "base/registry.h"
#include "optim/plateau.h"
#include "support/shared.h"

namespace lf {

static ScheduleOptions options_of(const Json& golden) {
  ScheduleOptions options{golden["warmup"], golden["total"], golden["base_lr"], {}};
  for (const auto& [key, value] : golden["kwargs"].items()) {
    options.kwargs[key] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return options;
}

static Schedule make_schedule(const std::string& name, const ScheduleOptions& options) {
  return require_entry(all_schedules(), name, "schedule").make(options);
}

TEST(Schedules, give_the_learning_rates_of_transformers_at_every_step) {
  LF_REQUIRE_SHARED();
  const Json golden = read_json(testing::shared_path("golden/data/training/schedules.json"))["schedules"];
  int compared = 0;
  for (const auto& [key, entry] : golden.items()) {
    std::string name = key.substr(0, key.find('.'));
    if (name == "warmup_stable_decay_linear") name = "warmup_stable_decay";
    const Schedule schedule = make_schedule(name, options_of(entry));
    for (size_t step = 0; step < entry["lr"].size(); ++step) {
      EXPECT_DOUBLE_EQ(entry["base_lr"].get<double>() * schedule(static_cast<int64_t>(step)), entry["lr"][step])
          << key << " at step " << step;
      ++compared;
    }
  }
  EXPECT_GE(compared, 22 * 43);
}

TEST(Schedules, warmup_stable_decay_keeps_the_rate_for_a_third_of_what_follows_the_warmup) {
  const Schedule schedule = make_schedule("warmup_stable_decay", {10, 100, 1e-3, {}});
  EXPECT_EQ(schedule(0), 0.0);
  EXPECT_EQ(schedule(5), 0.5);
  EXPECT_EQ(schedule(39), 1.0);
  EXPECT_EQ(schedule(40), 1.0);
  EXPECT_LT(schedule(41), 1.0);
  EXPECT_GT(schedule(99), 0.0);
  EXPECT_EQ(schedule(100), 0.0);
}

TEST(Schedules, a_misspelt_setting_names_the_one_that_was_meant) {
  try {
    make_schedule("cosine_with_min_lr", {0, 10, 1e-3, {{"min_lr_rat", "0.1"}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    EXPECT_NE(std::string(error.what()).find("min_lr_rate"), std::string::npos) << error.what();
  }
  EXPECT_THROW(make_schedule("cosine_with_min_lr", {0, 10, 1e-3, {}}), Error);
  EXPECT_THROW(make_schedule("polynomial", {0, 10, 1e-3, {{"power", "two"}}}), Error);
  EXPECT_THROW(make_schedule("polynomial", {0, 10, 1e-8, {}}), Error);
}

TEST(Schedules, warmup_below_one_is_a_part_of_all_steps) {
  EXPECT_EQ(warmup_steps(0, 100), 0);
  EXPECT_EQ(warmup_steps(0.1, 101), 11);
  EXPECT_EQ(warmup_steps(1, 100), 1);
  EXPECT_EQ(warmup_steps(25, 100), 25);
}

TEST(Plateau, the_rate_falls_after_patience_runs_out_and_not_below_its_bound) {
  Plateau plateau({0, 0, 1.0, {{"patience", "1"}, {"factor", "0.5"}, {"min_lr", "0.3"}}});
  std::vector<double> rates;
  for (double metric : {2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5}) {
    plateau.step(metric);
    rates.push_back(plateau.rate());
  }
  EXPECT_EQ(rates, (std::vector<double>{1, 1, 1, 0.5, 0.5, 0.3, 0.3}));
}

TEST(Plateau, a_restored_plateau_goes_on_where_the_other_stopped) {
  const ScheduleOptions options{0, 0, 1e-3, {{"patience", "1"}, {"cooldown", "1"}}};
  Plateau original(options), restored(options);
  for (double metric : {1.0, 1.1, 1.2, 1.3}) original.step(metric);
  restored.load_state(original.state());
  for (double metric : {1.3, 1.4, 1.5, 0.9, 1.0, 1.0, 1.0}) {
    original.step(metric);
    restored.step(metric);
    EXPECT_EQ(original.rate(), restored.rate());
  }
}

}  // namespace lf
