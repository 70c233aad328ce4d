#include "layers/single_part_block.h"

namespace lf {

SinglePartBlock::SinglePartBlock(const Options& options, std::unique_ptr<Mixer> mixer,
                                 std::unique_ptr<FeedForward> feed_forward)
    : fp32_residual_(options.fp32_residual),
      norm_(options.hidden_size, options.norm),
      mixer_(std::move(mixer)),
      feed_forward_(std::move(feed_forward)) {
  register_module("norm", norm_);
  if (mixer_) {
    register_module("mixer", *mixer_);
  } else {
    register_module("mixer", *feed_forward_);
  }
}

Tensor SinglePartBlock::compute(const Tensor& x, const LayerContext& context) {
  Tensor input = norm_.forward(x.to(norm_.weight().scalar_type()));
  Tensor out = mixer_ ? mixer_->forward(input, context) : feed_forward_->forward(input, context);
  return (fp32_residual_ && x.scalar_type() != at::kDouble ? x.to(at::kFloat) : x) + out;
}

}  // namespace lf
