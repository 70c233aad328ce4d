#include "layers/mixers/latent_attention.h"

#include "base/error.h"
#include "layers/cached_sequences.h"
#include "tensor/precision.h"

namespace lf {

LatentAttention::LatentAttention(const LatentAttentionSpec& spec, const LayerPlace& place)
    : spec_(spec),
      place_(place),
      scale_(spec.scale > 0 ? spec.scale : 1.0 / std::sqrt(static_cast<double>(spec.plain_width + spec.rotated_width))),
      kv_a_proj_(place.hidden_size, spec.kv_rank + spec.rotated_width, spec.bias),
      kv_a_norm_(spec.kv_rank, spec.norm),
      kv_b_proj_(spec.kv_rank, spec.heads * (spec.plain_width + spec.value_width), false),
      o_proj_(spec.heads * spec.value_width, place.hidden_size, spec.bias) {
  const int64_t width = spec.heads * (spec.plain_width + spec.rotated_width);
  if (spec.query_rank > 0) {
    q_a_proj_ = std::make_unique<Linear>(place.hidden_size, spec.query_rank, spec.bias);
    q_a_norm_ = std::make_unique<Norm>(spec.query_rank, spec.norm);
    q_b_proj_ = std::make_unique<Linear>(spec.query_rank, width, false);
    register_module("q_a_proj", *q_a_proj_);
    register_module("q_a_layernorm", *q_a_norm_);
    register_module("q_b_proj", *q_b_proj_);
  } else {
    q_proj_ = std::make_unique<Linear>(place.hidden_size, width, false);
    register_module("q_proj", *q_proj_);
  }
  register_module("kv_a_proj_with_mqa", kv_a_proj_);
  register_module("kv_a_layernorm", kv_a_norm_);
  register_module("kv_b_proj", kv_b_proj_);
  register_module("o_proj", o_proj_);
}

double LatentAttention::flops_per_token(int64_t length) const {
  const double seen = place_.window > 0 ? std::min<double>(place_.window, length) : length / 2.0;
  return 2 * seen * static_cast<double>(spec_.heads * (spec_.plain_width + spec_.rotated_width + spec_.value_width));
}

Tensor LatentAttention::queries(const Tensor& x) {
  if (q_proj_) return q_proj_->forward(x);
  Tensor narrow = q_a_proj_->forward(x);
  return q_b_proj_->forward(q_a_norm_->forward(narrow).to(narrow.scalar_type()));
}

LatentAttention::Heads LatentAttention::project(const Tensor& x, const LayerContext& context) {
  const int64_t tokens = x.size(0), plain = spec_.plain_width, rotated = spec_.rotated_width;
  Tensor q = queries(x).view({tokens, spec_.heads, plain + rotated});
  Tensor narrow = kv_a_proj_.forward(x);
  Tensor latent = kv_a_norm_.forward(narrow.narrow(1, 0, spec_.kv_rank)).to(narrow.scalar_type());
  Tensor both = kv_b_proj_.forward(latent).view({tokens, spec_.heads, plain + spec_.value_width});
  Tensor q_position = q.narrow(2, plain, rotated);
  Tensor k_position = narrow.narrow(1, spec_.kv_rank, rotated).view({tokens, 1, rotated});
  if (place_.rope >= 0) {
    const RopeTable& table = context.ropes.at(static_cast<size_t>(place_.rope));
    q_position = rotate(q_position, table);
    k_position = rotate(k_position, table);
  }
  return {at::cat({q.narrow(2, 0, plain), q_position}, 2),
          at::cat({both.narrow(2, 0, plain), k_position.expand({tokens, spec_.heads, rotated})}, 2),
          both.narrow(2, plain, spec_.value_width)};
}

Tensor LatentAttention::forward(const Tensor& x, const LayerContext& context) {
  const Heads heads = project(x.to(ComputeDtype::current().value_or(x.scalar_type())), context);
  const AttentionOptions options{.scale = scale_, .window = place_.window, .dropout = training_ ? spec_.dropout : 0.0};
  Tensor out = context.cache ? cached(heads, options, context)
                             : varlen_attention(heads.q, heads.k, heads.v, context.stream->bounds, options);
  return o_proj_.forward(out.reshape({x.size(0), spec_.heads * spec_.value_width}));
}

Tensor LatentAttention::cached(const Heads& heads, const AttentionOptions& options, const LayerContext& context) const {
  return over_cached_sequences(context, place_.index, heads.q, heads.k, heads.v,
                               [&](const Tensor& q, const Tensor& keys, const Tensor& values) {
                                 return cached_attention(q, keys, values, options);
                               });
}

std::unique_ptr<Mixer> LatentAttentionSpec::build(const LayerPlace& place) const {
  return std::make_unique<LatentAttention>(*this, place);
}

std::string LatentAttentionSpec::describe() const {
  return fmt::format("latent attention, {} heads of {} + {}, values {}, rank {}", heads, plain_width, rotated_width,
                     value_width, kv_rank);
}

void LatentAttentionSpec::validate() const {
  constexpr int64_t kLargest = int64_t{1} << 31;
  for (const auto& [key, value] :
       {std::pair{"num_attention_heads", heads}, std::pair{"kv_lora_rank", kv_rank},
        std::pair{"qk_nope_head_dim", plain_width}, std::pair{"qk_rope_head_dim", rotated_width},
        std::pair{"v_head_dim", value_width}}) {
    LF_CHECK(kFormat, value > 0 && value < kLargest, "[latent attention] {} must be positive but is {}", key, value);
  }
  LF_CHECK(kFormat, query_rank >= 0 && query_rank < kLargest,
           "[latent attention] q_lora_rank must be positive but is {}", query_rank);
  LF_CHECK(kFormat, rotated_width % 2 == 0, "[latent attention] qk_rope_head_dim must be even but is {}",
           rotated_width);
  LF_CHECK(kFormat, dropout >= 0 && dropout < 1, "[latent attention] attention_dropout must be in [0, 1) but is {}",
           dropout);
}

}  // namespace lf
