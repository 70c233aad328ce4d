#include "layers/moe/moe.h"

#include "base/error.h"
#include "kernels/moe_experts.h"
#include "layers/activation.h"
#include "layers/moe/sequence_balance.h"
#include "tensor/precision.h"

namespace lf {

namespace {
/// Names of one expert after the other: experts.0.gate_proj.weight, experts.0.up_proj.weight, ...
StoredAs one_per_expert(const ExpertsSpec& spec, std::vector<std::string> matrices, std::vector<int64_t> shape) {
  StoredAs stored{.part_shape = std::move(shape)};
  for (int64_t x = 0; x < spec.count; ++x) {
    for (const std::string& matrix : matrices) {
      stored.parts.push_back(fmt::format("{}{}.{}.weight", spec.stored_prefix, x, matrix));
    }
  }
  return stored;
}

/// What happens between an expert's two matrices; empty = silu(first half) * second half, for which there is a kernel.
std::function<Tensor(const Tensor&)> activation_of(const ExpertsSpec& spec) {
  if (spec.clamped) {
    return [limit = spec.limit, alpha = spec.alpha](const Tensor& h) {
      Tensor gate = h.slice(-1, 0, h.size(-1), 2).clamp_max(limit), up = h.slice(-1, 1, h.size(-1), 2);
      return (up.clamp(-limit, limit) + 1) * (gate * at::sigmoid(gate * alpha));
    };
  }
  const Activation activation = spec.activation;
  if (!spec.gated) return [activation](const Tensor& h) { return activate(activation, h); };
  if (activation == Activation::kSilu) return {};
  return [activation](const Tensor& h) {
    const std::vector<Tensor> halves = h.chunk(2, -1);
    return activate(activation, halves[0]) * halves[1];
  };
}
}  // namespace

MixtureOfExperts::MixtureOfExperts(const MoeSpec& spec, const LayerPlace& place)
    : spec_(spec),
      place_(place),
      router_(spec.router, place.hidden_size, spec.experts.count),
      activation_(activation_of(spec.experts)) {
  register_module(spec.router.name, router_.registered());
  if (spec.router.correction_bias_in_mixture) {
    StoredAs stored;
    if (const std::string& name = spec.router.stored_correction_bias; !name.empty()) {
      stored = {.parts = {name}, .part_shape = {spec.experts.count}};
    }
    register_buffer(spec.router.correction_bias, router_.correction_bias(), std::move(stored));
  }
  add_experts();
  if (spec.shared) {
    shared_ = std::make_unique<Mlp>(*spec.shared, place.hidden_size);
    register_module(spec.shared_name, *shared_);
  }
  if (!spec.shared_gate.empty()) {
    shared_gate_ = std::make_unique<Linear>(place.hidden_size, 1, false);
    register_module(spec.shared_gate, *shared_gate_);
  }
}

void MixtureOfExperts::add_experts() {
  const ExpertsSpec& experts = spec_.experts;
  const int64_t x = experts.count, d = place_.hidden_size, f = experts.width, p = experts.gated ? 2 * f : f;
  const auto meta = at::TensorOptions(at::kMeta).dtype(at::kFloat);
  up_ = experts.transposed ? at::empty({x, d, p}, meta) : at::empty({x, p, d}, meta);
  down_ = experts.transposed ? at::empty({x, f, d}, meta) : at::empty({x, d, f}, meta);
  if (experts.stored == StoredExperts::kOnePerExpert) {
    const MlpNames& names = experts.stored_names;
    const auto first = experts.gated ? std::vector{names.gate, names.up} : std::vector{names.up};
    register_parameter(experts.up, up_, one_per_expert(experts, first, {f, d}));
    register_parameter(experts.down, down_, one_per_expert(experts, {names.down}, {d, f}));
  } else {
    register_parameter(experts.up, up_);
    register_parameter(experts.down, down_);
  }
  if (!experts.bias) return;
  up_bias_ = at::empty({x, p}, meta);
  down_bias_ = at::empty({x, d}, meta);
  register_parameter(experts.up + "_bias", up_bias_);
  register_parameter(experts.down + "_bias", down_bias_);
}

bool MixtureOfExperts::initialize(const NamedParameter& parameter, Tensor& value) const {
  const bool is_bias = parameter.tensor == &up_bias_ || parameter.tensor == &down_bias_;
  if (is_bias) value.zero_();
  return is_bias;
}

double MixtureOfExperts::flops_per_token(int64_t) const {
  const auto each = static_cast<double>((spec_.experts.gated ? 3 : 2) * spec_.experts.width * place_.hidden_size);
  return 2 * each * static_cast<double>(spec_.router.chosen);
}

Tensor MixtureOfExperts::shared_output(const Tensor& x) {
  Tensor out = shared_->forward(x);
  return shared_gate_ ? at::sigmoid(shared_gate_->forward(x)) * out : out;
}

Tensor MixtureOfExperts::forward(const Tensor& given, const LayerContext& context) {
  Tensor x = given;
  for (int i = 0; training_ && spec_.jitter > 0 && i < spec_.jitter_times; ++i) {
    x = x * at::empty_like(x, x.options().requires_grad(false)).uniform_(1 - spec_.jitter, 1 + spec_.jitter);
  }
  Tensor logits = router_.logits(x);
  if (context.routers) logits = context.routers->record(logits, place_.index);
  if (training_ && spec_.router.balance > 0) {
    const std::vector<int64_t> all = {0, x.size(0)};
    logits = balanced_within_sequences(logits, spec_.router.balance_over_all ? all : context.stream->bounds,
                                       spec_.router.chosen, spec_.router.balance);
  }
  const Routing routing = router_.route(logits);
  const c10::ScalarType compute = ComputeDtype::current().value_or(x.scalar_type());
  Tensor out =
      moe_experts(x, routing.ids, routing.weights, {up_, down_, up_bias_, down_bias_, spec_.experts.transposed},
                  {compute, activation_, spec_.experts.weigh_input});
  return shared_ ? out + shared_output(x) : out;
}

std::unique_ptr<FeedForward> MoeSpec::build(const LayerPlace& place) const {
  return std::make_unique<MixtureOfExperts>(*this, place);
}

std::string MoeSpec::describe() const {
  std::string text = fmt::format("{} of {} experts, {} wide", router.chosen, experts.count, experts.width);
  if (shared) text += fmt::format(", shared {} wide", shared->intermediate_size);
  if (router.balance > 0) text += fmt::format(", balanced by {}", router.balance);
  return text;
}

void MoeSpec::validate() const {
  constexpr int64_t kMostExperts = 65536, kLargest = int64_t{1} << 31;
  LF_CHECK(kFormat, experts.count > 0 && experts.count <= kMostExperts,
           "[moe] there must be 1 to {} experts but there are {}", kMostExperts, experts.count);
  LF_CHECK(kFormat, experts.width > 0 && experts.width < kLargest, "[moe] an expert's width must be positive but is {}",
           experts.width);
  LF_CHECK(kFormat, router.chosen > 0 && router.chosen <= experts.count,
           "[moe] each token goes to 1 to {} experts (all there are), but {} are asked for", experts.count,
           router.chosen);
  LF_CHECK(kFormat, router.rule != RouterRule::kSparseMixer || (router.chosen == 2 && experts.count >= 2),
           "[moe] this router chooses 2 experts, but {} of {} are asked for", router.chosen, experts.count);
  LF_CHECK(kFormat, router.groups > 0 && experts.count % router.groups == 0,
           "[moe] {} experts cannot be divided into {} groups", experts.count, router.groups);
  LF_CHECK(kFormat, router.kept_groups > 0 && router.kept_groups <= router.groups,
           "[moe] experts come from 1 to {} groups, but topk_group is {}", router.groups, router.kept_groups);
  LF_CHECK(kFormat, router.chosen <= experts.count / router.groups * router.kept_groups,
           "[moe] {} groups hold {} experts, too few for {} of each token", router.kept_groups,
           experts.count / router.groups * router.kept_groups, router.chosen);
  LF_CHECK(kFormat, router.balance >= 0, "[moe] the weight of the balance loss is {}", router.balance);
  LF_CHECK(kFormat, !shared || shared->intermediate_size > 0,
           "[moe] the shared experts' width must be positive but is {}", shared ? shared->intermediate_size : 0);
}

}  // namespace lf
