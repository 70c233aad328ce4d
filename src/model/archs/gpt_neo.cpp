// GPT-Neo: learned positions, scores that are not scaled, a window in every other layer.
#include "base/error.h"
#include "model/arch.h"

namespace lf {

/// [[["global", "local"], 12]] -> global, local, global, ...
static std::vector<std::string> attention_kinds(const Json& config, size_t layers) {
  std::vector<std::string> kinds = layer_strings(config, "attention_layers", layers);
  if (!kinds.empty()) return kinds;
  const Json types =
      config.contains("attention_types") ? config.at("attention_types") : Json::parse(R"([[["global", "local"], 12]])");
  LF_CHECK(kFormat, types.is_array(), "config.json: attention_types must be a list");
  for (const Json& row : types) {
    LF_CHECK(kFormat, row.is_array() && row.size() == 2 && row[0].is_array() && row[1].is_number_integer(),
             "config.json: attention_types must hold pairs of kinds and how often they come");
    for (int64_t i = 0; i < row[1].get<int64_t>() && kinds.size() <= layers; ++i) {
      for (const Json& kind : row[0]) kinds.push_back(kind.is_string() ? kind.get<std::string>() : "?");
    }
  }
  LF_CHECK(kFormat, kinds.size() == layers, "config.json: attention_types must name all {} layers", layers);
  return kinds;
}

static ModelSpec describe(const Json& config) {
  Json named = renamed(config, {{"num_layers", "num_hidden_layers"}, {"num_heads", "num_attention_heads"}});
  if (!find_value(named, "intermediate_size")) named["intermediate_size"] = 4 * required_int(named, "hidden_size");
  named["num_key_value_heads"] = required_int(named, "num_attention_heads");
  named["pad_token_id"] = nullptr;  // its embedding has no padding row
  ModelSpec spec = llama_spec(defaulted(named, {{"tie_word_embeddings", true}}));
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_epsilon", 1e-5));
  spec.ropes.clear();
  spec.learned_positions = spec.max_positions;
  spec.attention.qkv_bias = false;
  spec.attention.output_bias = true;
  spec.attention.scale = 1;
  spec.attention.names.output = "out_proj";
  const std::string activation = string_or(config, "activation_function", "gelu_new");
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, activation_named(activation), true, "c_fc", "c_proj");
  spec.block.attention = "attn.attention";
  spec.block.attention_norm = "ln_1";
  spec.block.mlp_norm = "ln_2";
  spec.names = {.base = "transformer", .embedding = "wte", .positions = "wpe", .layers = "h", .norm = "ln_f"};
  const std::vector<std::string> kinds = attention_kinds(config, spec.layers.size());
  const int64_t window = int_or(config, "window_size", 256);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    LF_CHECK(kFormat, kinds[i] == "global" || kinds[i] == "local", "config.json: attention kind '{}' of layer {}",
             kinds[i], i);
    spec.layers[i].rope = -1;
    spec.layers[i].window = kinds[i] == "local" ? window : 0;
  }
  return spec;
}

extern const ArchEntry entry_gpt_neo;
constinit const ArchEntry entry_gpt_neo{.name = "gpt_neo", .describe = describe};

}  // namespace lf
