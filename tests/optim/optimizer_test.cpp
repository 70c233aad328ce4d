// Updates, clipping and groups against torch.
#include "optim/optimizer.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/registry.h"
#include "optim/param_groups.h"
#include "support/shared.h"

namespace lf {

using Params = std::vector<std::pair<std::string, Tensor>>;

static Params fresh_params() {
  at::manual_seed(5);
  Params params;
  for (auto& [name, shape] : std::vector<std::pair<std::string, std::vector<int64_t>>>{
           {"a.weight", {6, 5}}, {"a.bias", {6}}, {"norm.weight", {5}}}) {
    params.emplace_back(name, at::randn(shape).requires_grad_());
  }
  return params;
}

static void set_gradients(const Params& params, int step) {
  auto generator = at::detail::createCPUGenerator(static_cast<uint64_t>(step));
  for (const auto& [name, parameter] : params) {
    at::Tensor copy = parameter;
    copy.mutable_grad() = at::randn(parameter.sizes(), generator);
  }
}

static std::unique_ptr<Optimizer> make(const std::string& name, const Params& params, const std::string& args = "") {
  OptimizerOptions options;
  options.args = args;
  return require_entry(all_optimizers(), name, "optimizer").make(make_param_groups(params, 1e-2, 0.1), options);
}

class EveryOptimizer : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(EveryOptimizer, goes_on_bit_for_bit_from_saved_state) {
  const auto& [name, args] = GetParam();
  Params straight = fresh_params(), first = fresh_params();
  auto whole = make(name, straight, args), begun = make(name, first, args);
  for (int step = 0; step < 3; ++step) {
    set_gradients(straight, step);
    whole->step();
    set_gradients(first, step);
    begun->step();
  }
  Params second;
  for (const auto& [key, value] : first) second.emplace_back(key, value.detach().clone().requires_grad_());
  auto resumed = make(name, second, args);
  resumed->load_state(begun->state());
  for (int step = 3; step < 6; ++step) {
    set_gradients(straight, step);
    whole->step();
    set_gradients(second, step);
    resumed->step();
  }
  for (size_t i = 0; i < straight.size(); ++i) EXPECT_TRUE(at::equal(straight[i].second, second[i].second)) << name;
}

TEST_P(EveryOptimizer, makes_a_bowl_shallower) {
  const auto& [name, args] = GetParam();
  Params params{{"x.weight", at::full({4}, 2.0).requires_grad_()}};
  auto optimizer = make(name, params, args);
  for (int step = 0; step < 50; ++step) {
    Tensor loss = params[0].second.pow(2).sum();
    loss.backward();
    optimizer->step();
    optimizer->zero_grad();
    EXPECT_FALSE(params[0].second.grad().defined());
  }
  EXPECT_LT(params[0].second.pow(2).sum().item<float>(), 15.2f) << name;
}

TEST_P(EveryOptimizer, refuses_state_of_other_parameters) {
  const auto& [name, args] = GetParam();
  Params params = fresh_params();
  auto optimizer = make(name, params, args);
  set_gradients(params, 0);
  optimizer->step();
  auto state = optimizer->state();
  Params other{{"a.weight", at::randn({6, 5}).requires_grad_()}};
  EXPECT_THROW(make(name, other, args)->load_state(state), Error);
  if (state.size() > 3) {  // more than counters
    for (auto& [key, tensor] : state) {
      if (tensor.dim() == 2) tensor = at::zeros({2, 2});
    }
    EXPECT_THROW(optimizer->load_state(state), Error);
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, EveryOptimizer,
                         ::testing::Values(std::pair{"adamw_torch", ""}, std::pair{"adamw_torch_fused", ""},
                                           std::pair{"sgd", ""}, std::pair{"sgd", "momentum=0.9,nesterov=true"},
                                           std::pair{"adagrad", "lr_decay=0.01"}, std::pair{"rmsprop", ""},
                                           std::pair{"rmsprop", "momentum=0.5,centered=True"}),
                         [](const auto& info) { return info.param.first + std::to_string(info.index); });

TEST(AdamW, fused_and_plain_agree) {
  Params a = fresh_params(), b = fresh_params();
  auto plain = make("adamw_torch", a), fused = make("adamw_torch_fused", b);
  for (int step = 0; step < 10; ++step) {
    set_gradients(a, step);
    set_gradients(b, step);
    plain->step();
    fused->step();
  }
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(at::allclose(a[i].second, b[i].second, 1e-6, 1e-7));
}

TEST(AdamW, parameters_without_gradient_stay_and_keep_no_state) {
  Params params = fresh_params();
  auto optimizer = make("adamw_torch_fused", params);
  const Tensor before = params[1].second.detach().clone();
  set_gradients(params, 0);
  params[1].second.mutable_grad() = Tensor();
  optimizer->step();
  EXPECT_TRUE(at::equal(params[1].second, before));
  for (const auto& [name, tensor] : optimizer->state()) EXPECT_EQ(name.find("a.bias"), std::string::npos);
}

TEST(OptimArgs, a_misspelt_argument_is_refused_by_name) {
  EXPECT_THROW(make("sgd", fresh_params(), "momentun=0.9"), Error);
  EXPECT_THROW(make("sgd", fresh_params(), "momentum"), Error);
  EXPECT_THROW(make("sgd", fresh_params(), "momentum=high"), Error);
  EXPECT_THROW(make("sgd", fresh_params(), "nesterov=true"), Error);
}

TEST(ParamGroups, biases_and_norms_do_not_decay) {
  for (const char* name : {"model.layers.0.self_attn.q_proj.weight", "lm_head.weight", "model.embed_tokens.weight",
                           "model.layers.0.self_attn.q_proj.lora_A.weight", "model.layers.0.normal_proj.weight"}) {
    EXPECT_TRUE(decays(name)) << name;
  }
  for (const char* name : {"model.layers.0.self_attn.q_proj.bias", "model.layers.0.input_layernorm.weight",
                           "model.layers.0.post_attention_layernorm.weight", "model.norm.weight",
                           "model.layers.0.self_attn.q_norm.weight", "block.RMSNorm.weight"}) {
    EXPECT_FALSE(decays(name)) << name;
  }
  const auto groups = make_param_groups(fresh_params(), 1e-3, 0.01);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].params.size(), 1u);
  EXPECT_EQ(groups[0].weight_decay, 0.01);
  EXPECT_EQ(groups[1].params.size(), 2u);
  EXPECT_EQ(groups[1].weight_decay, 0.0);
  EXPECT_EQ(groups[1].lr, 1e-3);
}

TEST(ClipGradNorm, scales_gradients_to_the_bound_and_returns_the_norm_before) {
  Params params = fresh_params();
  auto groups = make_param_groups(params, 1e-3, 0);
  set_gradients(params, 0);
  double expected = 0;
  for (const auto& [name, p] : params) expected += p.grad().to(at::kDouble).pow(2).sum().item<double>();
  EXPECT_NEAR(clip_grad_norm(groups, 0), std::sqrt(expected), 1e-5);
  EXPECT_NEAR(clip_grad_norm(groups, 1.0), std::sqrt(expected), 1e-5);
  EXPECT_NEAR(clip_grad_norm(groups, 1.0), 1.0, 1e-5);
  const Tensor before = params[0].second.grad().clone();
  clip_grad_norm(groups, 5.0);
  EXPECT_TRUE(at::equal(before, params[0].second.grad()));
  for (auto& [name, p] : params) p.mutable_grad() = Tensor();
  EXPECT_EQ(clip_grad_norm(groups, 1.0), 0.0);
}

}  // namespace lf
