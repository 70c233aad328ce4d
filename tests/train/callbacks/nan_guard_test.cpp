#include "train/callbacks/nan_guard.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "support/temp_folder.h"
#include "train/report/python_text.h"

namespace lf {
namespace {

class NanGuardTest : public ::testing::Test {
 protected:
  void SetUp() override {
    set_log_sink([this](LogLevel, const std::string& line) { warnings_.push_back(line); });
  }
  void TearDown() override { set_log_sink(nullptr); }
  NanGuard guard(NanGuardOptions options = {}) {
    options.folder = temp_.path();
    return NanGuard(options);
  }
  lf::testing::TempFolder temp_;
  std::vector<std::string> warnings_;
};

StepFacts bad_step(int64_t step) {
  return {
      .step = step, .loss = NAN, .grad_norm = INFINITY, .learning_rate = 0.1, .target_tokens = 12, .samples = {3, 14}};
}

TEST_F(NanGuardTest, a_bad_step_is_refused_and_written_down) {
  NanGuard guard = this->guard();
  EXPECT_TRUE(guard.accept({.step = 1, .loss = 1, .grad_norm = 2}));
  EXPECT_FALSE(guard.accept(bad_step(2)));
  EXPECT_EQ(guard.skipped(), 1);
  ASSERT_EQ(warnings_.size(), 1);
  EXPECT_THAT(warnings_[0], ::testing::HasSubstr("step 2 is skipped: its loss is nan (samples 3, 14)"));
  const Json record = parse_python_json(read_file(temp_ / "anomaly/step-2.json"), "record");
  EXPECT_EQ(record["samples"], Json({3, 14}));
  EXPECT_TRUE(std::isnan(record["loss"].get<double>()));
}

TEST_F(NanGuardTest, five_in_a_row_end_the_run_with_advice) {
  NanGuard guard = this->guard({.compute_type = "fp16", .checkpoint_dtype = "bfloat16"});
  for (int step = 1; step <= 4; ++step) EXPECT_FALSE(guard.accept(bad_step(step)));
  EXPECT_TRUE(guard.accept({.step = 5, .loss = 1, .grad_norm = 1}));
  for (int step = 6; step <= 9; ++step) EXPECT_FALSE(guard.accept(bad_step(step)));
  try {
    guard.accept(bad_step(10));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::AllOf(::testing::HasSubstr("step 10: 5 steps in a row"),
                                               ::testing::HasSubstr("bf16: true")));
  }
}

TEST_F(NanGuardTest, steps_that_the_loss_scaler_skips_are_ordinary) {
  NanGuard guard = this->guard({.compute_type = "fp16", .loss_scaling = true});
  for (int step = 1; step <= 20; ++step) EXPECT_FALSE(guard.accept({.step = step, .loss = 1, .grad_norm = INFINITY}));
  EXPECT_EQ(guard.skipped(), 20);
  EXPECT_FALSE(std::filesystem::exists(temp_ / "anomaly"));
}

TEST_F(NanGuardTest, advice_fits_samples_without_targets) {
  NanGuard guard = this->guard({.limit = 1});
  StepFacts facts = bad_step(1);
  facts.target_tokens = 0;
  try {
    guard.accept(facts);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("check the template"));
  }
}

}  // namespace
}  // namespace lf
