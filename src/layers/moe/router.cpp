#include "layers/moe/router.h"

#include "kernels/linear.h"
#include "tensor/precision.h"

namespace lf {

Router::Router(const RouterSpec& spec, int64_t hidden_size, int64_t experts)
    : spec_(spec), hidden_size_(hidden_size), experts_(experts) {
  const auto meta = at::TensorOptions(at::kMeta).dtype(at::kFloat);
  if (spec.form == RouterForm::kWeight) {
    weight_ = at::empty({experts, hidden_size}, meta);
    StoredAs stored;
    if (!spec.stored_weight.empty()) stored = {.parts = {spec.stored_weight}, .part_shape = {experts, hidden_size}};
    register_parameter("weight", weight_, std::move(stored));
    if (spec.bias) {
      bias_ = at::empty({experts}, meta);
      register_parameter("bias", bias_);
    }
  } else {
    linear_ = std::make_unique<Linear>(hidden_size, experts, spec.bias);
    if (spec.form == RouterForm::kInnerLinear) register_module(spec.inner, *linear_);
  }
  if (!spec.correction_bias.empty()) add_correction_bias();
}

void Router::add_correction_bias() {
  const std::vector<int64_t> shape =
      spec_.correction_bias_is_row ? std::vector<int64_t>{1, experts_} : std::vector<int64_t>{experts_};
  correction_bias_ = at::empty(shape, at::TensorOptions(at::kMeta).dtype(at::kFloat));
  if (spec_.correction_bias_in_mixture) return;
  StoredAs stored;
  if (!spec_.stored_correction_bias.empty()) stored = {.parts = {spec_.stored_correction_bias}, .part_shape = shape};
  register_buffer(spec_.correction_bias, correction_bias_, std::move(stored));
}

Tensor Router::logits(const Tensor& x) {
  const bool called = spec_.form == RouterForm::kInnerLinear || spec_.form == RouterForm::kCalledLinear;
  if (called && !spec_.in_fp32) return linear_->forward(x);
  const Tensor& weight = linear_ ? linear_->weight() : weight_;
  if (called && !linear_->adapters().empty()) return linear_->forward(x);
  const c10::ScalarType own = c10::promoteTypes(x.scalar_type(), weight.scalar_type());
  const c10::ScalarType compute = own == at::kDouble ? own
                                  : spec_.in_fp32    ? at::kFloat
                                                     : ComputeDtype::current().value_or(x.scalar_type());
  return linear(x, weight, linear_ ? linear_->bias() : bias_, compute);
}

Tensor Router::masked_by_group(const Tensor& scores) const {
  if (spec_.kept_groups >= spec_.groups) return scores;
  const int64_t tokens = scores.size(0), members = experts_ / spec_.groups;
  Tensor grouped = scores.view({tokens, spec_.groups, members});
  Tensor best = spec_.group_score == GroupScore::kLargest
                    ? grouped.amax(-1)
                    : std::get<0>(grouped.topk(std::min<int64_t>(2, members), -1)).sum(-1);
  Tensor kept = at::zeros_like(best, at::TensorOptions(at::kBool));
  kept.scatter_(1, std::get<1>(best.topk(spec_.kept_groups, -1)), true);
  Tensor out = kept.unsqueeze(-1).expand({tokens, spec_.groups, members}).reshape({tokens, experts_}).logical_not();
  return scores.masked_fill(out, -std::numeric_limits<double>::infinity());
}

Routing Router::weighed(const Tensor& scores, const Tensor& choice) const {
  Tensor ids = std::get<1>(choice.detach().topk(spec_.chosen, -1));
  Tensor weights = scores.gather(1, ids);
  if (spec_.renormalise) {
    Tensor norm = spec_.norm_power == 1 ? weights.sum(-1, true) : at::norm(weights, spec_.norm_power, {-1}, true);
    if (spec_.norm_floor > 0) norm = norm.clamp_min(spec_.norm_floor);
    weights = weights / (norm + spec_.norm_epsilon);
  }
  return {ids, spec_.scale == 1 ? weights : weights * spec_.scale};
}

Routing Router::route(const Tensor& logits) const {
  const c10::ScalarType wide = logits.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  Routing routing;
  if (spec_.rule == RouterRule::kSparseMixer) {
    routing = sparse_mixer(logits, spec_.mixer_epsilon, training_);
  } else if (spec_.rule == RouterRule::kChosenSoftmax) {
    auto [values, ids] = logits.topk(spec_.chosen, -1);
    routing = {ids, at::softmax(values, -1, wide)};
  } else {
    const bool sigmoid = spec_.rule == RouterRule::kSigmoid;
    Tensor scores = sigmoid ? at::sigmoid(logits.to(wide)) : at::softmax(logits, -1, wide);
    Tensor choice = correction_bias_.defined() ? scores + correction_bias_.view({experts_}).to(wide) : scores;
    routing = weighed(scores, masked_by_group(choice));
  }
  if (spec_.round_weights) routing.weights = routing.weights.to(logits.scalar_type());
  routing.weights = routing.weights.to(wide);
  return routing;
}

}  // namespace lf
