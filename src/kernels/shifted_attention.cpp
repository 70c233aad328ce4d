// Both halves of the heads go through varlen_attention with bounds of groups; only the second half needs its tokens in
// another order, and only where the ring closes.
#include "kernels/shifted_attention.h"

#include "base/error.h"
#include "kernels/attention.h"

namespace lf {

namespace {
constexpr int64_t kPadding = 8;  // upstream's collator pads rows to a multiple of it when training

/// Where the groups of one half of the heads lie, over the whole stream.
struct Groups {
  std::vector<int64_t> bounds;
  std::vector<int64_t> order;  // token at each place; empty: as in the stream
};

Groups plain_groups(std::span<const int64_t> bounds, double ratio) {
  Groups groups{{0}, {}};
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    const int64_t begin = bounds[s], end = bounds[s + 1];
    if (begin == end) continue;
    const int64_t size = shifted_group_size(end - begin, ratio);
    for (int64_t at = begin + size; at < end; at += size) groups.bounds.push_back(at);
    groups.bounds.push_back(end);
  }
  return groups;
}

/// Without the ring: the first half group stands alone at the beginning, all else follows in order.
Groups overlapping_groups(std::span<const int64_t> bounds, double ratio) {
  Groups groups{{0}, {}};
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    const int64_t begin = bounds[s], end = bounds[s + 1];
    if (begin == end) continue;
    const int64_t size = shifted_group_size(end - begin, ratio);
    for (int64_t at = begin + size / 2; at < end; at += size) groups.bounds.push_back(at);
    groups.bounds.push_back(end);
  }
  return groups;
}

/// The ring: places of a row of the padded length, of which those beyond the sequence do not exist.
Groups rolled_groups(std::span<const int64_t> bounds, double ratio) {
  Groups groups{{0}, {}};
  groups.order.reserve(static_cast<size_t>(bounds.back()));
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    const int64_t begin = bounds[s], length = bounds[s + 1] - begin;
    if (length == 0) continue;
    const int64_t size = shifted_group_size(length, ratio);
    const int64_t row = (length + kPadding - 1) / kPadding * kPadding;
    for (int64_t place = 0; place < row; ++place) {
      if (place > 0 && place % size == 0 && static_cast<int64_t>(groups.order.size()) > groups.bounds.back())
        groups.bounds.push_back(static_cast<int64_t>(groups.order.size()));
      const int64_t token = (place + size / 2) % row;
      if (token < length) groups.order.push_back(begin + token);
    }
    if (groups.bounds.back() < begin + length) groups.bounds.push_back(begin + length);
  }
  return groups;
}

void check(const Tensor& q, const Tensor& k, const ShiftedAttentionOptions& options) {
  LF_CHECK(kConfig, options.ratio > 0 && options.ratio <= 1, "[shift_attn] the group ratio must be in (0, 1] but is {}",
           options.ratio);
  LF_ASSERT(q.dim() == 3 && k.dim() == 3 && q.size(1) % k.size(1) == 0);
}

/// Key heads of the query heads [first, last): a slice where that is possible, else one for each query head.
Tensor keys_of(const Tensor& x, int64_t heads, int64_t first, int64_t last) {
  const int64_t group = heads / x.size(1);
  if (first % group == 0 && last % group == 0) return x.slice(1, first / group, last / group);
  return x.repeat_interleave(group, 1).slice(1, first, last);
}

Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, const Groups& groups,
              const ShiftedAttentionOptions& options) {
  const AttentionOptions plain{options.scale, 0, options.dropout};
  if (groups.order.empty()) return varlen_attention(q, k, v, groups.bounds, plain);
  const Tensor order = at::tensor(groups.order, at::kLong).to(q.device());
  const Tensor out = varlen_attention(q.index_select(0, order), k.index_select(0, order), v.index_select(0, order),
                                      groups.bounds, plain);
  return out.index_select(0, at::argsort(order));
}

/// softmax(q k^T) v of one group, from ordinary operations. q, k, v: T h E.
Tensor group_reference(const Tensor& q, const Tensor& k, const Tensor& v, const ShiftedAttentionOptions& options) {
  const int64_t tokens = q.size(0);
  const auto wide = q.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  Tensor scores = at::matmul(q.transpose(0, 1), k.permute({1, 2, 0})).to(wide) * options.scale;
  const Tensor later = at::ones({tokens, tokens}, scores.options().dtype(at::kBool)).triu(1);
  scores = scores.masked_fill(later, -std::numeric_limits<double>::infinity());
  const Tensor weights = at::dropout(at::softmax(scores, -1).to(q.scalar_type()), options.dropout, options.dropout > 0);
  return at::matmul(weights, v.transpose(0, 1)).transpose(0, 1);
}

/// One half of the heads of one sequence, in the given order of tokens.
Tensor half_reference(const Tensor& q, const Tensor& k, const Tensor& v,
                      const std::vector<std::vector<int64_t>>& groups, const ShiftedAttentionOptions& options) {
  std::vector<Tensor> outputs;
  std::vector<int64_t> order;
  for (const std::vector<int64_t>& tokens : groups) {
    if (tokens.empty()) continue;
    const Tensor ids = at::tensor(tokens, at::kLong).to(q.device());
    outputs.push_back(group_reference(q.index_select(0, ids), k.index_select(0, ids), v.index_select(0, ids), options));
    order.insert(order.end(), tokens.begin(), tokens.end());
  }
  return at::cat(outputs, 0).index_select(0, at::argsort(at::tensor(order, at::kLong)).to(q.device()));
}

/// The groups of a sequence by the definition: roll a padded row, cut it, leave out what is padding.
std::vector<std::vector<int64_t>> definition(int64_t length, bool shifted, const ShiftedAttentionOptions& options) {
  const int64_t row = (length + kPadding - 1) / kPadding * kPadding;
  const int64_t size = shifted_group_size(length, options.ratio);
  const int64_t shift = shifted ? size / 2 : 0;
  std::vector<std::vector<int64_t>> groups(static_cast<size_t>((row + size - 1) / size) + 1);
  for (int64_t place = 0; place < row; ++place) {
    const int64_t token = (place + shift) % row;
    if (token >= length) continue;
    const bool beginning = token < shift && !options.wrap;  // stands alone without the ring
    groups[beginning ? groups.size() - 1 : static_cast<size_t>(place / size)].push_back(token);
  }
  return groups;
}
}  // namespace

int64_t shifted_group_size(int64_t length, double ratio) {
  const int64_t row = (length + kPadding - 1) / kPadding * kPadding;
  const auto size = static_cast<int64_t>(static_cast<double>(row) * ratio);
  return std::max<int64_t>(2, size - size % 2);
}

Tensor shifted_attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                         const ShiftedAttentionOptions& options) {
  check(q, k, options);
  const int64_t heads = q.size(1), half = heads / 2;
  const Groups shifted =
      options.wrap ? rolled_groups(bounds, options.ratio) : overlapping_groups(bounds, options.ratio);
  const Tensor second =
      attend(q.slice(1, half), keys_of(k, heads, half, heads), keys_of(v, heads, half, heads), shifted, options);
  if (half == 0) return second;
  const Tensor first = attend(q.slice(1, 0, half), keys_of(k, heads, 0, half), keys_of(v, heads, 0, half),
                              plain_groups(bounds, options.ratio), options);
  return at::cat({first, second}, 1);
}

Tensor shifted_attention_reference(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                                   const ShiftedAttentionOptions& options) {
  check(q, k, options);
  const int64_t heads = q.size(1), half = heads / 2;
  const Tensor keys = k.repeat_interleave(heads / k.size(1), 1), values = v.repeat_interleave(heads / v.size(1), 1);
  std::vector<Tensor> outputs;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    const int64_t begin = bounds[s], end = bounds[s + 1];
    if (begin == end) continue;
    std::vector<Tensor> halves;
    for (const bool shifted : {false, true}) {
      const int64_t from = shifted ? half : 0, to = shifted ? heads : half;
      if (from == to) continue;
      const auto part = [&](const Tensor& x) { return x.slice(0, begin, end).slice(1, from, to); };
      halves.push_back(
          half_reference(part(q), part(keys), part(values), definition(end - begin, shifted, options), options));
    }
    outputs.push_back(at::cat(halves, 1));
  }
  return outputs.empty() ? at::zeros_like(q) : at::cat(outputs, 0);
}

}  // namespace lf
