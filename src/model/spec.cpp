#include "model/spec.h"

#include "base/error.h"
#include "layers/feed_forward.h"
#include "layers/mixer.h"

namespace lf {

namespace {
constexpr int64_t kLargest = int64_t{1} << 31;

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
    case RopeScaling::kLongrope:
      return "longrope";
    case RopeScaling::kNtkSteps:
      return "ntk_steps";
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
    case Activation::kQuickGelu:
      return "quick_gelu";
    case Activation::kRelu:
      return "relu";
    case Activation::kRelu2:
      return "relu2";
    case Activation::kSigmoid:
      return "sigmoid";
    case Activation::kXielu:
      return "xielu";
  }
  return "?";
}

void check_positive(const ModelSpec& spec, const char* what, int64_t value) {
  LF_CHECK(kFormat, value > 0, "[{}] {} must be positive but is {}", spec.model_type, what, value);
}

void validate_rope(const ModelSpec& spec, const RopeSpec& rope, int64_t head_dim) {
  LF_CHECK(kFormat, rope.theta > 0, "[{}] rope_theta must be positive but is {}", spec.model_type, rope.theta);
  const auto width = rope.width > 0 ? rope.width : static_cast<int64_t>(head_dim * rope.rotated_fraction);
  LF_CHECK(kFormat, width > 0 && width % 2 == 0, "[{}] rope: {} must be even but is {}", spec.model_type,
           width == head_dim ? "head_dim" : "the width that turns", width);
  LF_CHECK(kFormat, rope.width > 0 || width <= head_dim, "[{}] rope: partial_rotary_factor is {}, above 1",
           spec.model_type, rope.rotated_fraction);
  if (rope.scaling == RopeScaling::kNone) return;
  LF_CHECK(kFormat, rope.factor > 0, "[{}] rope: factor must be positive but is {}", spec.model_type, rope.factor);
  if (rope.scaling == RopeScaling::kDynamic) {
    check_positive(spec, "max_position_embeddings (needed by dynamic rope)", rope.max_positions);
    LF_CHECK(kFormat, width > 2, "[{}] dynamic rope needs head_dim above 2", spec.model_type);
  }
  LF_CHECK(kFormat, rope.scaling != RopeScaling::kNtkSteps || width > 2, "[{}] rope: head_dim must be above 2",
           spec.model_type);
  if (rope.scaling == RopeScaling::kYarn || rope.scaling == RopeScaling::kLlama3 ||
      rope.scaling == RopeScaling::kLongrope || rope.scaling == RopeScaling::kNtkSteps) {
    check_positive(spec, "rope: original_max_position_embeddings", rope.original_max_positions);
  }
  if (rope.scaling == RopeScaling::kLlama3) {
    LF_CHECK(kFormat, rope.high_freq_factor > rope.low_freq_factor && rope.low_freq_factor > 0,
             "[{}] rope: high_freq_factor must be above low_freq_factor, which must be positive; they are {} and {}",
             spec.model_type, rope.high_freq_factor, rope.low_freq_factor);
  }
  if (rope.scaling != RopeScaling::kLongrope) return;
  for (const auto* factors : {&rope.short_factor, &rope.long_factor}) {
    LF_CHECK(kFormat, static_cast<int64_t>(factors->size()) == width / 2,
             "[{}] longrope needs {} numbers in short_factor and long_factor but has {}", spec.model_type, width / 2,
             factors->size());
  }
}
}  // namespace

static void validate_attention(const ModelSpec& spec, const AttentionSpec& attention) {
  check_positive(spec, "num_attention_heads", attention.heads);
  check_positive(spec, "num_key_value_heads", attention.kv_heads);
  check_positive(spec, "head_dim", attention.head_dim);
  LF_CHECK(kFormat, attention.value_dim >= 0 && attention.value_dim < kLargest,
           "[{}] v_head_dim must be positive but is {}", spec.model_type, attention.value_dim);
  LF_CHECK(
      kFormat,
      attention.heads < kLargest && attention.head_dim < kLargest && attention.heads * attention.head_dim < kLargest,
      "[{}] {} heads of {} are beyond what a model can have", spec.model_type, attention.heads, attention.head_dim);
  LF_CHECK(kFormat, attention.heads % attention.kv_heads == 0,
           "[{}] num_attention_heads ({}) must be a multiple of num_key_value_heads ({})", spec.model_type,
           attention.heads, attention.kv_heads);
  LF_CHECK(kFormat, attention.dropout >= 0 && attention.dropout < 1,
           "[{}] attention_dropout must be in [0, 1) but is {}", spec.model_type, attention.dropout);
  LF_CHECK(kFormat, attention.query_scale_beta == 0 || attention.query_scale_length > 0,
           "[{}] llama_4_scaling_beta needs original_max_position_embeddings", spec.model_type);
}

static void validate_layer(const ModelSpec& spec, size_t i) {
  const LayerSpec& layer = spec.layers[i];
  LF_CHECK(kFormat, layer.window >= 0, "[{}] sliding_window must be positive but is {}", spec.model_type, layer.window);
  LF_ASSERT(layer.rope < static_cast<int64_t>(spec.ropes.size()));
  if (layer.build) return;
  if (layer.mixer) {
    layer.mixer->validate();
  } else {
    validate_attention(spec, spec.attention_of(i));
    if (layer.rope >= 0) validate_rope(spec, spec.ropes[layer.rope], spec.attention_of(i).head_dim);
  }
  if (layer.feed_forward) {
    layer.feed_forward->validate();
  } else {
    check_positive(spec, "intermediate_size", spec.mlp_of(i).intermediate_size);
    LF_CHECK(kFormat, spec.mlp_of(i).intermediate_size < kLargest, "[{}] a size of {} is beyond what a model can have",
             spec.model_type, spec.mlp_of(i).intermediate_size);
  }
}

void ModelSpec::validate() const {
  constexpr int64_t kMostLayers = 4096;
  check_positive(*this, "vocab_size", vocab_size);
  check_positive(*this, "hidden_size", hidden_size);
  check_positive(*this, "num_hidden_layers", static_cast<int64_t>(layers.size()));
  for (int64_t size : {vocab_size, hidden_size}) {
    LF_CHECK(kFormat, size < kLargest, "[{}] a size of {} is beyond what a model can have", model_type, size);
  }
  LF_CHECK(kFormat, static_cast<int64_t>(layers.size()) <= kMostLayers,
           "[{}] {} layers are beyond what a model can have", model_type, layers.size());
  LF_CHECK(kFormat, norm.eps >= 0, "[{}] rms_norm_eps must not be negative but is {}", model_type, norm.eps);
  LF_CHECK(kFormat, !pad_token || (*pad_token >= 0 && *pad_token < vocab_size),
           "[{}] pad_token_id must be below vocab_size ({}) but is {}", model_type, vocab_size, pad_token.value_or(0));
  for (int64_t id : unused_tokens) {
    LF_CHECK(kFormat, id >= 0 && id < vocab_size, "[{}] dummy_token_indices: {} is not below vocab_size ({})",
             model_type, id, vocab_size);
  }
  for (size_t i = 0; i < layers.size(); ++i) validate_layer(*this, i);
}

/// The distinct descriptions of a part with the number of layers that have it.
static std::string counted(const std::vector<std::string>& descriptions) {
  std::vector<std::pair<std::string, int64_t>> counts;
  for (const std::string& text : descriptions) {
    auto known = std::find_if(counts.begin(), counts.end(), [&](const auto& entry) { return entry.first == text; });
    if (known == counts.end()) {
      counts.emplace_back(text, 1);
    } else {
      ++known->second;
    }
  }
  std::string out;
  for (const auto& [text, count] : counts) {
    out += (out.empty() ? "" : "; ") + text;
    if (counts.size() > 1) out += fmt::format(" ({} of {} layers)", count, descriptions.size());
  }
  return out;
}

static std::string describe(const AttentionSpec& attention) {
  std::string text =
      fmt::format("{} heads, {} key-value heads, width {}", attention.heads, attention.kv_heads, attention.head_dim);
  if (attention.qkv_bias) text += ", qkv bias";
  if (attention.output_bias) text += ", output bias";
  if (attention.qk_norm != QkNorm::kNone) {
    text += attention.qk_norm == QkNorm::kFull ? ", query and key norm" : ", norm per head";
  }
  if (attention.score_softcap != 0) text += fmt::format(", softcap {}", attention.score_softcap);
  if (attention.value_dim > 0) text += fmt::format(", values {}", attention.value_dim);
  if (attention.sinks) text += ", sinks";
  if (attention.alibi) text += ", ALiBi";
  if (attention.output_gate) text += ", output gate";
  return text;
}

static std::string describe(const MlpSpec& mlp) {
  return fmt::format("{} wide, {}{}{}", mlp.intermediate_size, name_of(mlp.activation), mlp.gated ? "" : ", not gated",
                     mlp.bias ? ", bias" : "");
}

static std::string describe(const RopeSpec& rope) {
  std::string text = fmt::format("theta {}, {}", rope.theta, name_of(rope.scaling));
  if (rope.scaling != RopeScaling::kNone) text += fmt::format(" x{}", rope.factor);
  if (rope.rotated_fraction != 1) text += fmt::format(", {} of the width", rope.rotated_fraction);
  if (rope.interleaved) text += ", interleaved";
  return text;
}

std::string ModelSpec::to_string() const {
  std::vector<std::string> mixers, feed_forwards, positions, windows;
  for (size_t i = 0; i < layers.size(); ++i) {
    const LayerSpec& layer = layers[i];
    if (layer.build) continue;
    mixers.push_back(layer.mixer ? layer.mixer->describe() : describe(attention_of(i)));
    feed_forwards.push_back(layer.feed_forward ? layer.feed_forward->describe() : describe(mlp_of(i)));
    if (!layer.mixer) positions.push_back(layer.rope < 0 ? "none" : describe(ropes[layer.rope]));
    if (layer.window > 0) windows.push_back(fmt::format("{} tokens", layer.window));
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
  if (!mixers.empty()) line("attention", counted(mixers));
  if (!feed_forwards.empty()) line("mlp", counted(feed_forwards));
  line("norm_eps", norm.eps);
  if (!positions.empty()) line("rope", counted(positions));
  if (learned_positions > 0) line("learned_positions", learned_positions);
  if (!windows.empty())
    line("sliding_window", fmt::format("{} in {} of {} layers", windows.front(), windows.size(), layers.size()));
  return text;
}

}  // namespace lf
