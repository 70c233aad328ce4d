#include "layers/mixture_of_depths.h"

#include "base/error.h"
#include "layers/cached_sequences.h"
#include "tensor/precision.h"

namespace lf {
namespace {

/// What the block sees: the chosen tokens as a stream of their own, at the positions they have.
LayerContext narrowed(const LayerContext& context, const TokenStream& stream, const Tensor& rows) {
  LayerContext out = context;
  out.stream = &stream;
  out.cache = nullptr;
  for (RopeTable& table : out.ropes) {
    table.cos = table.cos.index_select(0, rows);
    table.sin = table.sin.index_select(0, rows);
  }
  if (out.query_scale.defined()) out.query_scale = out.query_scale.index_select(0, rows);
  return out;
}

}  // namespace

double depth_capacity(int64_t passes) {
  return passes == 0 ? kDepthCapacity : kDepthCapacity + (1 - kDepthCapacity) * (1.0 / static_cast<double>(passes));
}

int64_t next_depth_pass(int64_t passes) {
  constexpr int64_t kSingle = 1000, kStride = 999;
  return passes + (passes < kSingle ? 1 : kStride);
}

MixtureOfDepths::MixtureOfDepths(int64_t hidden_size, int64_t window, std::unique_ptr<DecoderLayer> block)
    : router_(hidden_size), window_(window), block_(std::move(block)) {
  register_module("router.weight_predictor", router_);
  register_module("block", *block_);
}

void MixtureOfDepths::check(const LayerContext& context) const {
  const TokenStream& stream = *context.stream;
  LF_CHECK(kUnsupported, context.shift_ratio == 0, "shift_attn is not available for a mixture of depths");
  for (size_t s = 0; s + 1 < stream.bounds.size(); ++s) {
    const int64_t tokens = stream.bounds[s + 1] - stream.bounds[s];
    LF_CHECK(kUnsupported, window_ == 0 || tokens <= window_,
             "a sequence of {} tokens is longer than the sliding window of {}, which a mixture of depths does not have",
             tokens, window_);
    LF_CHECK(kUnsupported, !context.cache || context.cache->length(cached_sequence(stream, s)) == 0,
             "a mixture of depths chooses among all tokens of a sequence, so it cannot continue one from a cache");
  }
}

MixtureOfDepths::Chosen MixtureOfDepths::choose(const Tensor& weights, const LayerContext& context) const {
  Chosen out{.rows = Tensor(), .bounds = {0}};
  std::vector<Tensor> parts;
  const std::vector<int64_t>& bounds = context.stream->bounds;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    const int64_t tokens = bounds[s + 1] - bounds[s];
    if (tokens == 0) continue;
    const Tensor own = weights.narrow(0, bounds[s], tokens);
    const auto k = std::max<int64_t>(1, static_cast<int64_t>(context.depth_capacity * static_cast<double>(tokens)));
    const Tensor least = std::get<0>(own.topk(k)).min();
    Tensor rows = (k > 1 ? own.gt(least) : own.ge(least)).nonzero().squeeze(1);
    if (rows.numel() == 0) continue;
    out.bounds.push_back(out.bounds.back() + rows.numel());
    parts.push_back(rows.add_(bounds[s]));
  }
  if (!parts.empty()) out.rows = at::cat(parts);
  return out;
}

Tensor MixtureOfDepths::compute(const Tensor& x, const LayerContext& context) {
  check(context);
  Tensor weights;
  {
    const ComputeDtype wide(x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
    weights = router_.forward(x.to(*ComputeDtype::current())).squeeze(-1).to(x.scalar_type());
  }
  const Chosen chosen = choose(weights.detach(), context);
  if (!chosen.rows.defined()) return x;
  const TokenStream& stream = *context.stream;
  const TokenStream own{
      stream.ids.index_select(0, chosen.rows), stream.positions.index_select(0, chosen.rows), chosen.bounds, {}};
  const Tensor through = block_->forward(x.index_select(0, chosen.rows), narrowed(context, own, chosen.rows));
  const Tensor weighted = through.to(x.scalar_type()) * weights.index_select(0, chosen.rows).unsqueeze(-1);
  return x.index_copy(0, chosen.rows, weighted);
}

}  // namespace lf
