// DBRX (Databricks 2024), after the code published with the model: layer norms without bias, one clipped matrix for
// queries, keys and values, fine experts behind a softmax router. Checkpoints stack the experts' gates, ups and downs
// in a matrix each.
#include "base/error.h"
#include "kernels/moe_experts.h"
#include "layers/activation.h"
#include "model/moe_config.h"
#include "tensor/precision.h"

namespace lf {

namespace {
/// The ffn_config of config.json. Legend: X experts, D model, F width of an expert.
struct DbrxExpertsSpec final : FeedForwardSpec {
  RouterSpec router;
  int64_t count = 0, width = 0;
  Activation activation = Activation::kSilu;
  double jitter = 0;

  std::unique_ptr<FeedForward> build(const LayerPlace& place) const override;
  std::string describe() const override {
    return fmt::format("{} of {} experts, {} wide", router.chosen, count, width);
  }
  void validate() const override {
    MoeSpec same;
    same.router = router;
    same.experts.count = count;
    same.experts.width = width;
    same.validate();
    LF_CHECK(kFormat, jitter >= 0 && jitter < 1, "[dbrx] moe_jitter_eps must be in [0, 1) but is {}", jitter);
  }
};

class DbrxExperts : public FeedForward {
 public:
  DbrxExperts(const DbrxExpertsSpec& spec, const LayerPlace& place)
      : spec_(spec), place_(place), router_(spec.router, place.hidden_size, spec.count) {
    register_module(spec.router.name, router_.registered());
    for (auto& [name, matrix] : {std::pair{"w1", &gate_}, std::pair{"v1", &up_}, std::pair{"w2", &down_}}) {
      *matrix = at::empty({spec.count * spec.width, place.hidden_size}, at::TensorOptions(at::kMeta).dtype(at::kFloat));
      register_parameter(fmt::format("experts.mlp.{}", name), *matrix);
    }
  }
  std::string_view kind() const override { return "MoE"; }
  void set_training(bool training) override { training_ = training; }
  double flops_per_token(int64_t) const override {
    return 6.0 * static_cast<double>(spec_.width * place_.hidden_size * spec_.router.chosen);
  }

  Tensor forward(const Tensor& given, const LayerContext& context) override {
    Tensor x = given;
    if (training_ && spec_.jitter > 0) {
      x = x * at::empty_like(x, x.options().requires_grad(false)).uniform_(1 - spec_.jitter, 1 + spec_.jitter);
    }
    Tensor logits = router_.logits(x);
    if (context.routers) logits = context.routers->record(logits, place_.index);
    const Routing routing = router_.route(logits);
    return moe_experts(x, routing.ids, routing.weights, weights(),
                       {ComputeDtype::current().value_or(x.scalar_type()), activation(), false});
  }

 private:
  Tensor by_expert(const Tensor& stacked) const { return stacked.view({spec_.count, spec_.width, place_.hidden_size}); }
  ExpertWeights weights() const {
    const Tensor both = at::cat({by_expert(gate_), by_expert(up_)}, 1);  // X 2F D: a copy for each pass
    return {both, by_expert(down_).transpose(1, 2), {}, {}, false};
  }
  std::function<Tensor(const Tensor&)> activation() const {
    if (spec_.activation == Activation::kSilu) return {};
    return [kind = spec_.activation](const Tensor& h) {
      const std::vector<Tensor> halves = h.chunk(2, -1);
      return activate(kind, halves[0]) * halves[1];
    };
  }

  DbrxExpertsSpec spec_;
  LayerPlace place_;
  bool training_ = false;
  Router router_;
  Tensor gate_, up_, down_;  // XF D
};

std::unique_ptr<FeedForward> DbrxExpertsSpec::build(const LayerPlace& place) const {
  return std::make_unique<DbrxExperts>(*this, place);
}

Json part_of(const Json& config, const char* key) {
  const Json* part = find_value(config, key);
  LF_CHECK(kFormat, !part || part->is_object(), "config.json: {} must be an object", key);
  return part ? *part : Json::object();
}

DbrxExpertsSpec read_dbrx_experts(const Json& ffn) {
  DbrxExpertsSpec experts;
  experts.count = int_or(ffn, "moe_num_experts", 4);
  experts.width = int_or(ffn, "ffn_hidden_size", 3584);
  experts.activation = activation_named(string_or(part_of(ffn, "ffn_act_fn"), "name", "silu"));
  experts.jitter = number_or(ffn, "moe_jitter_eps", 0.0);
  experts.router.chosen = int_or(ffn, "moe_top_k", 1);
  experts.router.form = RouterForm::kInnerLinear;
  experts.router.name = "router";
  experts.router.inner = "layer";
  experts.router.norm_power = number_or(ffn, "moe_normalize_expert_weights", 1.0);
  experts.router.renormalise =
      !ffn.contains("moe_normalize_expert_weights") || find_value(ffn, "moe_normalize_expert_weights");
  return experts;
}

void set_attention(const Json& attention, ModelSpec& spec) {
  spec.attention.qkv_bias = spec.attention.output_bias = false;
  spec.attention.clip_qkv = number_or(attention, "clip_qkv", 0);
  spec.attention.dropout = number_or(attention, "attn_pdrop", 0);
  spec.attention.layout = QkvLayout::kStacked;
  spec.attention.names.fused = "Wqkv";
  spec.attention.names.output = "out_proj";
}

ModelSpec describe(const Json& config) {
  const Json attention = part_of(config, "attn_config"), ffn = part_of(config, "ffn_config");
  LF_CHECK(kUnsupported, number_or(config, "resid_pdrop", 0) == 0,
           "config.json: resid_pdrop {} is not available for dbrx (0, as published)",
           number_or(config, "resid_pdrop", 0));
  Json named = renamed(config, {{"d_model", "hidden_size"},
                                {"n_layers", "num_hidden_layers"},
                                {"n_heads", "num_attention_heads"},
                                {"max_seq_len", "max_position_embeddings"}});
  const DbrxExpertsSpec experts = read_dbrx_experts(ffn);
  named["intermediate_size"] = experts.width;
  named["num_key_value_heads"] = int_or(attention, "kv_n_heads", 1);
  ModelSpec spec = llama_spec(named);
  spec.ropes = {read_rope(config, spec.max_positions, number_or(attention, "rope_theta", 10000.0))};
  spec.norm = {.kind = NormKind::kLayer, .eps = 1e-5};
  spec.embedding_dropout = number_or(config, "emb_pdrop", 0);
  set_attention(attention, spec);
  if (bool_or(config, "output_router_logits", false)) {
    spec.router_loss = {.coefficient = number_or(ffn, "moe_loss_weight", 0.01), .chosen = experts.router.chosen};
  }
  spec.block.attention = "norm_attn_norm.attn";
  spec.block.attention_norm = "norm_attn_norm.norm_1";
  spec.block.mlp_norm = "norm_attn_norm.norm_2";
  spec.block.mlp = "ffn";
  spec.names = {.base = "transformer", .embedding = "wte", .layers = "blocks", .norm = "norm_f"};
  const auto shared = std::make_shared<const DbrxExpertsSpec>(experts);
  for (LayerSpec& layer : spec.layers) layer.feed_forward = shared;
  return spec;
}
}  // namespace

extern const ArchEntry entry_dbrx;
constinit const ArchEntry entry_dbrx{.name = "dbrx", .describe = describe};

}  // namespace lf
