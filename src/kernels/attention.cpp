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

Tensor scored_block(const Tensor& qs, const Tensor& ks, const Tensor& vs, int64_t first_query,
                    const AttentionOptions& options) {
  const int64_t kv_heads = qs.size(0), groups = qs.size(1), tokens = qs.size(2), seen = ks.size(1);
  const c10::ScalarType wide = qs.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  auto per_head = [&](const Tensor& x) { return x.to(wide).view({kv_heads, groups, 1, 1}); };
  Tensor scores = at::matmul(qs, ks.transpose(-1, -2).unsqueeze(1)).to(wide) * options.scale;
  if (options.softcap != 0) scores = at::tanh(scores / options.softcap) * options.softcap;
  const auto index = at::TensorOptions(at::kLong).device(qs.device());
  Tensor distance =
      at::arange(seen, index).unsqueeze(0) - at::arange(first_query, first_query + tokens, index).unsqueeze(1);
  if (options.slopes.defined()) scores = scores + per_head(options.slopes) * distance.to(wide);
  Tensor hidden = distance > 0;
  if (options.window > 0) hidden = hidden.logical_or(distance <= -options.window);
  scores = scores.masked_fill(hidden, -std::numeric_limits<double>::infinity());
  if (options.sinks.defined()) {
    scores = at::cat({scores, per_head(options.sinks).expand({kv_heads, groups, tokens, 1})}, -1);
  }
  Tensor weights = at::softmax(scores, -1).slice(-1, 0, seen).to(qs.scalar_type());
  weights = at::dropout(weights, options.dropout, options.dropout > 0);
  return at::matmul(weights, vs.unsqueeze(1));
}

Tensor varlen_attention_reference(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                                  const AttentionOptions& options) {
  const int64_t kv_heads = k.size(1), groups = q.size(1) / kv_heads;
  std::vector<Tensor> outputs;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    const int64_t begin = bounds[s], end = bounds[s + 1];
    Tensor qs = grouped_heads(q.slice(0, begin, end), kv_heads, groups);
    Tensor out =
        scored_block(qs, k.slice(0, begin, end).transpose(0, 1), v.slice(0, begin, end).transpose(0, 1), 0, options);
    outputs.push_back(out.permute({2, 0, 1, 3}).reshape({end - begin, q.size(1), v.size(2)}));
  }
  return outputs.empty() ? at::zeros({0, q.size(1), v.size(2)}, q.options()) : at::cat(outputs, 0);
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
  if (options.has_own_scores()) {
    Tensor out = scored_block(grouped_heads(q, kv_heads, groups), keys.slice(1, first_key), values.slice(1, first_key),
                              first_query - first_key, options);
    return out.permute({2, 0, 1, 3}).reshape({tokens, q.size(1), values.size(2)});
  }
  const AttentionBlock block{first_query, stored, first_key, stored, false};
  Tensor qs = grouped_heads(q, kv_heads, groups).to(wide);
  Tensor ks = keys.slice(1, first_key).to(wide), vs = values.slice(1, first_key).to(wide);
  if (tokens == 1) {
    Tensor weights = at::softmax(at::matmul(qs.squeeze(2), ks.transpose(-1, -2)) * options.scale, -1);
    return at::matmul(weights, vs).to(q.scalar_type()).reshape({1, q.size(1), values.size(2)});
  }
  const int64_t seen = stored - first_key, width = q.size(2);
  Tensor mask = band_mask(block, options.window > 0 ? options.window : stored, qs.options());
  Tensor out = at::scaled_dot_product_attention(qs, ks.unsqueeze(1).expand({kv_heads, groups, seen, width}),
                                                vs.unsqueeze(1).expand({kv_heads, groups, seen, vs.size(2)}),
                                                mask.defined() ? std::optional<Tensor>(mask) : std::nullopt, 0.0,
                                                !mask.defined(), options.scale);
  return out.permute({2, 0, 1, 3}).reshape({tokens, q.size(1), values.size(2)}).to(q.scalar_type());
}

}  // namespace lf
