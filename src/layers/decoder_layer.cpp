#include "layers/decoder_layer.h"

namespace lf {

Tensor DecoderLayer::forward(const Tensor& x, const LayerContext& context) {
  run_hooks(HookPoint::kBeforeForward);
  Tensor out = compute(x, context);
  run_hooks(HookPoint::kAfterForward);
  if (has_hooks() && at::GradMode::is_enabled()) {
    if (out.requires_grad()) out.register_hook([this](const Tensor&) { run_hooks(HookPoint::kBeforeBackward); });
    if (x.requires_grad()) x.register_hook([this](const Tensor&) { run_hooks(HookPoint::kAfterBackward); });
  }
  return out;
}

TransformerBlock::TransformerBlock(const Options& options, std::unique_ptr<Mixer> mixer, const std::string& mixer_name,
                                   std::unique_ptr<FeedForward> feed_forward, const std::string& feed_forward_name)
    : block_(options.block), mixer_(std::move(mixer)), feed_forward_(std::move(feed_forward)) {
  if (mixer_) register_module(mixer_name, *mixer_);
  if (feed_forward_) register_module(feed_forward_name, *feed_forward_);
  mixer_norm_ = add_norm(block_.attention_norm, options);
  mixer_post_norm_ = add_norm(block_.attention_post_norm, options);
  feed_forward_norm_ = add_norm(block_.mlp_norm, options);
  feed_forward_post_norm_ = add_norm(block_.mlp_post_norm, options);
}

std::unique_ptr<Norm> TransformerBlock::add_norm(const std::string& name, const Options& options) {
  if (name.empty()) return nullptr;
  auto norm = std::make_unique<Norm>(options.hidden_size, options.norm);
  register_module(name, *norm);
  return norm;
}

static Tensor normed(const std::unique_ptr<Norm>& norm, const Tensor& x) { return norm ? norm->forward(x) : x; }

Tensor TransformerBlock::added(const Tensor& x, const Tensor& y) const {
  return block_.residual_multiplier == 1 ? x + y : x + y * block_.residual_multiplier;
}

Tensor TransformerBlock::compute(const Tensor& x, const LayerContext& context) {
  switch (block_.wiring) {
    case Wiring::kParallel:
      return parallel(x, context);
    case Wiring::kPostNorm:
      return post_norm(x, context);
    case Wiring::kSequential:
    case Wiring::kNormedResidual:
      return sequential(x, context);
  }
  return Tensor();
}

Tensor TransformerBlock::sequential(const Tensor& x, const LayerContext& context) {
  const bool from_norm = block_.wiring == Wiring::kNormedResidual;
  Tensor stream = x;
  if (mixer_) {
    Tensor input = normed(mixer_norm_, stream);
    Tensor mixed = normed(mixer_post_norm_, mixer_->forward(input, context));
    stream = added(from_norm ? input : stream, mixed);
  }
  if (feed_forward_) {
    Tensor input = normed(feed_forward_norm_, stream);
    Tensor out = normed(feed_forward_post_norm_, feed_forward_->forward(input, context));
    stream = added(from_norm ? input : stream, out);
  }
  return stream;
}

Tensor TransformerBlock::parallel(const Tensor& x, const LayerContext& context) {
  Tensor input = normed(mixer_norm_, x);
  Tensor mixed = normed(mixer_post_norm_, mixer_->forward(input, context));
  Tensor other = feed_forward_->forward(feed_forward_norm_ ? feed_forward_norm_->forward(x) : input, context);
  return added(added(x, mixed), normed(feed_forward_post_norm_, other));
}

Tensor TransformerBlock::post_norm(const Tensor& x, const LayerContext& context) {
  Tensor stream = normed(mixer_norm_, added(x, mixer_->forward(x, context)));
  return normed(feed_forward_norm_, added(stream, feed_forward_->forward(stream, context)));
}

}  // namespace lf
