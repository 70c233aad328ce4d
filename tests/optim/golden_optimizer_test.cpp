// Optimizers against torch's own updates: the golden AdamW steps, and a fixture made by tools/make_optim_fixture.py.
#include <gtest/gtest.h>

#include "base/registry.h"
#include "optim/optimizer.h"
#include "support/golden_tensors.h"
#include "support/shared.h"

namespace lf {

using testing::golden_tensors;

static std::unique_ptr<Optimizer> one_group(const std::string& method,
                                            std::vector<std::pair<std::string, Tensor>> params,
                                            OptimizerOptions options) {
  const size_t colon = method.find(':');
  if (colon != std::string::npos) options.args = method.substr(colon + 1);
  ParamGroup group{std::move(params), 1e-2, 1e-2, 0.1};
  return require_entry(all_optimizers(), method.substr(0, colon), "optimizer").make({group}, options);
}

class GoldenAdamW : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenAdamW, moves_parameters_as_torch_does) {
  LF_REQUIRE_SHARED();
  auto golden = golden_tensors(testing::shared_path("golden/data/training/optim_units.safetensors"));
  std::vector<std::pair<std::string, Tensor>> params;
  for (const char* name : {"wide", "tall", "vec"}) {
    params.emplace_back(name, golden.at(std::string("param.") + name).clone().requires_grad_());
  }
  auto optimizer = one_group(GetParam(), params, {});
  for (int step = 0; step < 8; ++step) {
    for (auto& [name, parameter] : params) parameter.mutable_grad() = golden.at(fmt::format("grad.{}.{}", step, name));
    optimizer->step();
  }
  // The golden entries of steps 1 and 4 hold the values after step 8 as well (they were stored as views).
  for (auto& [name, parameter] : params) {
    const Tensor& expected = golden.at("adamw.step8." + name);
    EXPECT_LE((parameter - expected).abs().max().item<float>(), 5e-7f) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, GoldenAdamW, ::testing::Values("adamw_torch", "adamw_torch_fused"),
                         [](const auto& info) { return info.param; });

/// MKL's vector square root rounds the last bit differently in its code for different processors, so two units in the
/// last place are allowed.
TEST(TorchOptimizers, are_matched_to_the_last_bits) {
  auto fixture = golden_tensors(testing::fixture_path("optim/torch_steps.safetensors"));
  std::vector<std::string> methods;
  for (const auto& [name, tensor] : fixture) {
    if (name.starts_with("end.") && name.ends_with(".matrix")) methods.push_back(name.substr(4, name.size() - 11));
  }
  ASSERT_EQ(methods.size(), 8u);
  for (const std::string& method : methods) {
    std::vector<std::pair<std::string, Tensor>> params;
    for (const char* name : {"matrix", "vector"}) {
      params.emplace_back(name, fixture.at(std::string("start.") + name).clone().requires_grad_());
    }
    OptimizerOptions options{0.9, 0.95, method.starts_with("adamw") ? 1e-6 : 1e-8, ""};
    auto optimizer = one_group(method, params, options);
    for (int step = 0; step < 4; ++step) {
      for (auto& [name, p] : params) p.mutable_grad() = fixture.at(fmt::format("grad{}.{}", step, name)).clone();
      optimizer->step();
    }
    for (auto& [name, parameter] : params) {
      const Tensor& expected = fixture.at("end." + method + "." + name);
      EXPECT_TRUE(at::allclose(parameter, expected, 2.4e-7, 1e-8))
          << method << " " << name << ": differs by " << (parameter - expected).abs().max().item<float>();
    }
  }
}

}  // namespace lf
