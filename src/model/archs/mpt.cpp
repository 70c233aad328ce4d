// MPT: ALiBi, layer norms without bias, one matrix for queries, keys and values.
#include "base/error.h"
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  Json named = renamed(config, {{"d_model", "hidden_size"},
                                {"n_layers", "num_hidden_layers"},
                                {"n_heads", "num_attention_heads"},
                                {"max_seq_len", "max_position_embeddings"}});
  named["intermediate_size"] = 4 * required_int(named, "hidden_size");
  named["num_key_value_heads"] = required_int(named, "num_attention_heads");
  named["pad_token_id"] = nullptr;  // its embedding has no padding row
  ModelSpec spec = llama_spec(defaulted(named, {{"tie_word_embeddings", true}}));
  const Json attention = find_value(config, "attn_config") ? config.at("attn_config") : Json::object();
  LF_CHECK(kUnsupported, !bool_or(attention, "qk_ln", false) && bool_or(attention, "alibi", true),
           "config.json: attn_config with qk_ln or without alibi is not available for mpt");
  spec.norm = {.kind = NormKind::kLayer, .eps = number_or(config, "layer_norm_epsilon", 1e-5)};
  spec.ropes.clear();
  spec.attention.alibi = true;
  spec.attention.qkv_bias = spec.attention.output_bias = false;
  spec.attention.clip_qkv = number_or(attention, "clip_qkv", 0);
  spec.attention.scale = number_or(attention, "softmax_scale", 0);
  spec.attention.dropout = number_or(attention, "attn_pdrop", 0);
  spec.attention.layout = QkvLayout::kStacked;
  spec.attention.names.fused = "Wqkv";
  spec.attention.names.output = "out_proj";
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, Activation::kGelu, false, "up_proj", "down_proj");
  spec.block.attention = "attn";
  spec.block.mlp = "ffn";
  spec.block.attention_norm = "norm_1";
  spec.block.mlp_norm = "norm_2";
  spec.names = {.base = "transformer", .embedding = "wte", .layers = "blocks", .norm = "norm_f"};
  for (LayerSpec& layer : spec.layers) layer.rope = -1;
  return spec;
}

extern const ArchEntry entry_mpt;
constinit const ArchEntry entry_mpt{.name = "mpt", .describe = describe};

}  // namespace lf
