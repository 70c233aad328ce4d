#include <gtest/gtest.h>

#include "base/error.h"
#include "tensor/dtype.h"
#include "tensor/module.h"
#include "tensor/precision.h"
#include "tensor/rng.h"

namespace lf::testing {
namespace {

struct Leaf : Module {
  Leaf() : weight(at::ones({2})) { register_parameter("weight", weight); }
  explicit Leaf(Tensor& shared) { register_parameter("weight", shared); }
  void set_training(bool on) override { training = on; }
  Tensor weight;
  bool training = false;
};

struct Tree : Module {
  Tree() : second(first.weight) {
    register_module("a", first);
    register_module("b", second);
    register_parameter("absent", absent);
  }
  Leaf first, second;
  Tensor absent;
};

TEST(Module, TiedParametersAreListedOnceUnderTheirFirstName) {
  Tree tree;
  std::vector<NamedParameter> parameters = tree.named_parameters();
  ASSERT_EQ(parameters.size(), 1u);
  EXPECT_EQ(parameters[0].name, "a.weight");
  EXPECT_EQ(parameters[0].owner, &tree.first);
  *parameters[0].tensor = at::zeros({2});
  EXPECT_EQ(tree.first.weight.sum().item<float>(), 0.0f) << "the tensor in the tree is replaced, not a copy";
}

TEST(Module, NamesModulesDepthFirstWithTheRootFirst) {
  Tree tree;
  std::vector<std::string> names;
  for (auto& [name, module] : tree.named_modules()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"", "a", "b"}));
}

TEST(Module, HooksRunInOrderAndTrainingReachesEveryModule) {
  Tree tree;
  std::string seen;
  tree.add_hook([&](Module&, HookPoint) { seen += "1"; });
  tree.add_hook([&](Module&, HookPoint) { seen += "2"; });
  tree.run_hooks(HookPoint::kBeforeForward);
  EXPECT_EQ(seen, "12");
  set_training_tree(tree, true);
  EXPECT_TRUE(tree.first.training && tree.second.training);
}

TEST(ComputeDtype, ScopesNestAndEnd) {
  EXPECT_EQ(ComputeDtype::current(), std::nullopt);
  {
    ComputeDtype outer(at::kBFloat16);
    {
      ComputeDtype inner(std::nullopt);
      EXPECT_EQ(ComputeDtype::current(), std::nullopt);
    }
    EXPECT_EQ(ComputeDtype::current(), at::kBFloat16);
  }
  EXPECT_EQ(ComputeDtype::current(), std::nullopt);
}

TEST(Dtype, NamesGoBothWaysAndMistakesAreNamed) {
  EXPECT_EQ(dtype_from_name("torch.bfloat16", "x"), at::kBFloat16);
  EXPECT_EQ(dtype_from_name("fp16", "x"), at::kHalf);
  EXPECT_EQ(dtype_name(at::kFloat), "float32");
  try {
    dtype_from_name("int8", "config.json: dtype");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "config.json: dtype: dtype must be float32, bfloat16 or float16 but is 'int8'");
  }
}

TEST(Rng, RestoredGeneratorsContinueWithTheSameNumbers) {
  RngSet rng(7);
  at::manual_seed(1);
  at::randn({3});
  at::randn({3}, rng.get("data"));
  auto states = rng.save();
  Tensor want_default = at::randn({4}), want_data = at::randn({4}, rng.get("data"));
  RngSet other(99);
  other.restore(states);
  EXPECT_TRUE(at::equal(at::randn({4}), want_default));
  EXPECT_TRUE(at::equal(at::randn({4}, other.get("data")), want_data));
}

TEST(Rng, NamesGiveDifferentStreamsAndBadStatesAreRefused) {
  RngSet rng(7);
  EXPECT_FALSE(at::equal(at::randn({4}, rng.get("a")), at::randn({4}, rng.get("b"))));
  EXPECT_NE(derived_seed(1, "a"), derived_seed(2, "a"));
  EXPECT_THROW(rng.restore({{"a", at::zeros({3}, at::kByte)}}), Error);
}

TEST(Rng, AGeneratorDrawsWhatManualSeedDraws) {
  at::manual_seed(5);
  Tensor want = at::randn({8});
  EXPECT_TRUE(at::equal(at::randn({8}, make_generator(5)), want));
}

}  // namespace
}  // namespace lf::testing
