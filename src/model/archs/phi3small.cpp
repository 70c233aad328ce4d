// Phi-3-small (arXiv 2404.14219), after the code published with the model: block-sparse and dense attention in turn,
// GEGELU, muP multipliers.
#include "base/error.h"
#include "layers/activation.h"
#include "layers/feed_forward.h"
#include "layers/mixers/block_sparse_attention.h"
#include "model/arch.h"
#include "tensor/precision.h"

namespace lf {

namespace {
struct GegeluSpec final : FeedForwardSpec {
  int64_t intermediate_size = 0;
  double limit = 0;  // gate at most this, up within plus and minus this; 0 = none
  double dropout = 0;

  std::unique_ptr<FeedForward> build(const LayerPlace& place) const override;
  std::string describe() const override { return fmt::format("{} wide, gegelu, bias", intermediate_size); }
  void validate() const override {
    LF_CHECK(kFormat, intermediate_size > 0 && intermediate_size < (int64_t{1} << 31),
             "[phi3small] ff_intermediate_size must be positive but is {}", intermediate_size);
    LF_CHECK(kFormat, dropout >= 0 && dropout < 1, "[phi3small] ffn_dropout_prob must be in [0, 1) but is {}", dropout);
  }
};

/// down(quick_gelu(gate) * (up + 1)); gate and up alternate in up_proj's rows.
class Gegelu : public FeedForward {
 public:
  Gegelu(const GegeluSpec& spec, int64_t hidden_size)
      : spec_(spec),
        up_proj_(hidden_size, 2 * spec.intermediate_size, true),
        down_proj_(spec.intermediate_size, hidden_size, true) {
    register_module("up_proj", up_proj_);
    register_module("down_proj", down_proj_);
  }
  std::string_view kind() const override { return "MLP"; }
  void set_training(bool training) override { training_ = training; }

  Tensor forward(const Tensor& x, const LayerContext&) override {
    Tensor both = up_proj_.forward(x.to(ComputeDtype::current().value_or(x.scalar_type())));
    both = both.view({x.size(0), spec_.intermediate_size, 2});
    Tensor gate = both.select(2, 0), up = both.select(2, 1);
    if (spec_.limit > 0) {
      gate = gate.clamp_max(spec_.limit);
      up = up.clamp(-spec_.limit, spec_.limit);
    }
    Tensor out = down_proj_.forward(activate(Activation::kQuickGelu, gate) * (up + 1));
    return training_ && spec_.dropout > 0 ? at::dropout(out, spec_.dropout, true) : out;
  }

 private:
  GegeluSpec spec_;
  bool training_ = false;
  Linear up_proj_, down_proj_;
};

std::unique_ptr<FeedForward> GegeluSpec::build(const LayerPlace& place) const {
  return std::make_unique<Gegelu>(*this, place.hidden_size);
}

int64_t intermediate_size(const Json& config) {
  const auto given = config.contains("ff_intermediate_size") ? optional_int(config, "ff_intermediate_size")
                                                             : std::optional<int64_t>(14336);
  if (given) return *given;
  const int64_t size = required_int(config, "ff_dim_multiplier") * (required_int(config, "hidden_size") / 3) * 2;
  return bool_or(config, "gegelu_pad_to_256", true) ? (size + 255) / 256 * 256 : size;
}

/// Tokens without meaning, which pad the published vocabulary.
std::vector<int64_t> unused_tokens(const Json& config) {
  constexpr int64_t kPublished = 100352;
  if (find_value(config, "dummy_token_indices")) return int_list(config, "dummy_token_indices");
  if (required_int(config, "vocab_size") < kPublished) return {};
  std::vector<int64_t> ids = {100256, 100258, 100259, 100260, 100264, 100265};
  for (int64_t id = 100267; id < kPublished; ++id) ids.push_back(id);
  return ids;
}

BlockSparsity read_sparsity(const Json& config, int64_t heads) {
  BlockSparsity sparsity;
  sparsity.block = int_or(config, "blocksparse_block_size", 64);
  sparsity.local_blocks = int_or(config, "blocksparse_num_local_blocks", 16);
  sparsity.stride = int_or(config, "blocksparse_vert_stride", 8);
  const bool same = bool_or(config, "blocksparse_homo_head_pattern", false);
  sparsity.head_step = same ? 0 : std::max<int64_t>(1, sparsity.stride / std::max<int64_t>(heads, 1));
  return sparsity;
}

void set_attention(const Json& config, ModelSpec& spec) {
  AttentionSpec& dense = spec.attention;
  dense.qkv_bias = dense.output_bias = true;
  dense.layout = QkvLayout::kGrouped;
  dense.names.fused = "query_key_value";
  dense.names.output = "dense";
  dense.dropout = number_or(config, "attention_dropout_prob", 0.0);
  if (bool_or(config, "mup_use_scaling", true)) {
    dense.scale = number_or(config, "mup_attn_multiplier", 1.0) / static_cast<double>(dense.head_dim);
  }
  BlockSparseAttentionSpec sparse;
  sparse.heads = dense.heads;
  sparse.kv_heads = dense.kv_heads;
  sparse.head_dim = dense.head_dim;
  sparse.scale = dense.scale;
  sparse.dropout = dense.dropout;
  sparse.sparsity = read_sparsity(config, dense.heads);
  const auto shared = std::make_shared<const BlockSparseAttentionSpec>(sparse);
  const int64_t period =
      config.contains("dense_attention_every_n_layers") ? int_or(config, "dense_attention_every_n_layers", 0) : 2;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool is_dense = period > 0 && (static_cast<int64_t>(i) + 1) % period == 0;
    if (!is_dense) spec.layers[i].mixer = shared;
  }
}

void set_positions(const Json& config, RopeSpec& rope) {
  rope.theta = number_or(config, "rope_embedding_base", 1e6);
  const double scale = number_or(config, "rope_position_scale", 1.0);
  if (rope.scaling == RopeScaling::kLongrope) {
    const Json given = config.at("rope_scaling");
    rope.short_mscale = optional_number(given, "short_mscale");
    rope.long_mscale = optional_number(given, "long_mscale");
  } else if (scale != 1) {
    rope.scaling = RopeScaling::kLinear;
    rope.factor = scale;
  }
}
}  // namespace

static ModelSpec describe(const Json& config) {
  Json named =
      defaulted(config, {{"num_key_value_heads", 8}, {"max_position_embeddings", 8192}, {"tie_word_embeddings", true}});
  named["intermediate_size"] = intermediate_size(config);
  const std::string activation = string_or(config, "hidden_act", "gegelu");
  LF_CHECK(kUnsupported, activation == "gegelu", "config.json: hidden_act '{}' is not available for phi3small (gegelu)",
           activation);
  named["hidden_act"] = "quick_gelu";
  named["pad_token_id"] = nullptr;  // its embedding has no padding row
  ModelSpec spec = llama_spec(named);
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_epsilon", 1e-5));
  spec.names.norm = "final_layernorm";
  set_attention(config, spec);
  set_positions(config, spec.rope());
  GegeluSpec mlp;
  mlp.intermediate_size = spec.mlp.intermediate_size;
  mlp.limit = number_or(config, "gegelu_limit", config.contains("gegelu_limit") ? 0.0 : 20.0);
  mlp.dropout = number_or(config, "ffn_dropout_prob", 0.1);
  const auto shared = std::make_shared<const GegeluSpec>(mlp);
  for (LayerSpec& layer : spec.layers) layer.feed_forward = shared;
  const double embedding = number_or(config, "mup_embedding_multiplier", 10.0);
  if (embedding > 0) spec.embedding_multiplier = embedding;
  const double width = number_or(config, "mup_width_multiplier", 8.0);
  if (width != 0) spec.logit_multiplier = 1.0 / width;
  spec.embedding_dropout = number_or(config, "embedding_dropout_prob", 0.1);
  spec.unused_tokens = unused_tokens(config);
  return spec;
}

extern const ArchEntry entry_phi3small;
constinit const ArchEntry entry_phi3small{.name = "phi3small", .describe = describe};

}  // namespace lf
