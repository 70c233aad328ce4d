// Attention through libtorch's flash kernels. CPU: sequence by sequence (or band by band), in fp32 where the CPU has no
// bf16 products, while what is kept for the backward pass stays in the narrow type. CUDA: one variable-length call for
// the whole stream. What neither covers (dropout, other devices and types) goes through scaled_dot_product_attention.
// FlashAttention: Dao et al. 2022, arXiv 2205.14135.
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/attention.h"
#include "kernels/attention_impl.h"
#include "kernels/matmul.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What both passes need to know besides tensors.
struct Shape {
  std::vector<int64_t> bounds;
  double scale;
  int64_t window;

  void save(AutogradContext* ctx) const {
    ctx->saved_data["bounds"] = bounds;
    ctx->saved_data["scale"] = scale;
    ctx->saved_data["window"] = window;
  }
  static Shape load(AutogradContext* ctx) {
    return {ctx->saved_data["bounds"].toIntVector(), ctx->saved_data["scale"].toDouble(),
            ctx->saved_data["window"].toInt()};
  }
  std::optional<Tensor> mask(const AttentionBlock& block, const at::TensorOptions& options) const {
    if (block.causal) return std::nullopt;
    return band_mask(block, window, options);
  }
};

/// The type in which the CPU kernel runs.
c10::ScalarType kernel_dtype(const Tensor& q) {
  const bool narrow = q.scalar_type() == at::kBFloat16 || q.scalar_type() == at::kHalf;
  return narrow && !cpu_has_bf16_products() ? at::kFloat : q.scalar_type();
}

/// K G T E -> T H E.
Tensor token_major(const Tensor& x) { return x.permute({2, 0, 1, 3}).flatten(1, 2); }

class CpuAttention : public torch::autograd::Function<CpuAttention> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& q, const Tensor& k, const Tensor& v, const Shape& shape) {
    const int64_t kv_heads = k.size(1), groups = q.size(1) / kv_heads;
    const c10::ScalarType wide = kernel_dtype(q);
    Tensor out = at::empty(q.sizes(), q.options());
    variable_list keep{q, k, v, out};
    for (const AttentionBlock& block : attention_blocks(shape.bounds, shape.window)) {
      Tensor qs = grouped_heads(q.slice(0, block.query_begin, block.query_end).to(wide), kv_heads, groups);
      Tensor ks = grouped_heads(k.slice(0, block.key_begin, block.key_end).to(wide), kv_heads, groups);
      Tensor vs = grouped_heads(v.slice(0, block.key_begin, block.key_end).to(wide), kv_heads, groups);
      auto [o, lse] = at::_scaled_dot_product_flash_attention_for_cpu(qs, ks, vs, 0.0, block.causal,
                                                                      shape.mask(block, qs.options()), shape.scale);
      out.slice(0, block.query_begin, block.query_end).copy_(token_major(o));
      keep.push_back(lse);
    }
    ctx->save_for_backward(keep);
    shape.save(ctx);
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list kept = ctx->get_saved_variables();
    const Tensor &q = kept[0], &k = kept[1], &v = kept[2], &out = kept[3];
    const Shape shape = Shape::load(ctx);
    const int64_t kv_heads = k.size(1), groups = q.size(1) / kv_heads;
    const c10::ScalarType wide = kernel_dtype(q);
    Tensor g = gradients[0].to(q.scalar_type()).contiguous();
    Tensor dq = at::empty(q.sizes(), q.options());
    const bool overlapping = shape.window > 0;  // bands share keys, so their gradients add up
    Tensor dk = overlapping ? at::zeros(k.sizes(), k.options().dtype(wide)) : at::empty(k.sizes(), k.options());
    Tensor dv = at::zeros_like(dk);
    size_t index = 4;
    for (const AttentionBlock& block : attention_blocks(shape.bounds, shape.window)) {
      auto queries = [&](const Tensor& x) {
        return grouped_heads(x.slice(0, block.query_begin, block.query_end).to(wide), kv_heads, groups);
      };
      auto keys = [&](const Tensor& x) {
        return grouped_heads(x.slice(0, block.key_begin, block.key_end).to(wide), kv_heads, groups);
      };
      Tensor qs = queries(q);
      auto [bq, bk, bv] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
          queries(g), qs, keys(k), keys(v), queries(out), kept[index++], 0.0, block.causal,
          shape.mask(block, qs.options()), shape.scale);
      dq.slice(0, block.query_begin, block.query_end).copy_(token_major(bq));
      add_keys(dk, bk, block, overlapping);
      add_keys(dv, bv, block, overlapping);
    }
    return {dq, dk.to(k.scalar_type()), dv.to(v.scalar_type()), Tensor()};
  }

 private:
  /// Sums over the query heads of each key head and puts the block where it belongs.
  static void add_keys(Tensor& to, const Tensor& block_gradient, const AttentionBlock& block, bool overlapping) {
    Tensor sum = (block_gradient.size(1) == 1 ? block_gradient.squeeze(1) : block_gradient.sum(1)).transpose(0, 1);
    Tensor place = to.slice(0, block.key_begin, block.key_end);
    if (overlapping) {
      place.add_(sum);
    } else {
      place.copy_(sum);
    }
  }
};

class CudaAttention : public torch::autograd::Function<CudaAttention> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& q, const Tensor& k, const Tensor& v, const Shape& shape) {
    Tensor bounds = at::tensor(shape.bounds, at::kInt).to(q.device());
    auto [out, lse, rng, unused, debug] =
        at::_flash_attention_forward(q, k, v, bounds, bounds, longest(shape), longest(shape), 0.0, true, false,
                                     shape.scale, left(shape), right(shape));
    ctx->save_for_backward({q, k, v, out, lse, rng, unused, bounds});
    shape.save(ctx);
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list kept = ctx->get_saved_variables();
    const Shape shape = Shape::load(ctx);
    auto [dq, dk, dv] = at::_flash_attention_backward(gradients[0].contiguous(), kept[0], kept[1], kept[2], kept[3],
                                                      kept[4], kept[7], kept[7], longest(shape), longest(shape), 0.0,
                                                      true, kept[5], kept[6], shape.scale, left(shape), right(shape));
    return {dq, dk, dv, Tensor()};
  }

 private:
  static int64_t longest(const Shape& shape) {
    int64_t most = 0;
    for (size_t s = 0; s + 1 < shape.bounds.size(); ++s) most = std::max(most, shape.bounds[s + 1] - shape.bounds[s]);
    return most;
  }
  static std::optional<int64_t> left(const Shape& shape) {
    return shape.window > 0 ? std::optional<int64_t>(shape.window - 1) : std::nullopt;
  }
  static std::optional<int64_t> right(const Shape& shape) {
    return shape.window > 0 ? std::optional<int64_t>(0) : std::nullopt;
  }
};

/// Any device and type, with dropout; gradients by libtorch.
Tensor composed(const Tensor& q, const Tensor& k, const Tensor& v, const Shape& shape, double dropout) {
  const int64_t kv_heads = k.size(1), groups = q.size(1) / kv_heads;
  std::vector<Tensor> outputs;
  for (const AttentionBlock& block : attention_blocks(shape.bounds, shape.window)) {
    Tensor qs = grouped_heads(q.slice(0, block.query_begin, block.query_end), kv_heads, groups);
    Tensor ks = grouped_heads(k.slice(0, block.key_begin, block.key_end), kv_heads, groups);
    Tensor vs = grouped_heads(v.slice(0, block.key_begin, block.key_end), kv_heads, groups);
    outputs.push_back(token_major(at::scaled_dot_product_attention(qs, ks, vs, shape.mask(block, qs.options()), dropout,
                                                                   block.causal, shape.scale)));
  }
  return outputs.empty() ? at::zeros_like(q) : at::cat(outputs, 0);
}
}  // namespace

Tensor varlen_attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                        const AttentionOptions& options) {
  if (options.has_own_scores()) {
    return options.dropout > 0 ? varlen_attention_reference(q, k, v, bounds, options)
                               : scored_attention(q, k, v, bounds, options);
  }
  if (v.size(2) < q.size(2)) {  // the kernels want one width
    Tensor padded = at::constant_pad_nd(v, {0, q.size(2) - v.size(2)});
    return varlen_attention(q, k, padded, bounds, options).slice(-1, 0, v.size(2));
  }
  if (v.size(2) > q.size(2)) {
    const int64_t more = v.size(2) - q.size(2);
    return varlen_attention(at::constant_pad_nd(q, {0, more}), at::constant_pad_nd(k, {0, more}), v, bounds, options);
  }
  const Shape shape{{bounds.begin(), bounds.end()}, options.scale, options.window};
  if (options.dropout > 0) return composed(q, k, v, shape, options.dropout);
  if (q.is_cpu()) return CpuAttention::apply(q.contiguous(), k.contiguous(), v.contiguous(), shape);
  const bool narrow = q.scalar_type() == at::kBFloat16 || q.scalar_type() == at::kHalf;
  if (q.is_cuda() && narrow && q.size(2) <= 256 && q.size(2) % 8 == 0) {
    return CudaAttention::apply(q.contiguous(), k.contiguous(), v.contiguous(), shape);
  }
  return composed(q, k, v, shape, 0.0);
}

}  // namespace lf
