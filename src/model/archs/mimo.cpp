// MiMo 7B (arXiv 2505.07608), after the code published with the model: Qwen2's block. Layers that predict more than one
// token are kept and saved, but do not run.
#include "model/arch.h"

namespace lf {

static std::vector<TensorShape> prediction_layer(const ModelSpec& spec, const std::string& prefix) {
  const int64_t hidden = spec.hidden_size, wide = spec.mlp.intermediate_size;
  const int64_t q = spec.attention.heads * spec.attention.head_dim,
                kv = spec.attention.kv_heads * spec.attention.head_dim;
  std::vector<TensorShape> tensors;
  for (const char* norm : {"input", "post_attention", "token", "hidden", "final"}) {
    tensors.push_back({prefix + norm + "_layernorm.weight", {hidden}});
  }
  tensors.push_back({prefix + "input_proj.weight", {hidden, 2 * hidden}});
  for (const auto& [name, rows] : {std::pair{"q", q}, std::pair{"k", kv}, std::pair{"v", kv}}) {
    tensors.push_back({fmt::format("{}self_attn.{}_proj.weight", prefix, name), {rows, hidden}});
    tensors.push_back({fmt::format("{}self_attn.{}_proj.bias", prefix, name), {rows}});
  }
  tensors.push_back({prefix + "self_attn.o_proj.weight", {hidden, q}});
  tensors.push_back({prefix + "mlp.gate_proj.weight", {wide, hidden}});
  tensors.push_back({prefix + "mlp.up_proj.weight", {wide, hidden}});
  tensors.push_back({prefix + "mlp.down_proj.weight", {hidden, wide}});
  return tensors;
}

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"max_position_embeddings", 32768}, {"num_key_value_heads", 32}}));
  spec.attention.qkv_bias = true;
  spec.attention.output_bias = spec.mlp.bias = false;
  read_qwen_windows(config, spec);
  for (int64_t i = 0; i < int_or(config, "num_nextn_predict_layers", 0); ++i) {
    for (TensorShape& tensor : prediction_layer(spec, fmt::format("mtp_layers.{}.", i))) {
      spec.carried.push_back(std::move(tensor));
    }
  }
  return spec;
}

extern const ArchEntry entry_mimo;
constinit const ArchEntry entry_mimo{.name = "mimo", .describe = describe};

}  // namespace lf
