#include "layers/mixers/recurrent_parts.h"

#include "kernels/short_conv.h"
#include "tensor/precision.h"
#include "tensor/rng.h"

namespace lf {

StreamStates::StreamStates(const LayerContext& context, int64_t layer, int64_t slot)
    : context_(context), layer_(layer), slot_(slot) {
  if (!context.cache) return;
  for (size_t s = 0; s + 1 < context.stream->bounds.size(); ++s) states_.push_back(stored(s));
}

StreamStates::~StreamStates() {
  for (size_t s = 0; s < states_.size(); ++s) stored(s) = states_[s];
}

Tensor& StreamStates::stored(size_t sequence) const {
  const auto& sequences = context_.stream->cache_sequences;
  const int64_t number = sequences.empty() ? static_cast<int64_t>(sequence) : sequences[sequence];
  return context_.cache->state(layer_, number, slot_);
}

CausalConv::CausalConv(int64_t channels, int64_t width, bool has_bias, bool silu)
    : silu_(silu), weight_(meta_parameter({channels, 1, width})) {
  register_parameter("weight", weight_);
  if (!has_bias) return;
  bias_ = meta_parameter({channels});
  register_parameter("bias", bias_);
}

Tensor CausalConv::forward(const Tensor& x, const LayerContext& context, int64_t layer, int64_t slot) const {
  StreamStates states(context, layer, slot);
  return short_conv(x, weight_, bias_, context.stream->bounds, {.silu = silu_}, states.get());
}

GatedNorm::GatedNorm(int64_t width, const GatedNormSpec& spec) : spec_(spec), weight_(meta_parameter({width})) {
  register_parameter("weight", weight_);
}

Tensor GatedNorm::forward(const Tensor& x, const Tensor& gate) const {
  const int64_t width = x.size(-1);
  Tensor y = widened(x), opened = at::silu(widened(gate));
  if (spec_.gate_first) y = y * opened;
  Tensor parts = y.unflatten(-1, {spec_.groups, width / spec_.groups});
  y = (parts * at::rsqrt(parts.pow(2).mean(-1, true) + spec_.eps)).flatten(-2) * widened(weight_);
  if (!spec_.gate_first) y = y * opened;
  return y.to(x.scalar_type());
}

Tensor meta_parameter(at::IntArrayRef shape) {
  return at::empty(shape, at::TensorOptions(at::kMeta).dtype(at::kFloat));
}

Tensor widened(const Tensor& x) { return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat); }

Tensor in_compute_dtype(const Tensor& x) { return x.to(ComputeDtype::current().value_or(x.scalar_type())); }

void fill_uniform(const NamedParameter& parameter, Tensor& value, double low, double high) {
  value.uniform_(low, high, make_generator(std::hash<std::string>{}(parameter.name)));
}

void initialize_step_bias(const NamedParameter& parameter, Tensor& value, const StepRange& range) {
  fill_uniform(parameter, value, std::log(range.least), std::log(range.most));
  Tensor step = at::exp(value).clamp_min(range.floor);
  value.copy_(step + at::log(-at::expm1(-step)));
}

void initialize_rates(Tensor& value) {
  value.copy_(at::log(at::arange(1, value.size(-1) + 1, at::kFloat)).expand_as(value));
}

}  // namespace lf
