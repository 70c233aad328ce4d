#include "infer/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace lf {
namespace {

constexpr float kRemoved = -std::numeric_limits<float>::infinity();

bool greedy(const SamplingOptions& options) { return !options.do_sample || options.temperature <= 0; }

void penalise_repetition(std::span<float> scores, std::span<const int32_t> history, double penalty) {
  if (penalty == 1.0) return;
  std::vector<bool> seen(scores.size());
  for (int32_t id : history) {
    if (id < 0 || static_cast<size_t>(id) >= scores.size() || seen[id]) continue;
    seen[id] = true;
    float& score = scores[id];
    score = static_cast<float>(score < 0 ? score * penalty : score / penalty);
  }
}

void keep_top_k(std::span<float> scores, int64_t k) {
  if (k <= 0 || static_cast<size_t>(k) >= scores.size()) return;
  std::vector<float> sorted(scores.begin(), scores.end());
  std::nth_element(sorted.begin(), sorted.begin() + (k - 1), sorted.end(), std::greater<>());
  const float threshold = sorted[k - 1];
  for (float& score : scores) {
    if (score < threshold) score = kRemoved;
  }
}

/// Smallest set of tokens whose probabilities reach p: those are removed whose ascending cumulative probability stays
/// within 1 - p.
void keep_top_p(std::span<float> scores, double p) {
  if (p >= 1.0) return;
  std::vector<int32_t> order;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] != kRemoved) order.push_back(static_cast<int32_t>(i));
  }
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return scores[a] < scores[b]; });
  if (order.empty()) return;
  const float highest = scores[order.back()];
  double total = 0;
  for (int32_t id : order) total += std::exp(static_cast<double>(scores[id] - highest));
  double cumulative = 0;
  for (size_t i = 0; i + 1 < order.size(); ++i) {
    cumulative += std::exp(static_cast<double>(scores[order[i]] - highest)) / total;
    if (cumulative > 1 - p) break;
    scores[order[i]] = kRemoved;
  }
}

int32_t arg_max(std::span<const float> scores) {
  return static_cast<int32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

}  // namespace

void validate(const SamplingOptions& options) {
  LF_CHECK(kConfig, options.temperature >= 0 && std::isfinite(options.temperature),
           "temperature must be 0 (greedy) or above but is {}", options.temperature);
  LF_CHECK(kConfig, options.top_p > 0 && options.top_p <= 1, "top_p must be above 0 and at most 1 but is {}",
           options.top_p);
  LF_CHECK(kConfig, options.top_k >= 0, "top_k must be 0 (off) or above but is {}", options.top_k);
  LF_CHECK(kConfig, options.repetition_penalty > 0 && std::isfinite(options.repetition_penalty),
           "repetition_penalty must be above 0 but is {}", options.repetition_penalty);
}

void process_logits(std::span<float> scores, std::span<const int32_t> history, const SamplingOptions& options) {
  penalise_repetition(scores, history, options.repetition_penalty);
  if (greedy(options)) return;
  for (float& score : scores) score = static_cast<float>(score / options.temperature);
  keep_top_k(scores, options.top_k);
  keep_top_p(scores, options.top_p);
}

int32_t Sampler::next(std::span<float> scores, std::span<const int32_t> history) {
  process_logits(scores, history, options_);
  const int32_t best = arg_max(scores);
  if (greedy(options_)) return best;
  double total = 0;
  for (float score : scores) total += std::exp(static_cast<double>(score - scores[best]));
  double left = std::uniform_real_distribution<double>(0, total)(generator_);
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] == kRemoved) continue;
    left -= std::exp(static_cast<double>(scores[i] - scores[best]));
    if (left <= 0) return static_cast<int32_t>(i);
  }
  return best;
}

}  // namespace lf
