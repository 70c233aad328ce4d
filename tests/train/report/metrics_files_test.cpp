#include "train/report/metrics_files.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "support/shared.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

TEST(MetricsFiles, files_equal_those_of_upstream) {
  LF_REQUIRE_SHARED();
  const auto folder = lf::testing::shared_path("golden/data/training/artifacts/sft_lora");
  lf::testing::TempFolder temp;
  save_metrics(temp.path(), "train", read_json(folder / "train_results.json"));
  save_metrics(temp.path(), "eval", read_json(folder / "eval_results.json"));
  for (const char* name : {"train_results.json", "eval_results.json", "all_results.json"}) {
    EXPECT_EQ(read_file(temp.path() / name), read_file(folder / name)) << name;
  }
}

TEST(MetricsFiles, the_block_is_aligned_as_transformers_prints_it) {
  const Json metrics = {{"train_runtime", 93784.256},      {"train_loss", 8.940746486186981},
                        {"total_flos", 506855424.0 * 100}, {"epoch", 0.2222222222222222},
                        {"train_samples", 1000},           {"init_mem_cpu_alloc_delta", 5 << 20}};
  EXPECT_EQ(metrics_block("train", metrics),
            "***** train metrics *****\n"
            "  epoch                    =            0.2222\n"
            "  init_mem_cpu_alloc_delta =               5MB\n"
            "  total_flos               =              47GF\n"
            "  train_loss               =            8.9407\n"
            "  train_runtime            = 1 day, 2:03:04.25\n"
            "  train_samples            =              1000\n");
}

TEST(MetricsFiles, speeds_are_rounded_as_transformers_does) {
  const Json metrics = speed_metrics({.split = "eval", .seconds = 0.0129, .samples = 8, .steps = 4});
  EXPECT_EQ(metrics.dump(),
            R"({"eval_runtime":0.0129,"eval_samples_per_second":620.155,"eval_steps_per_second":310.078})");
  EXPECT_EQ(speed_metrics({.split = "eval", .seconds = 0, .samples = 8}).size(), 1);
  EXPECT_EQ(effective_tokens_per_second(1000, 3, 6), 500);
}

TEST(MetricsFiles, a_broken_all_results_is_replaced) {
  lf::testing::TempFolder temp;
  save_metrics(temp.path(), "train", {{"a", 1}});
  std::filesystem::resize_file(temp.path() / "all_results.json", 3);
  save_metrics(temp.path(), "eval", {{"b", 2.0}});
  EXPECT_EQ(read_file(temp.path() / "all_results.json"), "{\n    \"b\": 2.0\n}");
}

}  // namespace
}  // namespace lf
