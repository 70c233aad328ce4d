// A step whose loss or gradient is not a number must not reach the weights: it is skipped and written down; after
// several in a row the run stops with advice.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace lf {

struct StepFacts {
  int64_t step = 0;  // the step being made, 1-based
  double loss = 0;
  double grad_norm = 0;
  double learning_rate = 0;
  int64_t target_tokens = 0;
  std::vector<int64_t> samples;          // dataset indices of all rows of the step
  std::vector<double> micro_losses;      // one for each micro-batch
  std::vector<std::string> bad_tensors;  // parameters whose gradient is not finite, if known
};

struct NanGuardOptions {
  std::filesystem::path folder;       // anomaly/step-N.json is written below
  int limit = 5;                      // skipped steps in a row that end the run
  std::string compute_type = "fp32";  // fp32, bf16, fp16
  std::string checkpoint_dtype;       // torch_dtype of config.json, for the advice: "bfloat16"
  bool loss_scaling = false;          // fp16 with a scaler: single infinities are ordinary and not written down
};

class NanGuard {
 public:
  explicit NanGuard(NanGuardOptions options) : options_(std::move(options)) {}

  /// True when the step may be applied. Otherwise the caller drops the gradients and goes on: the step is counted,
  /// warned about and written to anomaly/step-N.json. The `limit`-th in a row throws kData with the advice for the
  /// likely cause.
  bool accept(const StepFacts& facts);
  int64_t skipped() const { return skipped_; }
  int64_t in_a_row() const { return in_a_row_; }

 private:
  void write_anomaly(const StepFacts& facts) const;
  std::string advice(const StepFacts& facts) const;

  NanGuardOptions options_;
  int64_t skipped_ = 0;
  int64_t in_a_row_ = 0;
};

}  // namespace lf
