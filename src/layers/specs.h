// What a decoder layer is made of, slot by slot: plain data without torch, filled by model/archs/ and read by the
// layers.
#pragma once
#include <cstdint>
#include <optional>

namespace lf {

struct NormSpec {
  double eps = 1e-6;  // RMS norm: weight * x / sqrt(mean(x^2) + eps)
};

enum class RopeScaling { kNone, kLinear, kDynamic, kYarn, kLlama3 };

/// Rotary positions (half-split layout). Names follow Hugging Face's rope_parameters.
struct RopeSpec {
  double theta = 10000.0;
  RopeScaling scaling = RopeScaling::kNone;
  double factor = 1.0;
  int64_t max_positions = 0;           // dynamic: lengths above it raise the base
  int64_t original_max_positions = 0;  // yarn, llama3
  double beta_fast = 32.0, beta_slow = 1.0;
  std::optional<double> attention_factor;  // yarn: multiplies cos and sin; computed when absent
  std::optional<double> mscale, mscale_all_dim;
  bool truncate = true;  // yarn: round the correction range to whole dimensions
  double low_freq_factor = 1.0, high_freq_factor = 4.0;
};

enum class QkNorm { kNone, kPerHead };

struct AttentionSpec {
  int64_t heads = 0;
  int64_t kv_heads = 0;
  int64_t head_dim = 0;
  bool qkv_bias = false;
  bool output_bias = false;
  QkNorm qk_norm = QkNorm::kNone;
  double scale = 0;    // of q k^T; 0 = 1 / sqrt(head_dim)
  double dropout = 0;  // on attention weights, in training only
  // Queries at position p are multiplied by 1 + beta * log(1 + floor(p / length)) where beta is given (ministral3).
  double query_scale_beta = 0;
  int64_t query_scale_length = 0;
};

enum class Activation { kSilu, kGelu, kGeluTanh, kRelu };

/// down(activation(gate(x)) * up(x)).
struct MlpSpec {
  int64_t intermediate_size = 0;
  Activation activation = Activation::kSilu;
  bool bias = false;
};

/// What differs from layer to layer.
struct LayerSpec {
  int64_t window = 0;  // a token sees itself and the window-1 before it; 0 = everything before it
};

}  // namespace lf
