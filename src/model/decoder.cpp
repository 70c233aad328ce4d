#include "model/decoder.h"

#include "base/error.h"
#include "kernels/checkpoint.h"

namespace lf {

/// "model": everything below the head.
class Decoder::Backbone : public Module {
 public:
  explicit Backbone(const ModelSpec& spec)
      : embed_tokens(spec.vocab_size, spec.hidden_size, spec.pad_token),
        norm(spec.hidden_size, spec.norm),
        rope(spec.rope, spec.attention.head_dim) {
    register_module("embed_tokens", embed_tokens);
    for (size_t i = 0; i < spec.layers.size(); ++i) {
      layers.push_back(std::make_unique<DecoderLayer>(DecoderLayer::Options{.attention = spec.attention,
                                                                            .mlp = spec.mlp,
                                                                            .norm = spec.norm,
                                                                            .layer = spec.layers[i],
                                                                            .hidden_size = spec.hidden_size,
                                                                            .index = static_cast<int64_t>(i)}));
      register_module(fmt::format("layers.{}", i), *layers.back());
    }
    register_module("norm", norm);
  }

  Embedding embed_tokens;
  std::vector<std::unique_ptr<DecoderLayer>> layers;
  RmsNorm norm;
  Rope rope;
};

namespace {
/// 1 + beta log(1 + floor(p / length)) for every position p.
Tensor query_scales(const AttentionSpec& spec, const Tensor& positions) {
  if (spec.query_scale_beta == 0) return Tensor();
  Tensor periods = at::floor(positions.to(at::kFloat) / static_cast<double>(spec.query_scale_length));
  return 1.0 + spec.query_scale_beta * at::log(1.0 + periods);
}

bool trains(Module& layer) {
  for (auto& [name, module] : layer.named_modules()) {
    if (auto* linear = dynamic_cast<Linear*>(module); linear && linear->is_trainable()) return true;
    if (auto* norm = dynamic_cast<RmsNorm*>(module); norm && norm->weight().requires_grad()) return true;
  }
  return false;
}

Tensor add_embedding_noise(const Tensor& x, const std::vector<int64_t>& bounds, double alpha) {
  Tensor noise = at::empty_like(x);
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    Tensor part = noise.narrow(0, bounds[i], bounds[i + 1] - bounds[i]);
    const double magnitude = alpha / std::sqrt(static_cast<double>(std::max<int64_t>(part.numel(), 1)));
    part.uniform_(-magnitude, magnitude);
  }
  return x + noise;
}

void check_stream(const TokenStream& stream) {
  LF_ASSERT(stream.ids.dim() == 1 && stream.positions.sizes() == stream.ids.sizes());
  LF_ASSERT(stream.bounds.size() >= 2 && stream.bounds.front() == 0 && stream.bounds.back() == stream.ids.size(0));
}
}  // namespace

Decoder::Decoder(const ModelSpec& spec) : spec_(spec), model_(std::make_unique<Backbone>(spec)) {
  register_module("model", *model_);
  lm_head_ = spec.tied_embeddings ? std::make_unique<Linear>(model_->embed_tokens.weight())
                                  : std::make_unique<Linear>(spec.hidden_size, spec.vocab_size, false);
  register_module("lm_head", *lm_head_);
}

Decoder::~Decoder() = default;

Tensor Decoder::forward(const TokenStream& stream, KvCache* cache, const ForwardOptions& options) {
  check_stream(stream);
  Tensor hidden = model_->embed_tokens.forward(stream.ids);
  if (options.embedding_noise > 0) hidden = add_embedding_noise(hidden, stream.bounds, options.embedding_noise);
  auto shared_stream = std::make_shared<TokenStream>(stream);
  auto context = std::make_shared<LayerContext>();
  context->stream = shared_stream.get();
  context->rope = model_->rope.table(stream.positions, hidden.scalar_type());
  context->query_scale = query_scales(spec_.attention, stream.positions);
  context->cache = cache;
  context->shift_ratio = options.shift_ratio;
  const bool recompute = options.gradient_checkpointing && !cache && at::GradMode::is_enabled();
  for (auto& layer : model_->layers) {
    if (recompute && (hidden.requires_grad() || trains(*layer))) {
      hidden = checkpoint(
          [layer = layer.get(), context, shared_stream](const Tensor& x) { return layer->forward(x, *context); },
          hidden);
    } else {
      hidden = layer->forward(hidden, *context);
    }
  }
  return model_->norm.forward(hidden);
}

Embedding& Decoder::embedding() { return model_->embed_tokens; }

std::vector<DecoderLayer*> Decoder::layers() {
  std::vector<DecoderLayer*> out;
  for (auto& layer : model_->layers) out.push_back(layer.get());
  return out;
}

std::vector<std::pair<std::string, Tensor>> Decoder::state_dict() {
  std::vector<std::pair<std::string, Tensor>> out;
  for (const NamedParameter& parameter : named_parameters())
    out.emplace_back(parameter.name, parameter.tensor->detach());
  return out;
}

}  // namespace lf
