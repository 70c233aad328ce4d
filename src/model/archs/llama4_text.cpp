// Llama 4, the text model (MobileLLM-R1, too, which has no experts): chunked attention, every no_rope_layer_interval-th
// layer without rotary positions, and experts whose inputs are weighted instead of their outputs.
#include "base/error.h"
#include "layers/mixers/chunked_attention.h"
#include "model/moe_config.h"

namespace lf {

/// 1 for layers with rotary positions.
static std::vector<int64_t> rotary_layers(const Json& config, int64_t layers) {
  std::vector<int64_t> given = int_list(config, "no_rope_layers");
  const int64_t interval = int_or(config, "no_rope_layer_interval", 4);
  LF_CHECK(kFormat, interval > 0, "config.json: no_rope_layer_interval must be positive but is {}", interval);
  for (int64_t i = static_cast<int64_t>(given.size()); i < layers; ++i) given.push_back((i + 1) % interval != 0);
  return given;
}

static void read_attention(const Json& config, ModelSpec& spec) {
  ChunkedAttentionSpec attention;
  attention.heads = spec.attention.heads;
  attention.kv_heads = spec.attention.kv_heads;
  attention.head_dim = spec.attention.head_dim;
  attention.bias = spec.attention.qkv_bias;
  attention.norm_eps = spec.norm.eps;
  attention.dropout = spec.attention.dropout;
  attention.scale_length = int_or(config, "floor_scale", 8192);
  const int64_t chunk = config.contains("attention_chunk_size") ? int_or(config, "attention_chunk_size", 0) : 8192;
  const double beta = bool_or(config, "attn_temperature_tuning", true) ? number_or(config, "attn_scale", 0.1) : 0.0;
  const bool qk_norm = bool_or(config, "use_qk_norm", true);
  const auto rotary = rotary_layers(config, static_cast<int64_t>(spec.layers.size()));
  const auto types = layer_strings(config, "layer_types", spec.layers.size());
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool turns = rotary[i] != 0, chunked = types.empty() ? turns : types[i] == "chunked_attention";
    attention.qk_norm = turns && qk_norm;
    attention.scale_beta = turns ? 0 : beta;
    attention.chunk = chunked ? chunk : 0;
    spec.layers[i].rope = turns ? 0 : -1;
    spec.layers[i].mixer = std::make_shared<const ChunkedAttentionSpec>(attention);
  }
}

static std::vector<int64_t> expert_layers(const Json& config, int64_t layers) {
  if (find_value(config, "moe_layers")) return int_list(config, "moe_layers");
  std::vector<int64_t> out;
  const int64_t step = int_or(config, "interleave_moe_layer_step", 1);
  for (int64_t i = step - 1; step > 0 && i < layers; i += step) out.push_back(i);
  return out;
}

static void read_moe(const Json& config, ModelSpec& spec) {
  const std::vector<int64_t> sparse = expert_layers(config, static_cast<int64_t>(spec.layers.size()));
  if (sparse.empty()) return;
  const int64_t width = int_or(config, "intermediate_size", 8192);
  MoeSpec moe = read_experts(config, width, 16, 1);
  moe.router.rule = RouterRule::kSigmoid;
  moe.router.name = "router";
  moe.router.round_weights = true;
  moe.experts.transposed = moe.experts.weigh_input = true;
  moe.experts.stored = StoredExperts::kStacked;
  moe.shared = MlpSpec{.intermediate_size = width, .activation = moe.experts.activation};
  moe.shared_name = "shared_expert";
  set_experts(spec, moe, [&](int64_t i) { return std::find(sparse.begin(), sparse.end(), i) != sparse.end(); });
}

static ModelSpec describe(const Json& given) {
  const Json config = defaulted(given, {{"head_dim", 128}, {"num_key_value_heads", 8}, {"rms_norm_eps", 1e-5}});
  ModelSpec spec = llama_spec(config);
  spec.ropes = {read_rope(config, spec.max_positions, 500000.0)};
  spec.rope().interleaved = true;
  spec.mlp.bias = false;
  spec.mlp.intermediate_size = int_or(config, "intermediate_size_mlp", 16384);
  spec.block.mlp = "feed_forward";
  read_attention(config, spec);
  read_moe(config, spec);
  return spec;
}

extern const ArchEntry entry_llama4_text;
constinit const ArchEntry entry_llama4_text{.name = "llama4_text", .describe = describe};

}  // namespace lf
