// shift_attn in the decoder: in training only, recomputed like anything else, packed like separate.
#include "kernels/shifted_attention.h"
#include "model/reference_case.h"
#include "tensor/pch.h"

namespace lf::testing {
namespace {

class ShiftAttention : public ::testing::Test {
 protected:
  ShiftAttention()
      : loaded(build_random_model({{"model_type", "llama"},
                                   {"vocab_size", 40},
                                   {"hidden_size", 32},
                                   {"intermediate_size", 24},
                                   {"num_hidden_layers", 2},
                                   {"num_attention_heads", 4},
                                   {"num_key_value_heads", 2},
                                   {"rms_norm_eps", 1e-5},
                                   {"initializer_range", 0.5},
                                   {"max_position_embeddings", 64}},
                                  {})) {
    for (const NamedParameter& parameter : loaded.model->named_parameters()) make_trainable(parameter);
  }
  Tensor hidden(bool training, double ratio, bool recompute = false) {
    loaded.model->train(training);
    return loaded.model->forward(stream_of({ids(24, 1), ids(32, 5)}), nullptr,
                                 {.gradient_checkpointing = recompute, .shift_ratio = ratio});
  }
  static Tensor ids(int64_t count, int64_t first) { return at::arange(first, first + count, at::kLong).remainder(40); }
  std::vector<Tensor> gradients(bool recompute) {
    std::vector<Tensor> out;
    hidden(true, 0.25, recompute).pow(2).sum().backward();
    for (const NamedParameter& parameter : loaded.model->named_parameters()) {
      Tensor& gradient = parameter.tensor->mutable_grad();
      if (gradient.defined()) out.push_back(gradient.clone());
      gradient = Tensor();
    }
    return out;
  }
  LoadedModel loaded;
};

TEST_F(ShiftAttention, ActsInTrainingOnly) {
  const Tensor full = hidden(true, 0);
  EXPECT_FALSE(at::allclose(hidden(true, 0.25), full, 1e-3, 1e-3));
  EXPECT_TRUE(at::equal(hidden(false, 0.25), hidden(false, 0)));
  EXPECT_TRUE(at::allclose(hidden(false, 0.25), full));
}

TEST_F(ShiftAttention, RecomputedLayersGiveTheSameGradients) {
  const std::vector<Tensor> kept = gradients(false), again = gradients(true);
  ASSERT_EQ(kept.size(), again.size());
  ASSERT_GT(kept.size(), 10u);
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_TRUE(at::allclose(kept[i], again[i], 1e-5, 1e-6)) << i;
}

TEST_F(ShiftAttention, PackedEqualsSeparate) {
  const Tensor packed = hidden(true, 0.25);
  const auto alone = [&](const Tensor& sequence) {
    return loaded.model->forward(stream_of({sequence}), nullptr, {.shift_ratio = 0.25});
  };
  EXPECT_TRUE(at::allclose(packed, at::cat({alone(ids(24, 1)), alone(ids(32, 5))}), 1e-4, 1e-5));
}

}  // namespace
}  // namespace lf::testing
