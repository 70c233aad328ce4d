// MiniMax-Text-01 (arXiv 2501.08313): lightning attention, softmax attention in some layers, mixtures of experts;
// what is passed on beside each part is its normed input, and both are weighed.
#include "layers/attention.h"
#include "layers/decoder_layer.h"
#include "layers/mixers/lightning.h"
#include "model/moe_config.h"

namespace lf {

namespace {
/// y = alpha x + beta part(x), where x is normed.
struct Weighing {
  double alpha = 1, beta = 1;
  Tensor operator()(const Tensor& x, const Tensor& y) const { return x * alpha + y * beta; }
};

class MiniMaxLayer : public DecoderLayer {
 public:
  MiniMaxLayer(const ModelSpec& spec, std::unique_ptr<Mixer> mixer, std::unique_ptr<FeedForward> experts,
               const Weighing& mixing, const Weighing& feeding)
      : mixing_(mixing),
        feeding_(feeding),
        mixer_(std::move(mixer)),
        experts_(std::move(experts)),
        input_layernorm_(spec.hidden_size, spec.norm),
        post_attention_layernorm_(spec.hidden_size, spec.norm) {
    register_module("self_attn", *mixer_);
    register_module("input_layernorm", input_layernorm_);
    register_module("post_attention_layernorm", post_attention_layernorm_);
    register_module("mlp", *experts_);
  }

 protected:
  Tensor compute(const Tensor& x, const LayerContext& context) override {
    Tensor input = input_layernorm_.forward(x);
    Tensor middle = post_attention_layernorm_.forward(mixing_(input, mixer_->forward(input, context)));
    return feeding_(middle, experts_->forward(middle, context));
  }

 private:
  Weighing mixing_, feeding_;
  std::unique_ptr<Mixer> mixer_;
  std::unique_ptr<FeedForward> experts_;
  Norm input_layernorm_, post_attention_layernorm_;
};

MoeSpec experts_of(const Json& config, const ModelSpec& spec) {
  MoeSpec moe = read_experts(config, spec.mlp.intermediate_size, 8, 2);
  moe.router.renormalise = true;
  moe.jitter = number_or(config, "router_jitter_noise", 0.0);
  use_mixtral_names(moe);
  return moe;
}

Weighing weighing(const Json& config, const std::string& part) {
  return {number_or(config, part + "_alpha_factor", 1.0), number_or(config, part + "_beta_factor", 1.0)};
}

/// Rates that follow from the depth and the head, computed when they are needed: transformers saves tables of them.
void carry_rates(ModelSpec& spec, size_t layer, int64_t block) {
  const int64_t heads = spec.attention.heads;
  const std::string owner = fmt::format("layers.{}.self_attn.", layer);
  spec.carried_if_stored.insert(spec.carried_if_stored.end(), {{owner + "slope_rate", {heads, 1, 1}},
                                                               {owner + "query_decay", {heads, block, 1}},
                                                               {owner + "key_decay", {heads, block, 1}},
                                                               {owner + "diagonal_decay", {1, heads, block, block}}});
}

ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(
      config,
      {{"rms_norm_eps", 1e-5}, {"num_key_value_heads", 8}, {"rope_theta", 1e6}, {"max_position_embeddings", 131072}}));
  spec.attention.qkv_bias = spec.attention.output_bias = false;
  const int64_t rotary = int_or(config, "rotary_dim", 0);
  if (rotary > 0) spec.rope().width = rotary;
  LightningSpec lightning;
  lightning.heads = spec.attention.heads;
  lightning.head_dim = spec.attention.head_dim;
  lightning.layers = static_cast<int64_t>(spec.layers.size());
  lightning.activation = spec.mlp.activation;
  const auto experts = std::make_shared<MoeSpec>(experts_of(config, spec));
  read_router_loss(config, spec, experts->router.chosen);
  const auto linear = std::make_shared<LightningSpec>(lightning);
  const std::vector<std::string> types = layer_strings(config, "layer_types", spec.layers.size());
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    LayerSpec& layer = spec.layers[i];
    const bool is_linear = types.empty() ? (i + 1) % 2 == 0 : types[i] == "linear_attention";
    if (is_linear) {
      layer.mixer = linear;
      carry_rates(spec, i, int_or(config, "block_size", 256));
    }
    layer.window = int_or(config, "sliding_window", 0);
    layer.feed_forward = experts;
    const Weighing mixing = weighing(config, is_linear ? "linear_attn" : "full_attn"),
                   feeding = weighing(config, "mlp");
    layer.build = [=](const ModelSpec& model, const LayerPlace& place) -> std::unique_ptr<DecoderLayer> {
      std::unique_ptr<Mixer> mixer;
      if (is_linear) {
        mixer = linear->build(place);
      } else {
        mixer = std::make_unique<Attention>(model.attention, model.norm, place);
      }
      return std::make_unique<MiniMaxLayer>(model, std::move(mixer), experts->build(place), mixing, feeding);
    };
  }
  return spec;
}
}  // namespace

extern const ArchEntry entry_minimax;
constinit const ArchEntry entry_minimax{.name = "minimax", .describe = describe};

}  // namespace lf
