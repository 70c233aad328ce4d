// One block: x + attention(norm(x)), then x + mlp(norm(x)).
#pragma once
#include "layers/attention.h"
#include "layers/mlp.h"
#include "layers/rms_norm.h"

namespace lf {

class DecoderLayer : public Module {
 public:
  struct Options {
    AttentionSpec attention;
    MlpSpec mlp;
    NormSpec norm;
    LayerSpec layer;
    int64_t hidden_size = 0;
    int64_t index = 0;
  };
  explicit DecoderLayer(const Options& options);
  std::string_view kind() const override { return "DecoderLayer"; }
  /// x: N D -> N D. Runs the layer's hooks before and after; its backward hooks run when gradients arrive and leave.
  Tensor forward(const Tensor& x, const LayerContext& context);

 private:
  Attention self_attn_;
  GatedMlp mlp_;
  RmsNorm input_layernorm_, post_attention_layernorm_;
};

}  // namespace lf
