// Falcon-H1 (arXiv 2507.22448): attention and Mamba-2 side by side in every layer, scaled by many multipliers.
#include "base/error.h"
#include "layers/attention.h"
#include "layers/decoder_layer.h"
#include "model/hybrid_config.h"

namespace lf {

namespace {
struct Multipliers {
  double attention_in = 1, attention_out = 1, mamba_out = 1;
};

class FalconH1Layer : public DecoderLayer {
 public:
  FalconH1Layer(const ModelSpec& spec, const Mamba2Spec& mamba, const Multipliers& multipliers, const LayerPlace& place)
      : multipliers_(multipliers),
        feed_forward_(spec.mlp, spec.hidden_size),
        mamba_(mamba.build(place)),
        self_attn_(spec.attention, spec.norm, place),
        input_layernorm_(spec.hidden_size, spec.norm),
        pre_ff_layernorm_(spec.hidden_size, spec.norm) {
    register_module("feed_forward", feed_forward_);
    register_module("mamba", *mamba_);
    register_module("self_attn", self_attn_);
    register_module("input_layernorm", input_layernorm_);
    register_module("pre_ff_layernorm", pre_ff_layernorm_);
  }

 protected:
  Tensor compute(const Tensor& x, const LayerContext& context) override {
    Tensor input = input_layernorm_.forward(x);
    Tensor mixed = mamba_->forward(input, context) * multipliers_.mamba_out;
    Tensor attended = self_attn_.forward(input * multipliers_.attention_in, context) * multipliers_.attention_out;
    Tensor stream = x + (mixed + attended);
    return stream + feed_forward_.forward(pre_ff_layernorm_.forward(stream));
  }

 private:
  Multipliers multipliers_;
  Mlp feed_forward_;
  std::unique_ptr<Mixer> mamba_;
  Attention self_attn_;
  Norm input_layernorm_, pre_ff_layernorm_;
};

std::vector<double> numbers(const Json& config, std::string_view key, size_t count) {
  std::vector<double> found = number_list(config, key);
  if (found.empty()) found.assign(count, 1.0);
  LF_CHECK(kFormat, found.size() == count, "config.json: {} must be {} numbers, not {}", key, count, found.size());
  return found;
}

Mamba2Spec mamba_of(const Json& config, const ModelSpec& spec) {
  const bool expands = config.contains("mamba_d_ssm") && config.at("mamba_d_ssm").is_null();
  const int64_t inner =
      expands ? int_or(config, "mamba_expand", 2) * spec.hidden_size : int_or(config, "mamba_d_ssm", 1024);
  Mamba2Spec mamba = bamba_mixer(config, inner, spec.norm.eps);
  mamba.out_bias = bool_or(config, "projectors_bias", false);
  mamba.norm.reset();
  if (bool_or(config, "mamba_rms_norm", false)) {
    mamba.norm = GatedNormSpec{
        .eps = spec.norm.eps, .groups = mamba.groups, .gate_first = !bool_or(config, "mamba_norm_before_gate", true)};
  }
  mamba.input_multiplier = number_or(config, "ssm_in_multiplier", 1.0);
  const std::vector<double> sections = numbers(config, "ssm_multipliers", mamba.multipliers.size());
  std::copy(sections.begin(), sections.end(), mamba.multipliers.begin());
  return mamba;
}

ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(
      config,
      {{"rms_norm_eps", 1e-5}, {"pad_token_id", 0}, {"num_key_value_heads", 8}, {"max_position_embeddings", 8192}}));
  spec.names.norm = "final_layernorm";
  spec.embedding_multiplier = number_or(config, "embedding_multiplier", 1.0);
  spec.logit_multiplier = number_or(config, "lm_head_multiplier", 1.0);
  // Keys are multiplied before they turn: as well the scores.
  spec.attention.scale =
      number_or(config, "key_multiplier", 1.0) / std::sqrt(static_cast<double>(spec.attention.head_dim));
  const std::vector<double> mlp = numbers(config, "mlp_multipliers", 2);
  spec.mlp.gate_multiplier = mlp[0];
  spec.mlp.down_multiplier = mlp[1];
  const Mamba2Spec mamba = mamba_of(config, spec);
  mamba.validate();
  const Multipliers multipliers{number_or(config, "attention_in_multiplier", 1.0),
                                number_or(config, "attention_out_multiplier", 1.0),
                                number_or(config, "ssm_out_multiplier", 1.0)};
  for (LayerSpec& layer : spec.layers) {
    layer.build = [mamba, multipliers](const ModelSpec& model,
                                       const LayerPlace& place) -> std::unique_ptr<DecoderLayer> {
      return std::make_unique<FalconH1Layer>(model, mamba, multipliers, place);
    };
  }
  return spec;
}
}  // namespace

extern const ArchEntry entry_falcon_h1;
constinit const ArchEntry entry_falcon_h1{.name = "falcon_h1", .describe = describe};

}  // namespace lf
