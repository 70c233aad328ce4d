#include "model/spec.h"

#include "base/error.h"

namespace lf {

namespace {
const char* name_of(RopeScaling scaling) {
  switch (scaling) {
    case RopeScaling::kNone:
      return "default";
    case RopeScaling::kLinear:
      return "linear";
    case RopeScaling::kDynamic:
      return "dynamic";
    case RopeScaling::kYarn:
      return "yarn";
    case RopeScaling::kLlama3:
      return "llama3";
  }
  return "?";
}

const char* name_of(Activation activation) {
  switch (activation) {
    case Activation::kSilu:
      return "silu";
    case Activation::kGelu:
      return "gelu";
    case Activation::kGeluTanh:
      return "gelu_tanh";
    case Activation::kRelu:
      return "relu";
  }
  return "?";
}

void check_positive(const ModelSpec& spec, const char* what, int64_t value) {
  LF_CHECK(kFormat, value > 0, "[{}] {} must be positive but is {}", spec.model_type, what, value);
}

void validate_rope(const ModelSpec& spec) {
  const RopeSpec& rope = spec.rope;
  LF_CHECK(kFormat, rope.theta > 0, "[{}] rope_theta must be positive but is {}", spec.model_type, rope.theta);
  LF_CHECK(kFormat, spec.attention.head_dim % 2 == 0, "[{}] rope: head_dim must be even but is {}", spec.model_type,
           spec.attention.head_dim);
  if (rope.scaling == RopeScaling::kNone) return;
  LF_CHECK(kFormat, rope.factor > 0, "[{}] rope: factor must be positive but is {}", spec.model_type, rope.factor);
  if (rope.scaling == RopeScaling::kDynamic) {
    check_positive(spec, "max_position_embeddings (needed by dynamic rope)", rope.max_positions);
    LF_CHECK(kFormat, spec.attention.head_dim > 2, "[{}] dynamic rope needs head_dim above 2", spec.model_type);
  }
  if (rope.scaling == RopeScaling::kYarn || rope.scaling == RopeScaling::kLlama3) {
    check_positive(spec, "rope: original_max_position_embeddings", rope.original_max_positions);
  }
  if (rope.scaling == RopeScaling::kLlama3) {
    LF_CHECK(kFormat, rope.high_freq_factor > rope.low_freq_factor && rope.low_freq_factor > 0,
             "[{}] rope: high_freq_factor must be above low_freq_factor, which must be positive; they are {} and {}",
             spec.model_type, rope.high_freq_factor, rope.low_freq_factor);
  }
}

int64_t elements(const TensorShape& tensor) {
  int64_t count = 1;
  for (int64_t size : tensor.shape) count *= size;
  return count;
}
}  // namespace

void ModelSpec::validate() const {
  constexpr int64_t kMostLayers = 4096, kLargest = int64_t{1} << 31;
  check_positive(*this, "vocab_size", vocab_size);
  check_positive(*this, "hidden_size", hidden_size);
  check_positive(*this, "intermediate_size", mlp.intermediate_size);
  check_positive(*this, "num_attention_heads", attention.heads);
  check_positive(*this, "num_key_value_heads", attention.kv_heads);
  check_positive(*this, "head_dim", attention.head_dim);
  check_positive(*this, "num_hidden_layers", static_cast<int64_t>(layers.size()));
  for (int64_t size : {vocab_size, hidden_size, mlp.intermediate_size, attention.heads * attention.head_dim}) {
    LF_CHECK(kFormat, size < kLargest, "[{}] a size of {} is beyond what a model can have", model_type, size);
  }
  LF_CHECK(kFormat, static_cast<int64_t>(layers.size()) <= kMostLayers,
           "[{}] {} layers are beyond what a model can have", model_type, layers.size());
  LF_CHECK(kFormat, attention.heads % attention.kv_heads == 0,
           "[{}] num_attention_heads ({}) must be a multiple of num_key_value_heads ({})", model_type, attention.heads,
           attention.kv_heads);
  LF_CHECK(kFormat, norm.eps >= 0, "[{}] rms_norm_eps must not be negative but is {}", model_type, norm.eps);
  LF_CHECK(kFormat, attention.dropout >= 0 && attention.dropout < 1,
           "[{}] attention_dropout must be in [0, 1) but is {}", model_type, attention.dropout);
  LF_CHECK(kFormat, !pad_token || (*pad_token >= 0 && *pad_token < vocab_size),
           "[{}] pad_token_id must be below vocab_size ({}) but is {}", model_type, vocab_size, pad_token.value_or(0));
  for (const LayerSpec& layer : layers) {
    LF_CHECK(kFormat, layer.window >= 0, "[{}] sliding_window must be positive but is {}", model_type, layer.window);
  }
  LF_CHECK(kFormat, attention.query_scale_beta == 0 || attention.query_scale_length > 0,
           "[{}] llama_4_scaling_beta needs original_max_position_embeddings", model_type);
  validate_rope(*this);
}

std::vector<TensorShape> ModelSpec::tensors() const {
  const int64_t q = attention.heads * attention.head_dim, kv = attention.kv_heads * attention.head_dim;
  std::vector<TensorShape> out;
  auto linear = [&](const std::string& name, int64_t in, int64_t to, bool bias) {
    out.push_back({name + ".weight", {to, in}});
    if (bias) out.push_back({name + ".bias", {to}});
  };
  out.push_back({"model.embed_tokens.weight", {vocab_size, hidden_size}});
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string block = fmt::format("model.layers.{}.", i);
    linear(block + "self_attn.q_proj", hidden_size, q, attention.qkv_bias);
    linear(block + "self_attn.k_proj", hidden_size, kv, attention.qkv_bias);
    linear(block + "self_attn.v_proj", hidden_size, kv, attention.qkv_bias);
    linear(block + "self_attn.o_proj", q, hidden_size, attention.output_bias);
    if (attention.qk_norm == QkNorm::kPerHead) {
      out.push_back({block + "self_attn.q_norm.weight", {attention.head_dim}});
      out.push_back({block + "self_attn.k_norm.weight", {attention.head_dim}});
    }
    linear(block + "mlp.gate_proj", hidden_size, mlp.intermediate_size, mlp.bias);
    linear(block + "mlp.up_proj", hidden_size, mlp.intermediate_size, mlp.bias);
    linear(block + "mlp.down_proj", mlp.intermediate_size, hidden_size, mlp.bias);
    out.push_back({block + "input_layernorm.weight", {hidden_size}});
    out.push_back({block + "post_attention_layernorm.weight", {hidden_size}});
  }
  out.push_back({"model.norm.weight", {hidden_size}});
  if (!tied_embeddings) out.push_back({"lm_head.weight", {vocab_size, hidden_size}});
  return out;
}

int64_t ModelSpec::parameter_count() const {
  int64_t count = 0;
  for (const TensorShape& tensor : tensors()) count += elements(tensor);
  return count;
}

std::vector<std::string> ModelSpec::linear_names() const {
  return {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"};
}

double ModelSpec::forward_flops_per_token(int64_t sequence_length) const {
  const double d = static_cast<double>(hidden_size), q = static_cast<double>(attention.heads * attention.head_dim);
  const double kv = static_cast<double>(attention.kv_heads * attention.head_dim);
  const double linear = d * (q + 2 * kv) + q * d + 3 * d * static_cast<double>(mlp.intermediate_size);
  double flops = 2 * d * static_cast<double>(vocab_size);
  for (const LayerSpec& layer : layers) {
    const double seen =
        layer.window > 0 ? static_cast<double>(std::min(layer.window, sequence_length)) : sequence_length / 2.0;
    flops += 2 * linear + 4 * seen * q;
  }
  return flops;
}

std::string ModelSpec::to_string() const {
  int64_t windowed = 0, window = 0;
  for (const LayerSpec& layer : layers) {
    windowed += layer.window > 0;
    window = std::max(window, layer.window);
  }
  std::string text;
  auto line = [&](const char* name, const auto& value) { text += fmt::format("{}: {}\n", name, value); };
  line("model_type", model_type);
  line("parameters", parameter_count());
  line("layers", layers.size());
  line("hidden_size", hidden_size);
  line("vocab_size", vocab_size);
  line("max_positions", max_positions);
  line("tied_embeddings", tied_embeddings);
  line("attention", fmt::format("{} heads, {} key-value heads, width {}{}{}{}", attention.heads, attention.kv_heads,
                                attention.head_dim, attention.qkv_bias ? ", qkv bias" : "",
                                attention.output_bias ? ", output bias" : "",
                                attention.qk_norm == QkNorm::kPerHead ? ", norm per head" : ""));
  line("mlp", fmt::format("{} wide, {}{}", mlp.intermediate_size, name_of(mlp.activation), mlp.bias ? ", bias" : ""));
  line("norm_eps", norm.eps);
  line("rope", fmt::format("theta {}, {}{}", rope.theta, name_of(rope.scaling),
                           rope.scaling == RopeScaling::kNone ? "" : fmt::format(" x{}", rope.factor)));
  if (windowed > 0)
    line("sliding_window", fmt::format("{} tokens in {} of {} layers", window, windowed, layers.size()));
  return text;
}

}  // namespace lf
