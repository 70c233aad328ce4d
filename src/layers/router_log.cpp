#include "layers/router_log.h"

#include "base/error.h"
#include "kernels/gradient_tap.h"

namespace lf {

Tensor RouterLog::total(Tensor Entry::*field) const {
  Tensor sum;
  for (const auto& [layer, entry] : layers_) sum = sum.defined() ? sum + entry.*field : entry.*field;
  return sum;
}

Tensor RouterLog::record(const Tensor& logits, int64_t layer) {
  {
    at::NoGradGuard no_grad;
    Tensor probabilities = at::softmax(logits.detach(), -1, at::kFloat);
    Tensor ids = std::get<1>(probabilities.topk(std::min(chosen_, logits.size(1)), -1));
    Tensor counts = at::bincount(ids.flatten(), {}, logits.size(1)).to(at::kFloat);
    layers_[layer] = {counts, probabilities.sum(0), logits.size(0)};
  }
  return tapped(logits, [log = shared_from_this()](const Tensor& logits) { return log->logit_gradient(logits); });
}

Tensor RouterLog::balance() {
  at::NoGradGuard no_grad;
  tokens_ = 0;
  for (const auto& [layer, entry] : layers_) {
    LF_ASSERT(entry.counts.size(0) == layers_.begin()->second.counts.size(0));
    tokens_ += entry.tokens;
  }
  const double scale = 1.0 / static_cast<double>(std::max<int64_t>(tokens_, 1));
  frequencies_ = total(&Entry::counts) * scale;
  return (frequencies_ * (total(&Entry::probabilities) * scale)).sum() * frequencies_.size(0);
}

std::pair<Tensor, Tensor> RouterLog::close(const Tensor& hidden) {
  if (layers_.empty()) return {hidden, at::zeros({}, hidden.options().dtype(at::kFloat))};
  return with_side_value(hidden, balance(), [log = shared_from_this()](const Tensor& scale) { log->scale_ = scale; });
}

Tensor RouterLog::logit_gradient(const Tensor& logits) const {
  if (!scale_.defined()) return Tensor();
  Tensor p = at::softmax(logits, -1, at::kFloat);
  Tensor mean = p.matmul(frequencies_).unsqueeze(1);
  const double factor = static_cast<double>(frequencies_.size(0)) / static_cast<double>(std::max<int64_t>(tokens_, 1));
  return p * (frequencies_ - mean) * (scale_ * factor);
}

}  // namespace lf
