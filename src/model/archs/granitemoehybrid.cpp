// Granite 4: Mamba-2 layers, attention in some, and in each layer a dense MLP, alone or beside a mixture of experts.
#include "base/error.h"
#include "layers/attention.h"
#include "layers/decoder_layer.h"
#include "model/hybrid_config.h"
#include "model/moe_config.h"

namespace lf {

namespace {
class GraniteHybridLayer : public DecoderLayer {
 public:
  /// experts: null where there are none.
  GraniteHybridLayer(const ModelSpec& spec, std::unique_ptr<Mixer> mixer, const std::string& mixer_name,
                     std::unique_ptr<FeedForward> experts)
      : multiplier_(spec.block.residual_multiplier),
        mixer_(std::move(mixer)),
        experts_(std::move(experts)),
        shared_mlp_(spec.mlp, spec.hidden_size),
        input_layernorm_(spec.hidden_size, spec.norm),
        post_attention_layernorm_(spec.hidden_size, spec.norm) {
    register_module(mixer_name, *mixer_);
    if (experts_) register_module("block_sparse_moe", *experts_);
    register_module("shared_mlp", shared_mlp_);
    register_module("input_layernorm", input_layernorm_);
    register_module("post_attention_layernorm", post_attention_layernorm_);
  }

 protected:
  Tensor compute(const Tensor& x, const LayerContext& context) override {
    Tensor stream = x + mixer_->forward(input_layernorm_.forward(x), context) * multiplier_;
    Tensor input = post_attention_layernorm_.forward(stream), out = shared_mlp_.forward(input);
    if (experts_) out = experts_->forward(input, context) + out;
    return stream + out * multiplier_;
  }

 private:
  double multiplier_;
  std::unique_ptr<Mixer> mixer_;
  std::unique_ptr<FeedForward> experts_;
  Mlp shared_mlp_;
  Norm input_layernorm_, post_attention_layernorm_;
};

MoeSpec experts_of(const Json& config) {
  MoeSpec moe = read_experts(config, required_int(config, "intermediate_size"), 8, 2);
  moe.router.rule = RouterRule::kChosenSoftmax;
  moe.router.form = RouterForm::kInnerLinear;
  moe.router.name = "router";
  moe.router.inner = "layer";
  moe.router.round_weights = true;
  moe.experts.stored = StoredExperts::kStacked;
  moe.experts.up = "input_linear.weight";
  moe.experts.down = "output_linear.weight";
  moe.validate();
  return moe;
}

ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  set_granite_multipliers(config, spec);
  spec.mlp.intermediate_size = int_or(config, "shared_intermediate_size", 1024);
  spec.mlp.fused = true;
  spec.mlp.bias = false;
  spec.mlp.names = {.down = "output_linear", .fused = "input_linear"};
  const bool rotary = string_or(config, "position_embedding_type", "") == "rope";
  if (!rotary) spec.ropes.clear();
  const auto mamba = std::make_shared<Mamba2Spec>(
      bamba_mixer(config, int_or(config, "mamba_expand", 2) * spec.hidden_size, spec.norm.eps));
  mamba->validate();
  std::shared_ptr<MoeSpec> experts;
  if (int_or(config, "num_local_experts", 8) > 0) experts = std::make_shared<MoeSpec>(experts_of(config));
  if (experts) read_router_loss(config, spec, experts->router.chosen);
  std::vector<std::string> types = layer_strings(config, "layer_types", spec.layers.size());
  if (types.empty()) types = layer_strings(config, "layers_block_type", spec.layers.size());
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    LayerSpec& layer = spec.layers[i];
    const bool recurrent = types.empty() || types[i] == "mamba";
    if (recurrent) layer.mixer = mamba;
    layer.feed_forward = experts;
    layer.rope = rotary ? 0 : -1;
    layer.build = [=](const ModelSpec& model, const LayerPlace& place) -> std::unique_ptr<DecoderLayer> {
      std::unique_ptr<Mixer> mixer;
      if (recurrent) {
        mixer = mamba->build(place);
      } else {
        mixer = std::make_unique<Attention>(model.attention, model.norm, place);
      }
      return std::make_unique<GraniteHybridLayer>(model, std::move(mixer), recurrent ? "mamba" : "self_attn",
                                                  experts ? experts->build(place) : nullptr);
    };
  }
  return spec;
}
}  // namespace

extern const ArchEntry entry_granitemoehybrid;
constinit const ArchEntry entry_granitemoehybrid{.name = "granitemoehybrid", .describe = describe};

}  // namespace lf
