// From logits to the next token: transformers' processors in transformers' order (repetition penalty, temperature,
// top-k, top-p).
#pragma once
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace lf {

struct SamplingOptions {
  bool do_sample = true;      // false = greedy
  double temperature = 0.95;  // 0 = greedy
  double top_p = 0.7;
  int64_t top_k = 50;  // 0 = off
  double repetition_penalty =
      1.0;  // CTRL (arXiv 1909.05858): divides positive, multiplies negative scores of seen tokens
};

/// kConfig when a value is out of its range.
void validate(const SamplingOptions& options);

/// Scores after all processors; removed tokens are -inf. scores: V logits, changed in place. history: ids seen so far.
void process_logits(std::span<float> scores, std::span<const int32_t> history, const SamplingOptions& options);

class Sampler {
 public:
  Sampler(const SamplingOptions& options, uint64_t seed) : options_(options), generator_(seed) { validate(options); }
  /// The next token. scores: V logits, used as scratch.
  int32_t next(std::span<float> scores, std::span<const int32_t> history);

 private:
  SamplingOptions options_;
  std::mt19937_64 generator_;
};

}  // namespace lf
