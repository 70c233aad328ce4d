#include "layers/mixers/lightning.h"

#include "base/error.h"
#include "kernels/linear_attention.h"
#include "layers/activation.h"
#include "layers/linear.h"
#include "layers/mixers/recurrent_parts.h"
#include "layers/norm.h"

namespace lf {

namespace {
class Lightning : public Mixer {
 public:
  Lightning(const LightningSpec& spec, const LayerPlace& place)
      : spec_(spec),
        layer_(place.index),
        norm_(spec.heads * spec.head_dim, NormSpec{.eps = 1e-6}),
        qkv_proj_(place.hidden_size, 3 * spec.heads * spec.head_dim, false),
        out_proj_(spec.heads * spec.head_dim, place.hidden_size, false),
        output_gate_(place.hidden_size, spec.heads * spec.head_dim, false) {
    register_module("norm", norm_);
    register_module("qkv_proj", qkv_proj_);
    register_module("out_proj", out_proj_);
    register_module("output_gate", output_gate_);
  }

  std::string_view kind() const override { return "LightningAttention"; }

  double flops_per_token(int64_t) const override {
    return 4.0 * static_cast<double>(spec_.heads * spec_.head_dim * spec_.head_dim);
  }

  Tensor forward(const Tensor& x, const LayerContext& context) override {
    Tensor input = in_compute_dtype(x);
    std::vector<Tensor> qkv = activate(spec_.activation, qkv_proj_.forward(input))
                                  .unflatten(1, {spec_.heads, 3 * spec_.head_dim})
                                  .split(spec_.head_dim, 2);
    StreamStates states(context, layer_, 0);
    Tensor out = lightning_attention(qkv[0], qkv[1], qkv[2], slopes(x.device()), context.stream->bounds, states.get());
    return out_proj_.forward(at::sigmoid(output_gate_.forward(input)) * norm_.forward(out.flatten(1)));
  }

 private:
  /// 2^(-8 h / heads) for h = 1, 2, ..., times a factor that falls from 1 to 0 with the layer.
  Tensor slopes(at::Device device) const {
    const double depth = static_cast<double>(layer_) / (static_cast<double>(spec_.layers - 1) + 1e-5);
    Tensor powers = at::arange(1, spec_.heads + 1, at::kFloat) * (-8.0 / static_cast<double>(spec_.heads));
    return (at::exp2(powers) * (1 - depth + 1e-5)).to(device);
  }

  LightningSpec spec_;
  int64_t layer_;
  Norm norm_;
  Linear qkv_proj_, out_proj_, output_gate_;
};
}  // namespace

std::unique_ptr<Mixer> LightningSpec::build(const LayerPlace& place) const {
  return std::make_unique<Lightning>(*this, place);
}

std::string LightningSpec::describe() const {
  return fmt::format("lightning attention, {} heads of {}", heads, head_dim);
}

void LightningSpec::validate() const {
  LF_CHECK(kFormat, heads > 0 && head_dim > 0, "config.json: lightning attention needs positive sizes, not {}",
           describe());
}

}  // namespace lf
