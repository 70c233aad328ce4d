#include "layers/mixers/block_sparse_attention.h"

#include <limits>

#include "base/error.h"
#include "kernels/attention.h"
#include "layers/cached_sequences.h"
#include "tensor/precision.h"

namespace lf {

namespace {
/// Tokens below `end` that queries of block `row` see, for heads of class `phase`.
Tensor seen_tokens(int64_t row, int64_t phase, int64_t end, const BlockSparsity& sparsity) {
  std::vector<Tensor> parts;
  for (int64_t j = 0; j <= row; ++j) {
    if (row - j >= sparsity.local_blocks && (j + 1 + phase) % sparsity.stride != 0) continue;
    parts.push_back(at::arange(j * sparsity.block, std::min(end, (j + 1) * sparsity.block), at::kLong));
  }
  return at::cat(parts);
}

/// Heads of each class: those that see the same columns.
std::vector<std::vector<int64_t>> head_classes(int64_t heads, const BlockSparsity& sparsity) {
  std::vector<std::vector<int64_t>> classes(static_cast<size_t>(sparsity.stride));
  for (int64_t h = 0; h < heads; ++h)
    classes[static_cast<size_t>(h * sparsity.head_step % sparsity.stride)].push_back(h);
  return classes;
}

/// q: n h E, keys, values: h m E of the tokens at `columns`; queries start at token `first`. -> n h E.
Tensor attend(const Tensor& q, const Tensor& keys, const Tensor& values, const Tensor& columns, int64_t first,
              double scale, double dropout) {
  const c10::ScalarType wide = q.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  Tensor scores = at::matmul(q.transpose(0, 1), keys.transpose(1, 2)).to(wide) * scale;
  Tensor queries = at::arange(first, first + q.size(0), columns.options()).unsqueeze(1);
  scores = scores.masked_fill(columns.unsqueeze(0) > queries, -std::numeric_limits<double>::infinity());
  Tensor weights = at::softmax(scores, -1).to(q.scalar_type());
  weights = at::dropout(weights, dropout, dropout > 0);
  return at::matmul(weights, values).transpose(0, 1);
}
}  // namespace

Tensor block_sparse_attention(const Tensor& q, const Tensor& keys, const Tensor& values, double scale, double dropout,
                              const BlockSparsity& sparsity) {
  const int64_t heads = q.size(1), groups = heads / keys.size(0), end = keys.size(1), start = end - q.size(0);
  if (start == end) return at::empty({0, heads, values.size(2)}, q.options());
  const auto classes = head_classes(heads, sparsity);
  std::vector<Tensor> rows;
  for (int64_t at = start; at < end;) {
    const int64_t row = at / sparsity.block, last = std::min(end, (row + 1) * sparsity.block);
    std::vector<Tensor> outputs;
    std::vector<int64_t> order;
    for (size_t phase = 0; phase < classes.size(); ++phase) {
      if (classes[phase].empty()) continue;
      order.insert(order.end(), classes[phase].begin(), classes[phase].end());
      const Tensor chosen = at::tensor(classes[phase], at::kLong).to(q.device());
      const Tensor kv = at::floor_divide(chosen, groups);
      const Tensor columns = seen_tokens(row, static_cast<int64_t>(phase), last, sparsity).to(q.device());
      auto of_class = [&](const Tensor& x) { return x.index_select(0, kv).index_select(1, columns); };
      outputs.push_back(attend(q.slice(0, at - start, last - start).index_select(1, chosen), of_class(keys),
                               of_class(values), columns, at, scale, dropout));
    }
    const Tensor back = at::argsort(at::tensor(order, at::kLong)).to(q.device());
    rows.push_back(at::cat(outputs, 1).index_select(1, back));
    at = last;
  }
  return at::cat(rows, 0);
}

BlockSparseAttention::BlockSparseAttention(const BlockSparseAttentionSpec& spec, const LayerPlace& place)
    : spec_(spec),
      place_(place),
      scale_(spec.scale > 0 ? spec.scale : 1.0 / std::sqrt(static_cast<double>(spec.head_dim))),
      qkv_proj_(place.hidden_size, (spec.heads + 2 * spec.kv_heads) * spec.head_dim, true),
      dense_(spec.heads * spec.head_dim, place.hidden_size, true) {
  register_module(spec.fused, qkv_proj_);
  register_module(spec.output, dense_);
}

double BlockSparseAttention::flops_per_token(int64_t length) const {
  const double near = static_cast<double>(spec_.sparsity.local_blocks * spec_.sparsity.block);
  const double half = static_cast<double>(length) / 2, far = std::max(0.0, half - near);
  return 4 * (std::min(half, near) + far / spec_.sparsity.stride) * static_cast<double>(spec_.heads * spec_.head_dim);
}

/// A sequence within the local blocks sees all that is before it.
Tensor BlockSparseAttention::over_stream(const Tensor& q, const Tensor& k, const Tensor& v, const LayerContext& context,
                                         double dropout) {
  const std::vector<int64_t>& bounds = context.stream->bounds;
  const int64_t dense_length = spec_.sparsity.local_blocks * spec_.sparsity.block;
  int64_t longest = 0;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) longest = std::max(longest, bounds[s + 1] - bounds[s]);
  if (longest <= dense_length) return varlen_attention(q, k, v, bounds, {.scale = scale_, .dropout = dropout});
  std::vector<Tensor> outputs;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    if (bounds[s] == bounds[s + 1]) continue;
    auto part = [&](const Tensor& x) { return x.slice(0, bounds[s], bounds[s + 1]); };
    outputs.push_back(block_sparse_attention(part(q), part(k).transpose(0, 1), part(v).transpose(0, 1), scale_, dropout,
                                             spec_.sparsity));
  }
  return at::cat(outputs, 0);
}

Tensor BlockSparseAttention::forward(const Tensor& given, const LayerContext& context) {
  const int64_t tokens = given.size(0), groups = spec_.heads / spec_.kv_heads, width = spec_.head_dim;
  Tensor x = given.to(ComputeDtype::current().value_or(given.scalar_type()));
  Tensor both = qkv_proj_.forward(x).view({tokens, spec_.kv_heads, groups + 2, width});
  Tensor q = both.narrow(2, 0, groups).reshape({tokens, spec_.heads, width});
  Tensor k = both.select(2, groups), v = both.select(2, groups + 1);
  if (place_.rope >= 0) {
    const RopeTable& table = context.ropes.at(static_cast<size_t>(place_.rope));
    q = rotate(q, table);
    k = rotate(k, table);
  }
  Tensor out;
  if (context.cache) {
    out = over_cached_sequences(context, place_.index, q, k, v,
                                [&](const Tensor& qs, const Tensor& ks, const Tensor& vs) {
                                  return block_sparse_attention(qs, ks, vs, scale_, 0.0, spec_.sparsity);
                                });
  } else {
    out = over_stream(q, k, v, context, training_ ? spec_.dropout : 0.0);
  }
  return dense_.forward(out.reshape({tokens, spec_.heads * width}));
}

std::unique_ptr<Mixer> BlockSparseAttentionSpec::build(const LayerPlace& place) const {
  return std::make_unique<BlockSparseAttention>(*this, place);
}

std::string BlockSparseAttentionSpec::describe() const {
  return fmt::format("{} heads, {} key-value heads, width {}, {} local blocks of {}, every {}th before", heads,
                     kv_heads, head_dim, sparsity.local_blocks, sparsity.block, sparsity.stride);
}

void BlockSparseAttentionSpec::validate() const {
  constexpr int64_t kLargest = int64_t{1} << 31;
  LF_CHECK(kFormat, heads > 0 && kv_heads > 0 && heads % kv_heads == 0,
           "[block-sparse attention] num_attention_heads ({}) must be a multiple of num_key_value_heads ({})", heads,
           kv_heads);
  LF_CHECK(kFormat, head_dim > 0 && head_dim % 2 == 0 && head_dim < kLargest / heads,
           "[block-sparse attention] the heads' width must be even and positive but is {}", head_dim);
  for (const auto& [key, value] : {std::pair{"blocksparse_block_size", sparsity.block},
                                   std::pair{"blocksparse_num_local_blocks", sparsity.local_blocks},
                                   std::pair{"blocksparse_vert_stride", sparsity.stride}}) {
    LF_CHECK(kFormat, value > 0 && value < (1 << 20), "[block-sparse attention] {} must be positive but is {}", key,
             value);
  }
  LF_CHECK(kFormat, dropout >= 0 && dropout < 1,
           "[block-sparse attention] attention_dropout_prob must be in [0, 1) but is {}", dropout);
}

}  // namespace lf
