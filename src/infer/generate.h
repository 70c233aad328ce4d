// Autoregressive decoding with a KV cache, one token at a time.
#pragma once
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "infer/dense_kv_cache.h"
#include "infer/sampler.h"

namespace lf {

class Decoder;

struct GenerateOptions {
  SamplingOptions sampler;
  int64_t max_new_tokens = 1024;
  std::vector<int32_t> stop_ids;  // end of the answer; not part of the result
  uint64_t seed = 0;
};

enum class FinishReason { kStop, kLength, kInterrupted };

struct Generation {
  std::vector<int32_t> ids;  // without the stop token
  FinishReason reason = FinishReason::kLength;
  double prompt_seconds = 0, decode_seconds = 0;
};

/// Holds the cache between calls, so that a conversation only pays for its new tokens.
class Generator {
 public:
  Generator(Decoder& model, int64_t layers);

  /// Continues `prompt`. on_token is called with every new token and may return false to stop (kInterrupted).
  /// kConfig when the prompt is empty.
  Generation generate(std::span<const int32_t> prompt, const GenerateOptions& options,
                      const std::function<bool(int32_t)>& on_token = nullptr);

 private:
  std::vector<float> forward(std::span<const int32_t> ids, int64_t start);
  std::vector<float> extend();

  Decoder& model_;
  DenseKvCache cache_;
  at::Device device_;
  std::vector<int32_t> cached_;  // ids whose keys and values are in the cache
};

}  // namespace lf
