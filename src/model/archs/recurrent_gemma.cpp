// RecurrentGemma (arXiv 2404.07839): two blocks of a gated linear recurrence, then one of local attention.
#include "base/error.h"
#include "layers/mixers/rg_lru.h"
#include "model/arch.h"

namespace lf {

/// sqrt(hidden_size) as the reference keeps it: in bfloat16.
static double embedding_scale(int64_t hidden_size) {
  const float exact = std::sqrt(static_cast<float>(hidden_size));
  const auto bits = std::bit_cast<uint32_t>(exact);
  return std::bit_cast<float>((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u);
}

static ModelSpec describe(const Json& config) {
  Json given = defaulted(config, {{"tie_word_embeddings", true},
                                  {"pad_token_id", 0},
                                  {"partial_rotary_factor", 0.5},
                                  {"hidden_activation", "gelu_pytorch_tanh"}});
  given["hidden_act"] = given["hidden_activation"];
  ModelSpec spec = llama_spec(given);
  spec.norm.weight_offset = 1;
  spec.norm.fp32_weight = true;
  spec.embedding_multiplier = embedding_scale(spec.hidden_size);
  spec.logit_softcap = number_or(config, "logits_soft_cap", 30.0);
  spec.attention.output_bias = true;
  spec.mlp.intermediate_size /= 2;
  spec.mlp.bias = true;
  spec.block = {.attention = "temporal_block",
                .mlp = "mlp_block",
                .attention_norm = "temporal_pre_norm",
                .mlp_norm = "channel_pre_norm"};
  spec.names.norm = "final_norm";
  RgLruSpec recurrence;
  recurrence.width = int_or(config, "lru_width", spec.hidden_size);
  recurrence.heads = spec.attention.heads;
  recurrence.conv_width = int_or(config, "conv1d_width", 4);
  recurrence.activation = spec.mlp.activation;
  const auto shared = std::make_shared<RgLruSpec>(recurrence);
  const Json* pattern = find_value(config, "block_types");
  LF_CHECK(kFormat, !pattern || (pattern->is_array() && !pattern->empty()),
           "config.json: block_types must name at least one kind of block");
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool attends = pattern ? (*pattern)[i % pattern->size()] == "attention" : i % 3 == 2;
    spec.layers[i].window = attends ? int_or(config, "attention_window_size", 2048) : 0;
    if (!attends) spec.layers[i].mixer = shared;
  }
  return spec;
}

extern const ArchEntry entry_recurrent_gemma;
constinit const ArchEntry entry_recurrent_gemma{.name = "recurrent_gemma", .describe = describe};

}  // namespace lf
