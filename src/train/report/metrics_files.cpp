#include "train/report/metrics_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "io/atomic_file.h"
#include "train/report/python_text.h"

namespace lf {
namespace {

/// "0:01:05.25": hundredths cut off, as transformers does.
std::string runtime_text(double seconds) {
  const double fraction = std::fabs(seconds - std::trunc(seconds));
  return fmt::format("{}.{:02}", python_timedelta(seconds), static_cast<int>(fraction * 100));
}

std::string metric_text(const std::string& key, const Json& value) {
  if (value.is_number()) {
    if (key.find("_mem_") != std::string::npos) return fmt::format("{}MB", value.get<int64_t>() >> 20);
    if (key.find("_runtime") != std::string::npos) return runtime_text(value.get<double>());
    if (key == "total_flos") return fmt::format("{:.0f}GF", std::floor(value.get<double>() / 1073741824.0));
  }
  if (value.is_number_float()) return python_float(python_round(value.get<double>(), 4));
  return python_value_str(value);
}

/// An all_results.json left by an earlier stage; one that cannot be read is replaced.
Json existing_results(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return Json::object();
  try {
    Json results = parse_python_json(read_file(path), path.string());
    if (results.is_object()) return results;
  } catch (const std::exception& error) {
    log_warn("metrics", "{} is replaced: {}", path.string(), error.what());
  }
  return Json::object();
}

}  // namespace

Json speed_metrics(const SpeedInput& input) {
  const std::string split(input.split);
  Json metrics = Json::object();
  metrics[split + "_runtime"] = python_round(input.seconds, 4);
  if (input.seconds <= 0) return metrics;
  auto add = [&](const char* what, const std::optional<double>& count) {
    if (count) metrics[split + what] = python_round(*count / input.seconds, 3);
  };
  add("_samples_per_second", input.samples);
  add("_steps_per_second", input.steps);
  add("_tokens_per_second", input.tokens);
  return metrics;
}

double effective_tokens_per_second(int64_t tokens_of_dataset, double epoch, double train_runtime) {
  return train_runtime > 0 ? static_cast<double>(tokens_of_dataset) * epoch / train_runtime : 0;
}

void save_metrics(const std::filesystem::path& folder, std::string_view split, const Json& metrics) {
  create_folder(folder);
  write_file_durably(folder / fmt::format("{}_results.json", split), python_json_ascii(with_sorted_keys(metrics), 4));
  const std::filesystem::path all_path = folder / "all_results.json";
  Json all = existing_results(all_path);
  all.update(metrics);
  write_file_durably(all_path, python_json_ascii(with_sorted_keys(all), 4));
}

std::string metrics_block(std::string_view split, const Json& metrics) {
  std::map<std::string, std::string> shown;
  size_t key_width = 0;
  size_t value_width = 0;
  for (auto it = metrics.begin(); it != metrics.end(); ++it) {
    const std::string& text = shown[it.key()] = metric_text(it.key(), *it);
    key_width = std::max(key_width, it.key().size());
    value_width = std::max(value_width, text.size());
  }
  std::string block = fmt::format("***** {} metrics *****\n", split);
  for (const auto& [key, text] : shown) block += fmt::format("  {:<{}} = {:>{}}\n", key, key_width, text, value_width);
  return block;
}

}  // namespace lf
