// Attention whose scores are more than scaled products (softcap, ALiBi, sinks): tiles of queries, recomputed in the
// backward pass one by one, so that no T x T matrix outlives its tile.
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/attention_impl.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kTile = 128;

struct Tile {
  int64_t query_begin, query_end, key_begin;  // offsets into the stream; keys end with the queries
};

std::vector<Tile> tiles(const std::vector<int64_t>& bounds, int64_t window) {
  std::vector<Tile> out;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    for (int64_t q = bounds[s]; q < bounds[s + 1]; q += kTile) {
      const int64_t key = window > 0 ? std::max(bounds[s], q - window + 1) : bounds[s];
      out.push_back({q, std::min(bounds[s + 1], q + kTile), key});
    }
  }
  return out;
}

/// One tile: t H F.
Tensor tile_output(const Tensor& q, const Tensor& k, const Tensor& v, const Tile& tile,
                   const AttentionOptions& options) {
  const int64_t kv_heads = k.size(1), tokens = q.size(0);
  Tensor qs = grouped_heads(q, kv_heads, q.size(1) / kv_heads);
  Tensor out = scored_block(qs, k.transpose(0, 1), v.transpose(0, 1), tile.query_begin - tile.key_begin, options);
  return out.permute({2, 0, 1, 3}).reshape({tokens, q.size(1), v.size(2)});
}

class ScoredAttention : public torch::autograd::Function<ScoredAttention> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& q, const Tensor& k, const Tensor& v,
                        const std::optional<Tensor>& sinks, const std::vector<int64_t>& bounds,
                        const AttentionOptions& options) {
    Tensor out = at::empty({q.size(0), q.size(1), v.size(2)}, q.options());
    for (const Tile& tile : tiles(bounds, options.window)) {
      out.slice(0, tile.query_begin, tile.query_end)
          .copy_(tile_output(q.slice(0, tile.query_begin, tile.query_end), k.slice(0, tile.key_begin, tile.query_end),
                             v.slice(0, tile.key_begin, tile.query_end), tile, options));
    }
    ctx->save_for_backward({q, k, v, sinks.value_or(Tensor()), options.slopes});
    ctx->saved_data["bounds"] = bounds;
    ctx->saved_data["scale"] = options.scale;
    ctx->saved_data["window"] = options.window;
    ctx->saved_data["softcap"] = options.softcap;
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list kept = ctx->get_saved_variables();
    AttentionOptions options{.scale = ctx->saved_data["scale"].toDouble(),
                             .window = ctx->saved_data["window"].toInt(),
                             .softcap = ctx->saved_data["softcap"].toDouble(),
                             .slopes = kept[4]};
    const c10::ScalarType wide = kept[0].scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    variable_list sums;
    for (int i = 0; i < 4; ++i) {
      sums.push_back(kept[i].defined() ? at::zeros(kept[i].sizes(), kept[i].options().dtype(wide)) : Tensor());
    }
    for (const Tile& tile : tiles(ctx->saved_data["bounds"].toIntVector(), options.window)) {
      add_tile(kept, gradients[0], tile, options, sums);
    }
    for (int i = 0; i < 4; ++i) {
      if (sums[i].defined()) sums[i] = sums[i].to(kept[i].scalar_type());
    }
    return {sums[0], sums[1], sums[2], sums[3], Tensor(), Tensor()};
  }

 private:
  static void add_tile(const variable_list& kept, const Tensor& gradient, const Tile& tile, AttentionOptions options,
                       variable_list& sums) {
    const std::array<int64_t, 3> begin = {tile.query_begin, tile.key_begin, tile.key_begin};
    variable_list inputs;
    for (int i = 0; i < 3; ++i) {
      inputs.push_back(kept[i].slice(0, begin[i], tile.query_end).detach().requires_grad_(true));
    }
    if (kept[3].defined()) {
      inputs.push_back(kept[3].detach().requires_grad_(true));
      options.sinks = inputs[3];
    }
    variable_list parts;
    {
      at::AutoGradMode enable(true);
      Tensor out = tile_output(inputs[0], inputs[1], inputs[2], tile, options);
      parts = torch::autograd::grad({out}, inputs, {gradient.slice(0, tile.query_begin, tile.query_end)});
    }
    for (int i = 0; i < 3; ++i) sums[i].slice(0, begin[i], tile.query_end).add_(parts[i]);
    if (kept[3].defined()) sums[3].add_(parts[3]);
  }
};
}  // namespace

Tensor scored_attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                        const AttentionOptions& options) {
  const auto sinks =
      options.sinks.defined() ? std::optional(options.sinks) : std::nullopt;  // never an undefined tensor
  return ScoredAttention::apply(q, k, v, sinks, std::vector<int64_t>(bounds.begin(), bounds.end()), options);
}

}  // namespace lf
