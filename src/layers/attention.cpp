#include "layers/attention.h"

#include "kernels/attention.h"
#include "kernels/rope.h"
#include "kernels/shifted_attention.h"
#include "tensor/precision.h"

namespace lf {

Attention::Attention(const AttentionSpec& spec, const NormSpec& norm, int64_t hidden_size, int64_t layer,
                     int64_t window)
    : spec_(spec),
      layer_(layer),
      window_(window),
      scale_(spec.scale > 0 ? spec.scale : 1.0 / std::sqrt(static_cast<double>(spec.head_dim))),
      q_proj_(hidden_size, spec.heads * spec.head_dim, spec.qkv_bias),
      k_proj_(hidden_size, spec.kv_heads * spec.head_dim, spec.qkv_bias),
      v_proj_(hidden_size, spec.kv_heads * spec.head_dim, spec.qkv_bias),
      o_proj_(spec.heads * spec.head_dim, hidden_size, spec.output_bias) {
  register_module("q_proj", q_proj_);
  register_module("k_proj", k_proj_);
  register_module("v_proj", v_proj_);
  register_module("o_proj", o_proj_);
  if (spec.qk_norm == QkNorm::kPerHead) {
    q_norm_ = std::make_unique<RmsNorm>(spec.head_dim, norm);
    k_norm_ = std::make_unique<RmsNorm>(spec.head_dim, norm);
    register_module("q_norm", *q_norm_);
    register_module("k_norm", *k_norm_);
  }
}

Tensor Attention::forward(const Tensor& x, const LayerContext& context) {
  const int64_t tokens = x.size(0);
  Tensor input = x.to(ComputeDtype::current().value_or(x.scalar_type()));
  Tensor q = q_proj_.forward(input).view({tokens, spec_.heads, spec_.head_dim});
  Tensor k = k_proj_.forward(input).view({tokens, spec_.kv_heads, spec_.head_dim});
  Tensor v = v_proj_.forward(input).view({tokens, spec_.kv_heads, spec_.head_dim});
  const c10::ScalarType dtype = v.scalar_type();
  if (q_norm_) {
    q = q_norm_->forward(q).to(dtype);
    k = k_norm_->forward(k).to(dtype);
  }
  q = apply_rope(q, context.rope.cos, context.rope.sin);
  k = apply_rope(k, context.rope.cos, context.rope.sin);
  if (context.query_scale.defined()) q = q * context.query_scale.view({tokens, 1, 1}).to(dtype);

  const bool shifted = training_ && context.shift_ratio > 0 && !context.cache;
  Tensor out =
      shifted ? shifted_attention(q, k, v, context.stream->bounds, {scale_, spec_.dropout, context.shift_ratio})
      : context.cache
          ? cached(q, k, v, context)
          : varlen_attention(q, k, v, context.stream->bounds, {scale_, window_, training_ ? spec_.dropout : 0.0});
  return o_proj_.forward(out.reshape({tokens, spec_.heads * spec_.head_dim}));
}

Tensor Attention::cached(const Tensor& q, const Tensor& k, const Tensor& v, const LayerContext& context) const {
  const TokenStream& stream = *context.stream;
  std::vector<Tensor> outputs;
  for (size_t s = 0; s + 1 < stream.bounds.size(); ++s) {
    const int64_t begin = stream.bounds[s], end = stream.bounds[s + 1];
    const int64_t sequence = stream.cache_sequences.empty() ? static_cast<int64_t>(s) : stream.cache_sequences[s];
    auto [keys, values] = context.cache->append(layer_, sequence, k.slice(0, begin, end).transpose(0, 1),
                                                v.slice(0, begin, end).transpose(0, 1));
    outputs.push_back(cached_attention(q.slice(0, begin, end), keys, values, {scale_, window_, 0.0}));
  }
  return outputs.size() == 1 ? outputs.front() : at::cat(outputs, 0);
}

}  // namespace lf
