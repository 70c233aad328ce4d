// The numbers of config.json under llama.cpp's keys, and what llama.cpp cannot do.
#include <cmath>

#include "base/error.h"
#include "base/strings.h"
#include "model/arch.h"
#include "model/gguf_impl.h"

namespace lf {
namespace {

const Json kNothing = Json::object();

/// The rope settings of the layers that see everything, old and new spelling.
const Json& rope_settings(const Json& config) {
  for (const char* key : {"rope_parameters", "rope_scaling"}) {
    const auto found = config.find(key);
    if (found == config.end() || !found->is_object() || found->empty()) continue;
    const auto full = found->find("full_attention");
    return full == found->end() ? *found : *full;
  }
  return kNothing;
}

std::string rope_type(const Json& rope) {
  return to_lower(string_or(rope, "rope_type", string_or(rope, "type", "default")));
}

double default_theta(const GgufFamily& family) { return family.name == "gemma3_text" ? 1e6 : 1e4; }

class Keys {
 public:
  Keys(std::string_view architecture, GgufMetadata& out) : prefix_(std::string(architecture) + "."), out_(out) {}
  void count(std::string_view key, int64_t value) { add(key, static_cast<uint32_t>(value)); }
  void number(std::string_view key, double value) { add(key, static_cast<float>(value)); }
  void text(std::string_view key, std::string value) { add(key, std::move(value)); }

 private:
  void add(std::string_view key, GgufValue value) { out_.emplace_back(prefix_ + std::string(key), std::move(value)); }
  std::string prefix_;
  GgufMetadata& out_;
};

void add_rope(const GgufFamily& family, const Json& config, Keys& keys) {
  const Json& rope = rope_settings(config);
  const std::string type = rope_type(rope);
  if (type == "linear" || type == "yarn") {
    keys.text("rope.scaling.type", type);
    keys.number("rope.scaling.factor", number_or(rope, "factor", 1.0));
  } else {
    LF_CHECK(kUnsupported, type == "default" || type == "llama3",
             "export_gguf: rope type '{}' cannot be written (default, linear, yarn, llama3)", printable(type));
  }
  if (type == "yarn") {
    const int64_t original =
        int_or(rope, "original_max_position_embeddings", int_or(config, "original_max_position_embeddings", 0));
    LF_CHECK(kFormat, original > 0, "config.json: yarn rope needs 'original_max_position_embeddings'");
    keys.count("rope.scaling.original_context_length", original);
    for (const auto& [theirs, ours] : {std::pair("attention_factor", "rope.scaling.attn_factor"),
                                       std::pair("beta_fast", "rope.scaling.yarn_beta_fast"),
                                       std::pair("beta_slow", "rope.scaling.yarn_beta_slow")}) {
      if (const double value = number_or(rope, theirs, -1); value >= 0) keys.number(ours, value);
    }
  }
  const double theta = number_or(rope, "rope_theta", number_or(config, "rope_theta", default_theta(family)));
  const bool implied = family.name == "gemma" || family.name == "gemma2";  // llama.cpp's default stands for theirs
  if (!implied || theta != 1e4) keys.number("rope.freq_base", theta);
  if (family.name != "gemma3_text") return;
  const Json all = config.value("rope_parameters", kNothing);
  const Json local = all.is_object() ? all.value("sliding_attention", kNothing) : kNothing;
  const std::string local_type = rope_type(local);
  LF_CHECK(kUnsupported, local_type == "default", "export_gguf: llama.cpp does not scale rope in sliding layers ('{}')",
           printable(local_type));
  keys.number("rope.freq_base_swa", number_or(local, "rope_theta", number_or(config, "rope_local_base_freq", 1e4)));
}

/// llama.cpp scales scores by 1/sqrt(head_dim), in Gemma's 27B models by 1/sqrt(hidden/heads), whatever the file says.
void check_score_scale(const GgufFamily& family, const Json& config, int64_t heads, int64_t head_dim) {
  if (family.window_pattern == 0) return;
  const int64_t largest = family.name == "gemma2" ? 46 : 62;
  const int64_t expected =
      required_int(config, "num_hidden_layers") == largest ? required_int(config, "hidden_size") / heads : head_dim;
  const double scalar = number_or(config, "query_pre_attn_scalar", 256);
  LF_CHECK(kUnsupported, scalar == static_cast<double>(expected),
           "export_gguf: llama.cpp's {} has query_pre_attn_scalar {} here, but this model's is {}", family.architecture,
           expected, scalar);
}

/// Gemma's windows: llama.cpp has the pattern built in.
void check_windows(const GgufFamily& family, const Json& config, GgufModel& model) {
  const auto types = config.find("layer_types");
  if (family.window_pattern == 0) {
    const bool mistral = family.name == "mistral";
    const auto window = config.find("sliding_window");
    const bool set = window == config.end() ? mistral : !window->is_null();
    if (set && (mistral || bool_or(config, "use_sliding_window", false))) {
      model.warnings.push_back(
          "llama.cpp has no sliding window in this architecture: all layers see the whole context");
    }
    return;
  }
  if (types == config.end() || !types->is_array()) return;
  for (size_t i = 0; i < types->size(); ++i) {
    const bool full = (i + 1) % static_cast<size_t>(family.window_pattern) == 0;
    LF_CHECK(kUnsupported, (*types)[i] == (full ? "full_attention" : "sliding_attention"),
             "export_gguf: llama.cpp's {} gives every {}-th layer full attention; layer {} of this model is {}",
             family.architecture, family.window_pattern, i, printable((*types)[i].dump()));
  }
}

void check_activation(const GgufFamily& family, const Json& config) {
  const std::string wanted = family.one_plus_norm ? "gelu_pytorch_tanh" : "silu";
  const std::string fallback = string_or(config, "hidden_act", wanted);
  const std::string found = string_or(config, "hidden_activation", fallback);
  const bool old_gemma = family.name == "gemma" && found == "gelu";  // means the tanh form in old files
  LF_CHECK(kUnsupported, found == wanted || old_gemma,
           "export_gguf: llama.cpp's {} computes {}, but this model's activation is {}", family.architecture, wanted,
           printable(found));
}

void add_soft_caps(const GgufFamily& family, const Json& config, Keys& keys) {
  const double scores = number_or(config, "attn_logit_softcapping", family.name == "gemma2" ? 50.0 : 0.0);
  const double logits = number_or(config, "final_logit_softcapping", family.name == "gemma2" ? 30.0 : 0.0);
  const auto null = [&](const char* key) { return config.contains(key) && config.at(key).is_null(); };
  if (family.name == "gemma2") {
    LF_CHECK(kUnsupported, !null("attn_logit_softcapping") && !null("final_logit_softcapping"),
             "export_gguf: llama.cpp's gemma2 always caps logits, but this model does not");
    keys.number("attn_logit_softcapping", scores);
  } else {
    LF_CHECK(kUnsupported, scores == 0, "export_gguf: llama.cpp's {} does not cap attention scores",
             family.architecture);
  }
  if (logits != 0) keys.number("final_logit_softcapping", logits);
}

}  // namespace

GgufModel gguf_hyperparameters(const GgufFamily& family, const Json& config) {
  GgufModel model;
  Keys keys(family.architecture, model.metadata);
  const bool gemma = family.one_plus_norm;
  const int64_t heads = required_int(config, "num_attention_heads"), hidden = required_int(config, "hidden_size");
  LF_CHECK(kFormat, heads > 0, "config.json: num_attention_heads must be positive but is {}", heads);
  const int64_t usual = gemma ? 256 : family.name == "qwen3" ? 128 : hidden / heads;
  const int64_t head_dim = int_or(config, "head_dim", usual);
  check_activation(family, config);
  check_windows(family, config, model);
  check_score_scale(family, config, heads, head_dim);
  keys.count("block_count", required_int(config, "num_hidden_layers"));
  keys.count("context_length", int_or(config, "max_position_embeddings", family.name == "gemma3_text" ? 131072 : 2048));
  keys.count("embedding_length", hidden);
  keys.count("feed_forward_length", required_int(config, "intermediate_size"));
  keys.count("attention.head_count", heads);
  keys.count("attention.head_count_kv", int_or(config, "num_key_value_heads", heads));
  add_rope(family, config, keys);
  keys.number("attention.layer_norm_rms_epsilon", number_or(config, "rms_norm_eps", 1e-6));
  if (family.name != "qwen2" || head_dim != hidden / heads) {
    keys.count("attention.key_length", head_dim);
    keys.count("attention.value_length", head_dim);
  }
  if (family.interleaved_rope) keys.count("rope.dimension_count", head_dim);
  if (family.window_pattern > 0) {
    keys.count("attention.sliding_window", int_or(config, "sliding_window", 4096));
    add_soft_caps(family, config, keys);
  }
  return model;
}

Tensor llama3_rope_factors(const Json& config) {
  const Json& rope = rope_settings(config);
  if (rope_type(rope) != "llama3") return Tensor();
  const auto theta = static_cast<float>(number_or(rope, "rope_theta", number_or(config, "rope_theta", 1e4)));
  const auto factor = static_cast<float>(number_or(rope, "factor", 8.0));
  const double low = number_or(rope, "low_freq_factor", 1.0), high = number_or(rope, "high_freq_factor", 4.0);
  const auto length = static_cast<double>(int_or(rope, "original_max_position_embeddings", 8192));
  const int64_t heads = required_int(config, "num_attention_heads");
  const int64_t width = int_or(config, "head_dim", required_int(config, "hidden_size") / heads);
  Tensor factors = at::empty({width / 2}, at::kFloat);
  for (int64_t i = 0; i < width / 2; ++i) {
    const float power = static_cast<float>(2 * i) / static_cast<float>(width);
    const float frequency = 1.0f / std::pow(theta, power);
    const float wave = static_cast<float>(2 * M_PI) / frequency;
    const auto smooth = static_cast<float>((length / wave - low) / (high - low));
    const float between = 1.0f / ((1.0f - smooth) / factor + smooth);
    factors.data_ptr<float>()[i] = wave < length / high ? 1.0f : wave > length / low ? factor : between;
  }
  return factors;
}

}  // namespace lf
