#include "layers/attention.h"

#include <bit>

#include "base/error.h"
#include "kernels/attention.h"
#include "kernels/shifted_attention.h"
#include "layers/cached_sequences.h"
#include "tensor/precision.h"

namespace lf {

Tensor alibi_slopes(int64_t heads, double max_bias) {
  const auto power = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(heads)));
  std::vector<float> slopes;
  for (int64_t i = 1; i <= power; ++i) slopes.push_back(static_cast<float>(std::exp2(-max_bias * i / power)));
  for (int64_t i = 1; static_cast<int64_t>(slopes.size()) < heads; i += 2) {
    slopes.push_back(static_cast<float>(std::exp2(-max_bias * i / (2 * power))));
  }
  return at::tensor(slopes, at::kFloat);
}

Attention::Attention(const AttentionSpec& spec, const NormSpec& norm, const LayerPlace& place)
    : spec_(spec),
      place_(place),
      scale_(spec.scale > 0 ? spec.scale : 1.0 / std::sqrt(static_cast<double>(spec.head_dim))) {
  add_projections(place.hidden_size);
  add_norms(norm);
  if (spec.sinks) {
    sinks_ = at::empty({spec.heads}, at::TensorOptions(at::kMeta).dtype(at::kFloat));
    register_parameter(spec.names.sinks, sinks_);
  }
  if (spec.alibi) slopes_ = alibi_slopes(spec.heads, spec.alibi_max) * spec.alibi_multiplier;
}

void Attention::add_projections(int64_t hidden_size) {
  const int64_t q = spec_.heads * spec_.head_dim, kv = spec_.kv_heads * spec_.head_dim;
  auto add = [&](std::unique_ptr<Linear>& slot, const std::string& name, int64_t in, int64_t out, bool bias) {
    slot = std::make_unique<Linear>(in, out, bias, spec_.transposed_weights);
    register_module(name, *slot);
  };
  if (spec_.layout == QkvLayout::kSeparate) {
    add(q_proj_, spec_.names.q, hidden_size, spec_.output_gate ? 2 * q : q, spec_.qkv_bias);
    add(k_proj_, spec_.names.k, hidden_size, kv, spec_.qkv_bias && !spec_.no_key_bias);
    add(v_proj_, spec_.names.v, hidden_size, spec_.kv_heads * value_width(), spec_.qkv_bias);
  } else if (spec_.layout == QkvLayout::kKeyValue) {
    add(q_proj_, spec_.names.q, hidden_size, q, spec_.qkv_bias);
    add(qkv_proj_, spec_.names.fused, hidden_size, 2 * kv, spec_.qkv_bias);
  } else {
    add(qkv_proj_, spec_.names.fused, hidden_size, q + 2 * kv, spec_.qkv_bias);
  }
  add(o_proj_, spec_.names.output, spec_.heads * value_width(), hidden_size, spec_.output_bias);
}

void Attention::add_norms(const NormSpec& model_norm) {
  if (spec_.qk_norm == QkNorm::kNone) return;
  const NormSpec norm = spec_.qk_norm_spec.value_or(model_norm);
  auto add = [&](std::unique_ptr<Norm>& slot, const std::string& name, int64_t heads) {
    switch (spec_.qk_norm) {
      case QkNorm::kFull:
        slot = std::make_unique<Norm>(heads * spec_.head_dim, norm);
        break;
      case QkNorm::kEachHead:
      case QkNorm::kNormOfEachHead:
        slot = std::make_unique<Norm>(heads, spec_.head_dim, norm, spec_.qk_norm == QkNorm::kNormOfEachHead);
        break;
      default:
        slot = std::make_unique<Norm>(spec_.head_dim, norm);
    }
    if (norm.affine) register_module(name, *slot);
  };
  add(q_norm_, spec_.names.q_norm, spec_.heads);
  add(k_norm_, spec_.names.k_norm, spec_.kv_heads);
}

double Attention::flops_per_token(int64_t length) const {
  const double seen = place_.window > 0 ? std::min<double>(place_.window, length) : length / 2.0;
  return 2 * seen * static_cast<double>(spec_.heads * (spec_.head_dim + value_width()));
}

Attention::Projected Attention::split(const Tensor& fused) const {
  const int64_t tokens = fused.size(0), width = spec_.head_dim, kv = spec_.kv_heads;
  if (spec_.layout == QkvLayout::kStacked) {
    Tensor heads = fused.view({tokens, spec_.heads + 2 * kv, width});
    return {
        heads.narrow(1, 0, spec_.heads), heads.narrow(1, spec_.heads, kv), heads.narrow(1, spec_.heads + kv, kv), {}};
  }
  const int64_t groups = spec_.heads / kv;
  Tensor heads = fused.view({tokens, kv, groups + 2, width});
  return {heads.narrow(2, 0, groups).reshape({tokens, spec_.heads, width}),
          heads.select(2, groups),
          heads.select(2, groups + 1),
          {}};
}

Attention::Projected Attention::project(const Tensor& x) {
  const int64_t tokens = x.size(0), width = spec_.head_dim;
  auto clipped = [&](const Tensor& y) { return spec_.clip_qkv > 0 ? y.clamp(-spec_.clip_qkv, spec_.clip_qkv) : y; };
  if (qkv_proj_ && !q_proj_) return split(clipped(qkv_proj_->forward(x)));
  Projected p;
  Tensor q = clipped(q_proj_->forward(x));
  if (qkv_proj_) {
    Tensor both = clipped(qkv_proj_->forward(x)).view({tokens, spec_.kv_heads, 2, width});
    return {q.view({tokens, spec_.heads, width}), both.select(2, 0), both.select(2, 1), {}};
  }
  if (spec_.output_gate) {
    Tensor both = q.view({tokens, spec_.heads, 2 * width});
    p.q = both.narrow(2, 0, width);
    p.gate = both.narrow(2, width, width).reshape({tokens, spec_.heads * width});
  } else {
    p.q = q.view({tokens, spec_.heads, width});
  }
  p.k = clipped(k_proj_->forward(x)).view({tokens, spec_.kv_heads, width});
  p.v = clipped(v_proj_->forward(x)).view({tokens, spec_.kv_heads, value_width()});
  if (spec_.value_multiplier != 1) p.v = p.v * spec_.value_multiplier;
  return p;
}

Tensor Attention::normed(const std::unique_ptr<Norm>& norm, const Tensor& x) const {
  if (!norm) return x;
  if (spec_.qk_norm == QkNorm::kFull) return norm->forward(x.flatten(1)).view(x.sizes()).to(x.scalar_type());
  return norm->forward(x).to(x.scalar_type());
}

void Attention::place_in_sequence(Projected& p, const LayerContext& context) const {
  if (!spec_.qk_norm_after_rope) {
    p.q = normed(q_norm_, p.q);
    p.k = normed(k_norm_, p.k);
  }
  if (place_.rope >= 0) {
    const RopeTable& table = context.ropes.at(static_cast<size_t>(place_.rope));
    p.q = rotate(p.q, table);
    p.k = rotate(p.k, table);
  }
  if (spec_.qk_norm_after_rope) {
    p.q = normed(q_norm_, p.q);
    p.k = normed(k_norm_, p.k);
  }
  if (context.query_scale.defined()) {
    p.q = p.q * context.query_scale.view({p.q.size(0), 1, 1}).to(p.q.scalar_type());
  }
}

AttentionOptions Attention::options(const Tensor& like) const {
  return {.scale = scale_,
          .window = place_.window,
          .dropout = training_ ? spec_.dropout : 0.0,
          .softcap = spec_.score_softcap,
          .slopes = slopes_.defined() ? slopes_.to(like.device()) : Tensor(),
          .sinks = sinks_};
}

Tensor Attention::forward(const Tensor& x, const LayerContext& context) {
  Projected p = project(x.to(ComputeDtype::current().value_or(x.scalar_type())));
  place_in_sequence(p, context);
  Tensor out = attended(p, context);
  out = out.reshape({x.size(0), spec_.heads * value_width()});
  if (p.gate.defined()) out = out * at::sigmoid(p.gate);
  return o_proj_->forward(out);
}

Tensor Attention::attended(const Projected& p, const LayerContext& context) const {
  const AttentionOptions how = options(p.q);
  if (context.cache) return cached(p, how, context);
  if (training_ && context.shift_ratio > 0) {
    LF_CHECK(kUnsupported, !how.has_own_scores(),
             "shift_attn is not available for models with soft caps, sinks or ALiBi in their attention");
    return shifted_attention(p.q, p.k, p.v, context.stream->bounds, {scale_, spec_.dropout, context.shift_ratio});
  }
  return varlen_attention(p.q, p.k, p.v, context.stream->bounds, how);
}

Tensor Attention::cached(const Projected& p, const AttentionOptions& how, const LayerContext& context) const {
  return over_cached_sequences(context, place_.index, p.q, p.k, p.v,
                               [&](const Tensor& q, const Tensor& keys, const Tensor& values) {
                                 return cached_attention(q, keys, values, how);
                               });
}

}  // namespace lf
