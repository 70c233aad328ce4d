// TeleChat 1 and 2 (arXiv 2401.03804, 2410.22015), after the code published with the models: keys and values in one
// matrix, biases after attention and MLP, and a rotary base that grows in steps with the length.
#include "model/arch.h"

namespace lf {

/// What the steps count from where config.json does not say so: numbers in the code of the first models, 7B and 12B.
static int64_t base_length(const ModelSpec& spec) { return spec.hidden_size == 5120 ? 8192 : 4096; }

static ModelSpec describe(const Json& config) {
  Json named = renamed(config, {{"n_layer", "num_hidden_layers"},
                                {"n_head", "num_attention_heads"},
                                {"n_embed", "hidden_size"},
                                {"layer_norm_epsilon", "rms_norm_eps"},
                                {"training_seqlen", "max_position_embeddings"}});
  named["intermediate_size"] = required_int(config, "ffn_hidden_size");  // that of config.json means nothing
  named["pad_token_id"] = nullptr;                                       // its embedding has no padding row
  named["hidden_act"] = "silu";                                          // whatever config.json says
  ModelSpec spec = llama_spec(defaulted(named, {{"rms_norm_eps", 1e-5}, {"tie_word_embeddings", true}}));
  spec.rope().scaling = RopeScaling::kNtkSteps;
  spec.rope().max_positions = int_or(config, "training_seqlen", 8192);
  spec.rope().original_max_positions = int_or(config, "base_seqlen", base_length(spec));
  spec.rope().length_mscale = true;
  spec.attention.qkv_bias = false;
  spec.attention.output_bias = true;
  spec.attention.layout = QkvLayout::kKeyValue;
  spec.attention.names.q = "query";
  spec.attention.names.fused = "key_value";
  spec.attention.names.output = "dense";
  spec.mlp.bias = false;
  spec.mlp.down_bias = true;
  spec.block.attention = "self_attention";
  if (bool_or(config, "apply_residual_connection_post_layernorm", false)) spec.block.wiring = Wiring::kNormedResidual;
  spec.names = {.base = "transformer",
                .embedding = "word_embeddings",
                .embedding_norm = bool_or(config, "embed_layernorm", false) ? "word_embeddings_layernorm" : "",
                .layers = "h",
                .norm = "ln_f"};
  return spec;
}

extern const ArchEntry entry_telechat;
constinit const ArchEntry entry_telechat{.name = "telechat", .describe = describe};

}  // namespace lf
