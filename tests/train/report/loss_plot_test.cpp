#include "train/report/loss_plot.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cmath>

#include "base/files.h"
#include "base/log.h"
#include "support/shared.h"
#include "support/temp_folder.h"
#include "train/report/trainer_state.h"

namespace lf {
namespace {

using ::testing::ElementsAre;

bool is_png(const std::string& bytes) {
  return bytes.starts_with("\x89PNG\r\n\x1a\n") && bytes.substr(bytes.size() - 8, 4) == "IEND";
}

Curve wave(size_t count) {
  Curve curve{.title = "training loss of x", .y_label = "loss", .steps = {}, .values = {}};
  for (size_t i = 0; i < count; ++i) {
    curve.steps.push_back(static_cast<double>(i + 1));
    curve.values.push_back(2 * std::exp(-static_cast<double>(i) / 50) + 0.2 * std::sin(static_cast<double>(i) * 1.7));
  }
  return curve;
}

TEST(LossPlot, smoothing_is_that_of_upstream) {
  // smooth([4, 2, 3]) of upstream's ploting.py
  const double weight = 1.8 * (1 / (1 + std::exp(-0.15)) - 0.5);
  const double second = 4 * weight + (1 - weight) * 2;
  EXPECT_THAT(smooth_curve({4, 2, 3}), ElementsAre(::testing::DoubleEq(4), second, second * weight + (1 - weight) * 3));
  EXPECT_TRUE(smooth_curve({}).empty());
}

TEST(LossPlot, one_picture_for_each_key_that_was_logged) {
  LF_REQUIRE_SHARED();
  const auto history =
      read_trainer_state(lf::testing::shared_path("golden/data/training/artifacts/sft_lora/trainer_state.json"))
          .log_history;
  lf::testing::TempFolder temp;
  const auto files = plot_loss(temp.path(), history, {"loss", "eval_loss", "eval_accuracy"});
  EXPECT_THAT(files, ElementsAre(temp / "training_loss.png", temp / "training_eval_loss.png"));
  for (const auto& file : files) EXPECT_TRUE(is_png(read_file(file)));
}

TEST(LossPlot, slashes_in_keys_become_underscores) {
  lf::testing::TempFolder temp;
  const Json history = {{{"rewards/chosen", 0.5}, {"step", 1}}, {{"rewards/chosen", 0.75}, {"step", 2}}};
  EXPECT_THAT(plot_loss(temp.path(), history, {"rewards/chosen"}), ElementsAre(temp / "training_rewards_chosen.png"));
}

TEST(LossPlot, the_same_curve_gives_the_same_bytes) { EXPECT_EQ(render_curve(wave(50)), render_curve(wave(50))); }

TEST(LossPlot, odd_curves_are_drawn_too) {
  Curve one = wave(1);
  Curve nothing_finite = wave(3);
  nothing_finite.values = {NAN, INFINITY, -INFINITY};
  Curve gap = wave(5);
  gap.values[2] = NAN;
  Curve constant = wave(4);
  constant.values.assign(4, 0.0);
  Curve huge = wave(3);
  huge.values = {-1e300, 0, 1e300};
  Curve named = wave(3);
  named.title = "training loss of " + std::string(300, 'x') + "/\xff\xfe 模型\n";
  for (const Curve& curve : {one, nothing_finite, gap, constant, huge, named}) EXPECT_TRUE(is_png(render_curve(curve)));
}

TEST(LossPlot, a_long_run_is_drawn_quickly) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(is_png(render_curve(wave(200000))));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(LossPlot, redrawing_never_ends_a_run) {
  int warnings = 0;
  set_log_sink([&](LogLevel, const std::string&) { ++warnings; });
  redraw_plots("/proc/no/such/place", {{{"loss", 1.0}, {"step", 1}}}, {"loss"});
  set_log_sink(nullptr);
  EXPECT_EQ(warnings, 1);
}

}  // namespace
}  // namespace lf
