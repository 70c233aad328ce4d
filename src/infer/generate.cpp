#include "infer/generate.h"

#include <chrono>

#include "base/error.h"
#include "layers/token_stream.h"
#include "model/decoder.h"

namespace lf {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int64_t common_prefix(std::span<const int32_t> a, std::span<const int32_t> b) {
  const size_t n = std::min(a.size(), b.size());
  size_t same = 0;
  while (same < n && a[same] == b[same]) ++same;
  return static_cast<int64_t>(same);
}

}  // namespace

Generator::Generator(Decoder& model, int64_t layers)
    : model_(model), cache_(layers), device_(model.named_parameters().front().tensor->device()) {}

/// Logits of the last token (V floats). ids: new tokens, the first at position `start`.
std::vector<float> Generator::forward(std::span<const int32_t> ids, int64_t start) {
  const auto n = static_cast<int64_t>(ids.size());
  TokenStream stream;
  stream.ids = at::tensor(std::vector<int64_t>(ids.begin(), ids.end()), at::kLong).to(device_);
  stream.positions = at::arange(start, start + n, at::kLong).to(device_);
  stream.bounds = {0, n};
  const Tensor hidden = model_.forward(stream, &cache_);
  const Tensor logits = model_.logits(hidden.narrow(0, n - 1, 1)).to(at::kCPU, at::kFloat).contiguous();
  const float* values = logits.const_data_ptr<float>();
  return {values, values + logits.numel()};
}

/// Logits after the last token of cached_, which is not in the cache yet.
std::vector<float> Generator::extend() {
  const auto length = static_cast<int64_t>(cached_.size());
  if (model_.outgrows_cache(length - 1, length)) {
    cache_.truncate(0, 0);
    return forward(cached_, 0);
  }
  return forward({&cached_.back(), 1}, length - 1);
}

Generation Generator::generate(std::span<const int32_t> prompt, const GenerateOptions& options,
                               const std::function<bool(int32_t)>& on_token) {
  LF_CHECK(kConfig, !prompt.empty(), "the prompt has no tokens");
  at::NoGradGuard no_grad;
  Sampler sampler(options.sampler, options.seed);
  Generation result;
  auto started = std::chrono::steady_clock::now();

  // Keep what the cache shares with the new prompt, but run at least its last token for the logits.
  const auto held = static_cast<int64_t>(cached_.size()), wanted = static_cast<int64_t>(prompt.size());
  const bool useless = model_.outgrows_cache(std::min(held, wanted), std::max(held, wanted));
  const int64_t keep = cache_.truncate(0, useless ? 0 : std::min(common_prefix(cached_, prompt), wanted - 1));
  cached_.assign(prompt.begin(), prompt.end());
  std::vector<float> scores = forward(prompt.subspan(keep), keep);
  result.prompt_seconds = seconds_since(started);

  started = std::chrono::steady_clock::now();
  while (static_cast<int64_t>(result.ids.size()) < options.max_new_tokens) {
    const int32_t next = sampler.next(scores, cached_);
    if (std::find(options.stop_ids.begin(), options.stop_ids.end(), next) != options.stop_ids.end()) {
      result.reason = FinishReason::kStop;
      break;
    }
    result.ids.push_back(next);
    if (on_token && !on_token(next)) {
      result.reason = FinishReason::kInterrupted;
      break;
    }
    if (static_cast<int64_t>(result.ids.size()) == options.max_new_tokens) break;
    cached_.push_back(next);
    scores = extend();
  }
  result.decode_seconds = seconds_since(started);
  return result;
}

}  // namespace lf
