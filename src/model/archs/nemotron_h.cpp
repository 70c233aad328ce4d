// Nemotron-H (arXiv 2504.03624) and Nemotron 3 Nano: blocks of one part each, Mamba-2, attention without positions, a
// plain MLP, or a mixture of experts.
#include "base/error.h"
#include "base/strings.h"
#include "layers/attention.h"
#include "layers/single_part_block.h"
#include "model/hybrid_config.h"
#include "model/moe_config.h"

namespace lf {

namespace {
/// "mamba", "attention", "mlp" or "moe" for each layer: a list, or letters M * - E.
std::vector<std::string> block_types(const Json& config) {
  std::vector<std::string> types;
  for (const char* key : {"layers_block_type", "layer_types"}) {
    const Json* list = find_value(config, key);
    if (!list) continue;
    return layer_strings(config, key, list->size());
  }
  const std::map<char, std::string> letters = {{'M', "mamba"}, {'*', "attention"}, {'-', "mlp"}, {'E', "moe"}};
  for (char letter : string_or(config, "hybrid_override_pattern", "ME*-")) {
    LF_CHECK(kFormat, letters.contains(letter), "config.json: hybrid_override_pattern has {}, which is none of M * - E",
             printable(std::string(1, letter)));
    types.push_back(letters.at(letter));
  }
  return types;
}

/// `key`, or what older configs call it.
int64_t either(const Json& config, const char* key, const char* old, int64_t fallback) {
  return int_or(config, old, int_or(config, key, fallback));
}

Mamba2Spec mamba_of(const Json& config, const ModelSpec& spec) {
  Mamba2Spec mixer;
  mixer.heads = int_or(config, "mamba_num_heads", 128);
  mixer.head_dim = int_or(config, "mamba_head_dim", 64);
  mixer.groups = either(config, "n_groups", "mamba_n_groups", 8);
  mixer.state = int_or(config, "ssm_state_size", 128);
  mixer.conv_width = either(config, "conv_kernel", "mamba_d_conv", 4);
  mixer.conv_bias = bool_or(config, "use_conv_bias", true);
  mixer.in_bias = mixer.out_bias = bool_or(config, "use_bias", false);
  mixer.norm = GatedNormSpec{.eps = spec.norm.eps, .groups = mixer.groups};
  std::tie(mixer.least_step, mixer.most_step) = step_limits(config, "time_step_limit");
  mixer.initial_steps = {.least = number_or(config, "time_step_min", 0.001),
                         .most = number_or(config, "time_step_max", 0.1),
                         .floor = number_or(config, "time_step_floor", 1e-4)};
  mixer.validate();
  return mixer;
}

MoeSpec experts_of(const Json& config, const MlpSpec& mlp) {
  LF_CHECK(kUnsupported, !find_value(config, "moe_latent_size"),
           "config.json: moe_latent_size (experts in a narrower space) is not available");
  MoeSpec moe = read_deepseek_v3_experts(defaulted(config, {{"moe_intermediate_size", 7688}}), 8, 2);
  moe.experts.activation = mlp.activation;
  moe.experts.gated = false;
  moe.experts.up = "experts.up_proj";
  moe.shared = mlp;
  moe.shared->intermediate_size = int_or(config, "moe_shared_expert_intermediate_size", 7688);
  moe.validate();
  return moe;
}

LayerSpec layer_of(const std::string& type, const Json& config, const ModelSpec& spec) {
  LayerSpec layer;
  layer.rope = -1;
  if (type == "mamba") {
    layer.mixer = std::make_shared<Mamba2Spec>(mamba_of(config, spec));
  } else if (type == "moe") {
    layer.feed_forward = std::make_shared<MoeSpec>(experts_of(config, spec.mlp));
  } else {
    LF_CHECK(kFormat, type == "attention" || type == "mlp",
             "config.json: {} is no kind of block; there are mamba, attention, mlp and moe", printable(type));
  }
  layer.build = [type, mixer = layer.mixer, experts = layer.feed_forward,
                 wide = bool_or(config, "residual_in_fp32", false)](
                    const ModelSpec& model, const LayerPlace& place) -> std::unique_ptr<DecoderLayer> {
    const SinglePartBlock::Options options{model.norm, model.hidden_size, wide};
    if (mixer) return std::make_unique<SinglePartBlock>(options, mixer->build(place), nullptr);
    if (experts) return std::make_unique<SinglePartBlock>(options, nullptr, experts->build(place));
    if (type == "mlp") {
      return std::make_unique<SinglePartBlock>(options, nullptr, std::make_unique<Mlp>(model.mlp, model.hidden_size));
    }
    return std::make_unique<SinglePartBlock>(options, std::make_unique<Attention>(model.attention, model.norm, place),
                                             nullptr);
  };
  return layer;
}

ModelSpec describe(const Json& config) {
  const std::vector<std::string> types = block_types(config);
  Json given = defaulted(config, {{"pad_token_id", 0},
                                  {"num_key_value_heads", 8},
                                  {"head_dim", 128},
                                  {"intermediate_size", 21504},
                                  {"mlp_hidden_act", "relu2"},
                                  {"layer_norm_epsilon", 1e-5},
                                  {"max_position_embeddings", 4096}});
  given["num_hidden_layers"] = types.size();
  given["hidden_act"] = given["mlp_hidden_act"];
  given["rms_norm_eps"] = given["layer_norm_epsilon"];
  ModelSpec spec = llama_spec(given);
  spec.ropes.clear();
  spec.unused_tensors = {"mtp."};  // multi-token prediction
  spec.names = {.base = "backbone", .embedding = "embeddings", .norm = "norm_f"};
  spec.other_names = {{"backbone.embeddings.weight", "backbone.embedding.weight"}};  // as transformers saves it
  spec.attention.qkv_bias = spec.attention.output_bias = false;
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, spec.mlp.activation, spec.mlp.bias, "up_proj", "down_proj");
  for (size_t i = 0; i < types.size(); ++i) spec.layers[i] = layer_of(types[i], config, spec);
  return spec;
}
}  // namespace

extern const ArchEntry entry_nemotron_h;
constinit const ArchEntry entry_nemotron_h{.name = "nemotron_h", .describe = describe};

}  // namespace lf
