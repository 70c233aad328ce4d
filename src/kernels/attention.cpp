#include "kernels/attention.h"

#include <limits>

#include "base/error.h"
#include "kernels/attention_impl.h"

namespace lf {

std::vector<AttentionBlock> attention_blocks(std::span<const int64_t> bounds, int64_t window) {
  constexpr int64_t kLeastBand = 256;
  std::vector<AttentionBlock> blocks;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    const int64_t begin = bounds[s], end = bounds[s + 1];
    if (begin == end) continue;
    if (window == 0 || end - begin <= window) {
      blocks.push_back({begin, end, begin, end, true});
      continue;
    }
    const int64_t band = std::max(window, kLeastBand);
    for (int64_t q = begin; q < end; q += band) {
      blocks.push_back({q, std::min(end, q + band), std::max(begin, q - window + 1), std::min(end, q + band), false});
    }
  }
  return blocks;
}

Tensor band_mask(const AttentionBlock& block, int64_t window, const at::TensorOptions& options) {
  if (block.causal) return Tensor();
  Tensor queries = at::arange(block.query_begin, block.query_end, options.dtype(at::kLong)).unsqueeze(1);
  Tensor keys = at::arange(block.key_begin, block.key_end, options.dtype(at::kLong)).unsqueeze(0);
  Tensor hidden = (keys > queries).logical_or_(keys <= queries - window);
  return at::zeros(hidden.sizes(), options).masked_fill_(hidden, -std::numeric_limits<double>::infinity());
}

Tensor grouped_heads(const Tensor& x, int64_t kv_heads, int64_t groups) {
  const int64_t tokens = x.size(0), width = x.size(2), stored = x.size(1) / kv_heads;
  return x.view({tokens, kv_heads, stored, width}).permute({1, 2, 0, 3}).expand({kv_heads, groups, tokens, width});
}

Tensor varlen_attention_reference(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                                  const AttentionOptions& options) {
  const int64_t kv_heads = k.size(1), groups = q.size(1) / kv_heads;
  std::vector<Tensor> outputs;
  for (const AttentionBlock& block : attention_blocks(bounds, options.window)) {
    Tensor qs = grouped_heads(q.slice(0, block.query_begin, block.query_end), kv_heads, groups);
    Tensor ks = grouped_heads(k.slice(0, block.key_begin, block.key_end), kv_heads, groups);
    Tensor vs = grouped_heads(v.slice(0, block.key_begin, block.key_end), kv_heads, groups);
    Tensor scores = at::matmul(qs, ks.transpose(-1, -2)).to(q.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
    const int64_t window = options.window > 0 ? options.window : block.key_end - block.key_begin;
    AttentionBlock masked = block;
    masked.causal = false;
    scores = scores * options.scale + band_mask(masked, window, scores.options());
    Tensor weights = at::dropout(at::softmax(scores, -1).to(q.scalar_type()), options.dropout, options.dropout > 0);
    Tensor out = at::matmul(weights, vs);
    outputs.push_back(out.permute({2, 0, 1, 3}).reshape({block.query_end - block.query_begin, q.size(1), q.size(2)}));
  }
  return outputs.empty() ? at::zeros_like(q) : at::cat(outputs, 0);
}

Tensor cached_attention(const Tensor& q, const Tensor& keys, const Tensor& values, const AttentionOptions& options) {
  const int64_t tokens = q.size(0), kv_heads = keys.size(0), groups = q.size(1) / kv_heads;
  const int64_t stored = keys.size(1), first_query = stored - tokens;
  const int64_t first_key = options.window > 0 ? std::max<int64_t>(0, first_query - options.window + 1) : 0;
  LF_ASSERT(first_query >= 0);
  if (first_query == 0) {
    const std::array<int64_t, 2> bounds = {0, tokens};
    return varlen_attention(q, keys.transpose(0, 1), values.transpose(0, 1), bounds, options);
  }
  const c10::ScalarType wide = q.is_cpu() && q.scalar_type() != at::kDouble ? at::kFloat : q.scalar_type();
  const AttentionBlock block{first_query, stored, first_key, stored, false};
  Tensor qs = grouped_heads(q, kv_heads, groups).to(wide);
  Tensor ks = keys.slice(1, first_key).to(wide), vs = values.slice(1, first_key).to(wide);
  if (tokens == 1) {
    Tensor weights = at::softmax(at::matmul(qs.squeeze(2), ks.transpose(-1, -2)) * options.scale, -1);
    return at::matmul(weights, vs).to(q.scalar_type()).reshape(q.sizes());
  }
  const int64_t seen = stored - first_key, width = q.size(2);
  Tensor mask = band_mask(block, options.window > 0 ? options.window : stored, qs.options());
  Tensor out = at::scaled_dot_product_attention(qs, ks.unsqueeze(1).expand({kv_heads, groups, seen, width}),
                                                vs.unsqueeze(1).expand({kv_heads, groups, seen, width}),
                                                mask.defined() ? std::optional<Tensor>(mask) : std::nullopt, 0.0,
                                                !mask.defined(), options.scale);
  return out.permute({2, 0, 1, 3}).reshape(q.sizes()).to(q.scalar_type());
}

}  // namespace lf
