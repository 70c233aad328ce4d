#include "layers/decoder_layer.h"

namespace lf {

DecoderLayer::DecoderLayer(const Options& options)
    : self_attn_(options.attention, options.norm, options.hidden_size, options.index, options.layer.window),
      mlp_(options.mlp, options.hidden_size),
      input_layernorm_(options.hidden_size, options.norm),
      post_attention_layernorm_(options.hidden_size, options.norm) {
  register_module("self_attn", self_attn_);
  register_module("mlp", mlp_);
  register_module("input_layernorm", input_layernorm_);
  register_module("post_attention_layernorm", post_attention_layernorm_);
}

Tensor DecoderLayer::forward(const Tensor& x, const LayerContext& context) {
  run_hooks(HookPoint::kBeforeForward);
  Tensor attended = x + self_attn_.forward(input_layernorm_.forward(x), context);
  Tensor out = attended + mlp_.forward(post_attention_layernorm_.forward(attended));
  run_hooks(HookPoint::kAfterForward);
  if (has_hooks() && at::GradMode::is_enabled()) {
    if (out.requires_grad()) out.register_hook([this](const Tensor&) { run_hooks(HookPoint::kBeforeBackward); });
    if (x.requires_grad()) x.register_hook([this](const Tensor&) { run_hooks(HookPoint::kAfterBackward); });
  }
  return out;
}

}  // namespace lf
