// The figures at the end: train_results.json and its siblings, all_results.json (merged), and the block shown on
// stdout.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace lf {

struct SpeedInput {
  std::string_view split;  // "train", "eval", "predict"
  double seconds = 0;
  std::optional<double> samples;
  std::optional<double> steps;
  std::optional<double> tokens;
};

/// {split}_runtime, {split}_samples_per_second, {split}_steps_per_second, {split}_tokens_per_second, rounded as
/// transformers does.
Json speed_metrics(const SpeedInput& input);
/// LLaMA-Factory's effective_tokens_per_sec.
double effective_tokens_per_second(int64_t tokens_of_dataset, double epoch, double train_runtime);

/// Writes folder/{split}_results.json and merges into folder/all_results.json (keys sorted, indent 4). kIo.
void save_metrics(const std::filesystem::path& folder, std::string_view split, const Json& metrics);
/// "***** train metrics *****\n  epoch = 0.2\n ...": keys sorted and aligned, newline at its end.
std::string metrics_block(std::string_view split, const Json& metrics);

}  // namespace lf
