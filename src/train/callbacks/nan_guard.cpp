#include "train/callbacks/nan_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "io/atomic_file.h"
#include "train/report/python_text.h"

namespace lf {
namespace {

constexpr size_t kSamplesShown = 16;

std::string samples_text(const std::vector<int64_t>& samples) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < std::min(samples.size(), kSamplesShown); ++i) parts.push_back(std::to_string(samples[i]));
  return join(parts, ", ") + (samples.size() > kSamplesShown ? ", ..." : "");
}

std::string what_is_wrong(const StepFacts& facts) {
  if (!std::isfinite(facts.loss)) return "loss is " + python_float(facts.loss);
  return "gradient norm is " + python_float(facts.grad_norm);
}

}  // namespace

bool NanGuard::accept(const StepFacts& facts) {
  if (std::isfinite(facts.loss) && std::isfinite(facts.grad_norm)) {
    in_a_row_ = 0;
    return true;
  }
  const bool scaler_at_work = options_.loss_scaling && std::isfinite(facts.loss);
  ++skipped_;
  if (scaler_at_work) return false;
  ++in_a_row_;
  log_warn("nan_guard", "step {} is skipped: its {} (samples {}); see anomaly/step-{}.json", facts.step,
           what_is_wrong(facts), samples_text(facts.samples), facts.step);
  write_anomaly(facts);
  if (in_a_row_ >= options_.limit) {
    throw_error(ErrorKind::kData, "step {}: {} steps in a row were skipped because their {}. {} The records are in {}.",
                facts.step, in_a_row_, what_is_wrong(facts), advice(facts), (options_.folder / "anomaly").string());
  }
  return false;
}

void NanGuard::write_anomaly(const StepFacts& facts) const {
  Json record = Json::object();
  record["step"] = facts.step;
  record["time"] = local_time_text("%Y-%m-%d %H:%M:%S");
  record["cause"] = what_is_wrong(facts);
  record["loss"] = facts.loss;
  record["grad_norm"] = facts.grad_norm;
  record["learning_rate"] = facts.learning_rate;
  record["target_tokens"] = facts.target_tokens;
  record["compute_type"] = options_.compute_type;
  record["micro_losses"] = facts.micro_losses;
  record["samples"] = facts.samples;
  record["bad_tensors"] = facts.bad_tensors;
  record["skipped_in_a_row"] = in_a_row_;
  record["advice"] = advice(facts);
  try {
    const std::filesystem::path folder = options_.folder / "anomaly";
    create_folder(folder);
    write_file_durably(folder / fmt::format("step-{}.json", facts.step), python_json_ascii(record, 2) + "\n");
  } catch (const Error& error) {
    log_warn("nan_guard", "the record of step {} could not be written: {}", facts.step, error.what());
  }
}

std::string NanGuard::advice(const StepFacts& facts) const {
  if (facts.target_tokens == 0) {
    return "No token of these samples is trained on: check the template, cutoff_len and the response column.";
  }
  if (options_.compute_type == "fp16" && options_.checkpoint_dtype == "bfloat16") {
    return "The model was trained in bf16 and its activations do not fit into fp16: set bf16: true (and fp16: false).";
  }
  if (options_.compute_type == "fp16") return "fp16 overflows easily: set bf16: true, or neither for fp32.";
  if (std::isfinite(facts.loss)) {
    return fmt::format(
        "The loss is finite but its gradient is not: lower learning_rate (now {}), lengthen the warm-up, or set "
        "max_grad_norm: 1.0.",
        python_float(facts.learning_rate));
  }
  return fmt::format(
      "Lower learning_rate (now {}), lengthen the warm-up, or resume from an earlier checkpoint; when it is always "
      "the same samples, look at their rows.",
      python_float(facts.learning_rate));
}

}  // namespace lf
