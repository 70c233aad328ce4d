#include "layers/mixers/short_conv_mixer.h"

#include "base/error.h"
#include "layers/linear.h"
#include "layers/mixers/recurrent_parts.h"

namespace lf {

namespace {
class ShortConvMixer : public Mixer {
 public:
  ShortConvMixer(const ShortConvSpec& spec, const LayerPlace& place)
      : layer_(place.index),
        conv_(place.hidden_size, spec.width, spec.bias, /*silu=*/false),
        in_proj_(place.hidden_size, 3 * place.hidden_size, spec.bias),
        out_proj_(place.hidden_size, place.hidden_size, spec.bias) {
    register_module("conv", conv_);
    register_module("in_proj", in_proj_);
    register_module("out_proj", out_proj_);
  }

  std::string_view kind() const override { return "ShortConv"; }

  Tensor forward(const Tensor& x, const LayerContext& context) override {
    std::vector<Tensor> parts = in_proj_.forward(in_compute_dtype(x)).chunk(3, 1);
    return out_proj_.forward(parts[1] * conv_.forward(parts[0] * parts[2], context, layer_, 0));
  }

 private:
  int64_t layer_;
  CausalConv conv_;
  Linear in_proj_, out_proj_;
};
}  // namespace

std::unique_ptr<Mixer> ShortConvSpec::build(const LayerPlace& place) const {
  return std::make_unique<ShortConvMixer>(*this, place);
}

std::string ShortConvSpec::describe() const { return fmt::format("gated convolution over {} tokens", width); }

void ShortConvSpec::validate() const {
  LF_CHECK(kFormat, width > 0, "config.json: conv_L_cache must be positive but is {}", width);
}

}  // namespace lf
