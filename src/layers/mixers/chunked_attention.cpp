#include "layers/mixers/chunked_attention.h"

#include "base/error.h"
#include "layers/cached_sequences.h"
#include "tensor/precision.h"

namespace lf {

std::vector<int64_t> chunked_bounds(const std::vector<int64_t>& bounds, int64_t chunk) {
  if (chunk <= 0) return bounds;
  std::vector<int64_t> out = {bounds.front()};
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    for (int64_t cut = bounds[s] + chunk; cut < bounds[s + 1]; cut += chunk) out.push_back(cut);
    out.push_back(bounds[s + 1]);
  }
  return out;
}

ChunkedAttention::ChunkedAttention(const ChunkedAttentionSpec& spec, const LayerPlace& place)
    : spec_(spec),
      place_(place),
      q_proj_(place.hidden_size, spec.heads * spec.head_dim, spec.bias),
      k_proj_(place.hidden_size, spec.kv_heads * spec.head_dim, spec.bias),
      v_proj_(place.hidden_size, spec.kv_heads * spec.head_dim, spec.bias),
      o_proj_(spec.heads * spec.head_dim, place.hidden_size, spec.bias) {
  register_module("q_proj", q_proj_);
  register_module("k_proj", k_proj_);
  register_module("v_proj", v_proj_);
  register_module("o_proj", o_proj_);
  if (spec.qk_norm) norm_ = std::make_unique<Norm>(spec.head_dim, NormSpec{.eps = spec.norm_eps, .affine = false});
}

double ChunkedAttention::flops_per_token(int64_t length) const {
  const int64_t seen = spec_.chunk > 0 ? std::min(spec_.chunk, length) : length;
  return 2.0 * static_cast<double>(seen * spec_.heads * spec_.head_dim);
}

Tensor ChunkedAttention::placed(const Tensor& x, const LayerContext& context) const {
  Tensor turned = place_.rope < 0 ? x : rotate(x, context.ropes.at(static_cast<size_t>(place_.rope)));
  return norm_ ? norm_->forward(turned).to(x.scalar_type()) : turned;
}

Tensor ChunkedAttention::query_scale(const Tensor& positions) const {
  Tensor periods = at::floor((positions.to(at::kFloat) + 1.0) / static_cast<double>(spec_.scale_length));
  return (at::log1p(periods) * spec_.scale_beta + 1.0).view({-1, 1, 1});
}

Tensor ChunkedAttention::forward(const Tensor& given, const LayerContext& context) {
  const int64_t tokens = given.size(0);
  Tensor x = given.to(ComputeDtype::current().value_or(given.scalar_type()));
  Tensor q = placed(q_proj_.forward(x).view({tokens, spec_.heads, spec_.head_dim}), context);
  Tensor k = placed(k_proj_.forward(x).view({tokens, spec_.kv_heads, spec_.head_dim}), context);
  Tensor v = v_proj_.forward(x).view({tokens, spec_.kv_heads, spec_.head_dim});
  if (spec_.scale_beta != 0) q = (q * query_scale(context.stream->positions)).to(q.scalar_type());
  const AttentionOptions options{.scale = 1.0 / std::sqrt(static_cast<double>(spec_.head_dim)),
                                 .dropout = training_ ? spec_.dropout : 0.0};
  Tensor out = context.cache ? cached(q, k, v, options, context)
                             : varlen_attention(q, k, v, chunked_bounds(context.stream->bounds, spec_.chunk), options);
  return o_proj_.forward(out.reshape({tokens, spec_.heads * spec_.head_dim}));
}

/// Queries are taken chunk by chunk, each with the keys of its chunk up to its last query.
Tensor ChunkedAttention::cached(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options,
                                const LayerContext& context) const {
  const TokenStream& stream = *context.stream;
  std::vector<Tensor> outputs;
  for (size_t s = 0; s + 1 < stream.bounds.size(); ++s) {
    const int64_t begin = stream.bounds[s], end = stream.bounds[s + 1];
    const int64_t sequence = cached_sequence(stream, s);
    auto [keys, values] = context.cache->append(place_.index, sequence, k.slice(0, begin, end).transpose(0, 1),
                                                v.slice(0, begin, end).transpose(0, 1));
    const int64_t total = keys.size(1), chunk = spec_.chunk > 0 ? spec_.chunk : total;
    for (int64_t at = total - (end - begin); at < total;) {
      const int64_t first = at / chunk * chunk, last = std::min(total, first + chunk),
                    offset = begin - (total - (end - begin));
      outputs.push_back(cached_attention(q.slice(0, at + offset, last + offset), keys.slice(1, first, last),
                                         values.slice(1, first, last), options));
      at = last;
    }
  }
  return outputs.size() == 1 ? outputs.front() : at::cat(outputs, 0);
}

std::unique_ptr<Mixer> ChunkedAttentionSpec::build(const LayerPlace& place) const {
  return std::make_unique<ChunkedAttention>(*this, place);
}

std::string ChunkedAttentionSpec::describe() const {
  std::string text = fmt::format("{} heads, {} key-value heads, width {}", heads, kv_heads, head_dim);
  if (qk_norm) text += ", query and key norm";
  if (chunk > 0) text += fmt::format(", chunks of {}", chunk);
  if (scale_beta != 0) text += ", queries scaled by position";
  return text;
}

void ChunkedAttentionSpec::validate() const {
  constexpr int64_t kLargest = int64_t{1} << 31;
  LF_CHECK(kFormat, heads > 0 && kv_heads > 0 && heads % kv_heads == 0,
           "[chunked attention] num_attention_heads ({}) must be a multiple of num_key_value_heads ({})", heads,
           kv_heads);
  LF_CHECK(kFormat, head_dim > 0 && head_dim % 2 == 0 && heads * head_dim < kLargest,
           "[chunked attention] head_dim must be even and positive but is {}", head_dim);
  LF_CHECK(kFormat, chunk >= 0, "[chunked attention] attention_chunk_size must be positive but is {}", chunk);
  LF_CHECK(kFormat, scale_beta == 0 || scale_length > 0, "[chunked attention] floor_scale must be positive but is {}",
           scale_length);
  LF_CHECK(kFormat, dropout >= 0 && dropout < 1, "[chunked attention] attention_dropout must be in [0, 1) but is {}",
           dropout);
}

}  // namespace lf
