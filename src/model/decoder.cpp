#include "model/decoder.h"

#include "base/error.h"
#include "kernels/checkpoint.h"
#include "layers/cached_sequences.h"
#include "layers/mixture_of_depths.h"
#include "model/stored_tensors.h"

namespace lf {

static std::unique_ptr<DecoderLayer> build_block(const ModelSpec& spec, size_t i) {
  const LayerSpec& layer = spec.layers[i];
  const LayerPlace place{static_cast<int64_t>(i), spec.hidden_size, layer.rope, layer.window};
  if (layer.build) return layer.build(spec, place);
  const BlockSpec& block = layer.block ? *layer.block : spec.block;
  std::unique_ptr<Mixer> mixer;
  std::string mixer_name = block.attention, feed_forward_name = block.mlp;
  if (layer.mixer) {
    mixer = layer.mixer->build(place);
    if (std::string name = layer.mixer->name(); !name.empty()) mixer_name = name;
  } else {
    mixer = std::make_unique<Attention>(spec.attention_of(i), spec.norm, place);
  }
  std::unique_ptr<FeedForward> feed_forward;
  if (layer.feed_forward) {
    feed_forward = layer.feed_forward->build(place);
    if (std::string name = layer.feed_forward->name(); !name.empty()) feed_forward_name = name;
  } else {
    feed_forward = std::make_unique<Mlp>(spec.mlp_of(i), spec.hidden_size);
  }
  return std::make_unique<TransformerBlock>(TransformerBlock::Options{block, spec.norm, spec.hidden_size},
                                            std::move(mixer), mixer_name, std::move(feed_forward), feed_forward_name);
}

static std::unique_ptr<DecoderLayer> build_layer(const ModelSpec& spec, size_t i) {
  std::unique_ptr<DecoderLayer> block = build_block(spec, i);
  const LayerSpec& layer = spec.layers[i];
  if (!layer.routed_depth) return block;
  return std::make_unique<MixtureOfDepths>(spec.hidden_size, layer.window, std::move(block));
}

static bool routes_depth(const ModelSpec& spec) {
  return std::any_of(spec.layers.begin(), spec.layers.end(), [](const LayerSpec& layer) { return layer.routed_depth; });
}

/// spec.names.base: everything below the head.
class Decoder::Backbone : public Module {
 public:
  explicit Backbone(const ModelSpec& spec)
      : embed_tokens(spec.vocab_size, spec.embedding_width > 0 ? spec.embedding_width : spec.hidden_size,
                     spec.pad_token) {
    register_module(spec.names.embedding, embed_tokens);
    if (spec.learned_positions > 0) {
      positions = std::make_unique<Embedding>(spec.learned_positions, spec.hidden_size, std::nullopt);
      register_module(spec.names.positions, *positions);
    }
    if (spec.embedding_width > 0 && spec.embedding_width != spec.hidden_size) {
      project_in = std::make_unique<Linear>(spec.embedding_width, spec.hidden_size, false);
      project_out = std::make_unique<Linear>(spec.hidden_size, spec.embedding_width, false);
      register_module("project_in", *project_in);
      register_module("project_out", *project_out);
    }
    if (!spec.names.embedding_norm.empty()) add_norm(embedding_norm, spec.names.embedding_norm, spec);
    for (size_t i = 0; i < spec.layers.size(); ++i) {
      layers.push_back(build_layer(spec, i));
      register_module(fmt::format("{}.{}", spec.names.layers, i), *layers.back());
    }
    if (!spec.names.norm.empty()) add_norm(norm, spec.names.norm, spec);
    carried.resize(spec.carried.size());
    for (size_t i = 0; i < carried.size(); ++i) {
      carried[i] = at::empty(spec.carried[i].shape, at::TensorOptions(at::kMeta).dtype(at::kFloat));
      register_buffer(spec.carried[i].name, carried[i]);
    }
    for (const RopeSpec& rope : spec.ropes) ropes.emplace_back(rope, spec.attention.head_dim);
  }

  void set_training(bool on) override { training = on; }
  /// Of carried tensors, norms; the rest follows the model's rule.
  bool initialize(const NamedParameter& parameter, Tensor& value) const override {
    if (value.dim() != 1 || !parameter.name.ends_with("norm.weight")) return false;
    value.fill_(1);
    return true;
  }

  Tensor embed(const TokenStream& stream, const ModelSpec& spec) {
    Tensor hidden = embed_tokens.forward(stream.ids);
    if (training && spec.embedding_dropout > 0) hidden = at::dropout(hidden, spec.embedding_dropout, true);
    if (spec.embedding_multiplier_rounded) {
      hidden = hidden * at::scalar_tensor(spec.embedding_multiplier, hidden.options());
    } else if (spec.embedding_multiplier != 1) {
      hidden = hidden * spec.embedding_multiplier;
    }
    if (project_in) hidden = project_in->forward(hidden);
    if (positions) hidden = hidden + positions->forward(stream.positions + spec.learned_positions_offset);
    return embedding_norm ? embedding_norm->forward(hidden) : hidden;
  }

  Embedding embed_tokens;
  std::unique_ptr<Embedding> positions;
  std::unique_ptr<Linear> project_in, project_out;
  std::unique_ptr<Norm> embedding_norm, norm;
  std::vector<std::unique_ptr<DecoderLayer>> layers;
  std::vector<Tensor> carried;
  std::vector<Rope> ropes;
  bool training = false;

 private:
  void add_norm(std::unique_ptr<Norm>& slot, const std::string& name, const ModelSpec& spec) {
    slot = std::make_unique<Norm>(spec.hidden_size, spec.norm);
    register_module(name, *slot);
  }
};

namespace {
/// 1 + beta log(1 + floor(p / length)) for every position p; or log(p + 1) / log(length), at least 1.
Tensor query_scales(const AttentionSpec& spec, const Tensor& positions, bool training) {
  if (spec.log_scale_length > 0 && !training) {
    Tensor seen = (positions + 1).to(at::kFloat);
    return (at::log(seen) / std::log(static_cast<double>(spec.log_scale_length))).clamp_min(1.0);
  }
  if (spec.query_scale_beta == 0) return Tensor();
  Tensor periods = at::floor(positions.to(at::kFloat) / static_cast<double>(spec.query_scale_length));
  return 1.0 + spec.query_scale_beta * at::log(1.0 + periods);
}

bool trains(Module& layer) {
  for (const NamedParameter& parameter : layer.named_parameters()) {
    if (parameter.tensor->requires_grad()) return true;
  }
  for (auto& [name, module] : layer.named_modules()) {
    if (auto* linear = dynamic_cast<Linear*>(module); linear && linear->is_trainable()) return true;
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

/// A table of learned positions ends somewhere, and so do other models.
void check_positions(const ModelSpec& spec, const TokenStream& stream) {
  if (spec.longest_sequence > 0 && stream.positions.numel() > 0) {
    const int64_t tokens = stream.positions.max().item<int64_t>() + 1;
    LF_CHECK(kData, tokens <= spec.longest_sequence, "a sequence of {} tokens is longer than {}: {}", tokens,
             spec.longest_sequence, spec.longest_sequence_reason);
  }
  if (spec.learned_positions == 0 || stream.positions.numel() == 0) return;
  const int64_t last = stream.positions.max().item<int64_t>(),
                rows = spec.learned_positions - spec.learned_positions_offset;
  LF_CHECK(kData, last < rows, "a sequence of {} tokens is longer than the {} positions that this '{}' model has",
           last + 1, rows, spec.model_type);
}

void advance(KvCache& cache, const TokenStream& stream) {
  for (size_t s = 0; s + 1 < stream.bounds.size(); ++s) {
    const int64_t sequence = cached_sequence(stream, s);
    cache.advance(sequence, stream.bounds[s + 1] - stream.bounds[s]);
  }
}

void check_stream(const TokenStream& stream) {
  LF_ASSERT(stream.ids.dim() == 1 && stream.positions.sizes() == stream.ids.sizes());
  LF_ASSERT(stream.bounds.size() >= 2 && stream.bounds.front() == 0 && stream.bounds.back() == stream.ids.size(0));
}
}  // namespace

Decoder::Decoder(const ModelSpec& spec) : spec_(spec), model_(std::make_unique<Backbone>(spec)) {
  register_module(spec.names.base, *model_);
  const int64_t width = spec.embedding_width > 0 ? spec.embedding_width : spec.hidden_size;
  lm_head_ = spec.tied_embeddings ? std::make_unique<Linear>(model_->embed_tokens.weight())
                                  : std::make_unique<Linear>(width, spec.vocab_size, spec.head_bias);
  register_module(spec.names.head, *lm_head_);
  if (spec.normalized_head) lm_head_->normalize_rows();
}

Decoder::~Decoder() = default;

Tensor Decoder::forward(const TokenStream& stream, KvCache* cache, const ForwardOptions& options) {
  check_stream(stream);
  check_positions(spec_, stream);
  Tensor hidden = model_->embed(stream, spec_);
  if (options.embedding_noise > 0) hidden = add_embedding_noise(hidden, stream.bounds, options.embedding_noise);
  auto shared_stream = std::make_shared<TokenStream>(stream);
  auto context = std::make_shared<LayerContext>();
  context->stream = shared_stream.get();
  for (Rope& rope : model_->ropes)
    context->ropes.push_back(rope.table(stream.positions, hidden.scalar_type(), model_->training));
  context->query_scale = query_scales(spec_.attention, stream.positions, model_->training);
  context->cache = cache;
  context->routers = options.routers;
  context->shift_ratio = options.shift_ratio;
  if (model_->training && routes_depth(spec_)) depth_passes_ = next_depth_pass(depth_passes_);
  context->depth_capacity = depth_capacity(depth_passes_);
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
  if (cache) advance(*cache, stream);
  if (model_->norm) hidden = model_->norm->forward(hidden);
  return model_->project_out ? model_->project_out->forward(hidden) : hidden;
}

Tensor Decoder::head_input(const Tensor& hidden) const {
  return spec_.logit_multiplier == 1 ? hidden : hidden * spec_.logit_multiplier;
}

Tensor Decoder::unused_bias() const {
  constexpr double kNever = -1e30;
  Tensor bias = at::zeros({lm_head_->out_features()}, at::TensorOptions(model_->embed_tokens.weight().device()));
  return bias.index_fill_(0, at::tensor(spec_.unused_tokens, at::kLong).to(bias.device()), kNever);
}

Tensor Decoder::head_bias() {
  const Tensor own = lm_head_->bias();
  if (spec_.unused_tokens.empty()) return own;
  const Tensor unused = unused_bias().to(lm_head_->weight().scalar_type());
  return own.defined() ? own + unused : unused;
}

Tensor Decoder::logits(const Tensor& hidden) {
  Tensor logits = lm_head_->forward(head_input(hidden));
  if (!spec_.unused_tokens.empty()) logits = logits + unused_bias().to(logits.scalar_type());
  return spec_.logit_softcap == 0 ? logits : at::tanh(logits / spec_.logit_softcap) * spec_.logit_softcap;
}

bool Decoder::outgrows_cache(int64_t before, int64_t after) const {
  if (routes_depth(spec_)) return true;  // which tokens go through a block depends on all of them
  return std::any_of(model_->ropes.begin(), model_->ropes.end(),
                     [&](const Rope& rope) { return rope.outgrown(before, after); });
}

Embedding& Decoder::embedding() { return model_->embed_tokens; }

std::vector<DecoderLayer*> Decoder::layers() {
  std::vector<DecoderLayer*> out;
  for (auto& layer : model_->layers) out.push_back(layer.get());
  return out;
}

std::vector<std::pair<std::string, Tensor>> Decoder::state_dict() {
  std::vector<std::pair<std::string, Tensor>> out;
  for (const NamedParameter& parameter : named_tensors()) {
    for (StoredTensor& stored : stored_tensors(parameter)) out.emplace_back(stored.name, stored.view.contiguous());
  }
  return out;
}

}  // namespace lf
