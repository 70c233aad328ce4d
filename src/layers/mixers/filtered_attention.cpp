#include "layers/mixers/filtered_attention.h"

#include "base/error.h"
#include "layers/cached_sequences.h"
#include "tensor/precision.h"

namespace lf {

PairConvolution::PairConvolution(int64_t in, int64_t out) : in_(in), out_(out) {
  const auto meta = at::TensorOptions(at::kMeta).dtype(at::kFloat);
  weight_ = at::empty({out, in, 2, 1}, meta);
  bias_ = at::empty({out}, meta);
  register_parameter("weight", weight_);
  register_parameter("bias", bias_);
}

Tensor PairConvolution::forward(const Tensor& x, const Tensor& previous) const {
  const auto compute = x.scalar_type();
  Tensor both = weight_.to(compute).flatten(2);  // out in 2
  return at::linear(previous, both.select(2, 0)) + at::linear(x, both.select(2, 1), bias_.to(compute));
}

LocalFilter::LocalFilter(int64_t width)
    : first_(width, width / 2), second_(width / 2, width), norm_(width, NormSpec{.eps = 1e-6}) {
  register_module("conv1", first_);
  register_module("conv2", second_);
  register_module("output_layernorm", norm_);
}

namespace {
/// The row before each: what the cache kept (or 0) before the first row of a sequence. The last row is kept.
Tensor previous_rows(const Tensor& x, const LayerContext& context, int64_t layer, int64_t slot) {
  const TokenStream& stream = *context.stream;
  std::vector<Tensor> parts;
  for (size_t s = 0; s + 1 < stream.bounds.size(); ++s) {
    const int64_t begin = stream.bounds[s], end = stream.bounds[s + 1];
    if (begin == end) continue;
    Tensor before;
    if (context.cache) {
      Tensor& kept = context.cache->state(layer, cached_sequence(stream, s), slot);
      before = kept;
      kept = x.slice(0, end - 1, end).clone();
    }
    parts.push_back(before.defined() ? before : at::zeros({1, x.size(1)}, x.options()));
    parts.push_back(x.slice(0, begin, end - 1));
  }
  return parts.empty() ? x : at::cat(parts);
}
}  // namespace

Tensor LocalFilter::forward(const Tensor& x, const LayerContext& context, int64_t layer) {
  Tensor narrow = first_.forward(x, previous_rows(x, context, layer, 0));
  Tensor wide = second_.forward(narrow, previous_rows(narrow, context, layer, 1));
  return norm_.forward(wide + x).to(x.scalar_type());
}

FilteredAttention::FilteredAttention(const FilteredAttentionSpec& spec, const LayerPlace& place)
    : spec_(spec),
      place_(place),
      q_proj_(place.hidden_size, spec.heads * spec.head_dim, false),
      k_proj_(place.hidden_size, spec.heads * spec.head_dim, false),
      v_proj_(place.hidden_size, spec.heads * spec.head_dim, false),
      o_proj_(spec.heads * spec.head_dim, place.hidden_size, false),
      filter_(place.hidden_size) {
  register_module("v_proj", v_proj_);
  register_module("o_proj", o_proj_);
  register_module("lf_gate", filter_);
  register_module("q_proj", q_proj_);
  register_module("k_proj", k_proj_);
}

double FilteredAttention::flops_per_token(int64_t length) const {
  return 2.0 * static_cast<double>(length * spec_.heads * spec_.head_dim);
}

/// Heads are cut from the queries and keys of all heads laid end to end: each takes 2 E numbers in a row.
std::pair<Tensor, Tensor> FilteredAttention::queries_and_keys(const Tensor& filtered, const LayerContext& context) {
  Tensor both = at::cat({q_proj_.forward(filtered), k_proj_.forward(filtered)}, 1);
  both = both.view({filtered.size(0), spec_.heads, 2, spec_.head_dim});
  Tensor q = both.select(2, 0), k = both.select(2, 1);
  if (place_.rope < 0) return {q, k};
  const RopeTable& table = context.ropes.at(static_cast<size_t>(place_.rope));
  return {rotate(q, table), rotate(k, table)};
}

Tensor FilteredAttention::forward(const Tensor& given, const LayerContext& context) {
  const int64_t tokens = given.size(0);
  Tensor x = given.to(ComputeDtype::current().value_or(given.scalar_type()));
  Tensor v = v_proj_.forward(x).view({tokens, spec_.heads, spec_.head_dim});
  auto [q, k] = queries_and_keys(filter_.forward(x, context, place_.index), context);
  const AttentionOptions options{.scale = 1.0 / std::sqrt(static_cast<double>(spec_.head_dim)),
                                 .dropout = training_ ? spec_.dropout : 0.0};
  Tensor out;
  if (context.cache) {
    out = over_cached_sequences(
        context, place_.index, q, k, v,
        [&](const Tensor& qs, const Tensor& ks, const Tensor& vs) { return cached_attention(qs, ks, vs, options); });
  } else {
    out = varlen_attention(q, k, v, context.stream->bounds, options);
  }
  return o_proj_.forward(out.reshape({tokens, spec_.heads * spec_.head_dim}));
}

std::unique_ptr<Mixer> FilteredAttentionSpec::build(const LayerPlace& place) const {
  LF_CHECK(kFormat, place.hidden_size % 2 == 0, "[filtered attention] hidden_size must be even but is {}",
           place.hidden_size);
  return std::make_unique<FilteredAttention>(*this, place);
}

std::string FilteredAttentionSpec::describe() const {
  return fmt::format("localized filtering attention, {} heads, width {}", heads, head_dim);
}

void FilteredAttentionSpec::validate() const {
  constexpr int64_t kLargest = int64_t{1} << 31;
  LF_CHECK(kFormat, heads > 0 && heads < kLargest, "[filtered attention] num_attention_heads is {}", heads);
  LF_CHECK(kFormat, head_dim > 0 && head_dim % 2 == 0 && head_dim < kLargest / heads,
           "[filtered attention] the heads' width must be even and positive but is {}", head_dim);
  LF_CHECK(kFormat, dropout >= 0 && dropout < 1, "[filtered attention] attention_dropout must be in [0, 1) but is {}",
           dropout);
}

}  // namespace lf
