// One file makes an architecture: the file of a family that the program does not know is all that this test adds, and
// what every family has works for it.
#include <fstream>

#include "../fixtures/new_arch/nutshell.cpp"
#include "model/reference_case.h"
#include "support/shared.h"
#include "tensor/pch.h"

namespace lf::testing {
namespace {

ModelSpec nutshell() {
  const Json config = {{"model_type", "nutshell"},     {"vocab_size", 40},       {"hidden_size", 16},
                       {"intermediate_size", 24},      {"num_hidden_layers", 2}, {"num_attention_heads", 4},
                       {"num_key_value_heads", 2},     {"layer_norm_eps", 1e-5}, {"score_cap", 5.0},
                       {"max_position_embeddings", 64}};
  ModelSpec spec = entry_nutshell.describe(config);
  spec.validate();
  return spec;
}

class NewArchitecture : public ::testing::Test {
 protected:
  NewArchitecture() : model(nutshell()) {
    at::manual_seed(11);
    for (const NamedParameter& p : model.named_parameters()) *p.tensor = at::randn(p.tensor->sizes()) * 0.3;
  }
  Tensor logits(const TokenStream& stream, KvCache* cache = nullptr) {
    return model.logits(model.forward(stream, cache));
  }
  Decoder model;
  const Tensor ids = at::arange(3, 15, at::kLong);
};

TEST_F(NewArchitecture, HasTheNamesAndNumbersOfItsDescription) {
  EXPECT_EQ(model.spec().linear_names(), (std::vector<std::string>{"qkv_proj", "o_proj", "grow", "shrink"}));
  int64_t count = 0;
  for (const NamedParameter& p : model.named_parameters()) count += p.tensor->numel();
  EXPECT_EQ(model.spec().parameter_count(), count);
  EXPECT_GT(model.spec().forward_flops_per_token(64), 2.0 * (count - 40 * 16) * 0.9);
}

TEST_F(NewArchitecture, PacksCachesAndTrains) {
  at::NoGradGuard no_grad;
  const Tensor whole = logits(stream_of({ids}));
  const Tensor packed = logits(stream_of({ids, ids.slice(0, 0, 5)}));
  EXPECT_TRUE(at::allclose(packed.slice(0, 0, 12), whole, 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(packed.slice(0, 12), whole.slice(0, 0, 5), 1e-5, 1e-5));
  GrowingCache cache;
  const Tensor first = logits(stream_of({ids.slice(0, 0, 7)}), &cache);
  const Tensor rest = logits(stream_at(ids.slice(0, 7), 7), &cache);
  EXPECT_TRUE(at::allclose(at::cat({first, rest}), whole, 1e-5, 1e-5));
}

TEST_F(NewArchitecture, RecomputingGivesTheSameGradients) {
  for (const NamedParameter& p : model.named_parameters()) p.tensor->requires_grad_(true);
  auto gradients = [&](bool recompute) {
    model.logits(model.forward(stream_of({ids}), nullptr, {.gradient_checkpointing = recompute}))
        .square()
        .sum()
        .backward();
    std::vector<Tensor> out;
    for (const NamedParameter& p : model.named_parameters()) {
      out.push_back(p.tensor->grad());
      p.tensor->mutable_grad() = Tensor();
    }
    return out;
  };
  const std::vector<Tensor> kept = gradients(false), again = gradients(true);
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_TRUE(at::equal(kept[i], again[i]));
}

/// The list of architectures is the folder.
TEST(Architectures, EveryFileOfTheFolderIsOneEntryOfItsName) {
  const std::filesystem::path folder = fixture_path("../../src/model/archs");
  std::vector<std::string> files, entries;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == ".cpp") files.push_back(file.path().stem().string());
  }
  for (const ArchEntry* entry : all_archs()) {
    std::string name(entry->name);
    std::replace(name.begin(), name.end(), '-', '_');
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return std::tolower(c); });
    entries.push_back(name);
  }
  std::sort(files.begin(), files.end());
  std::sort(entries.begin(), entries.end());
  EXPECT_EQ(files, entries);
}

}  // namespace
}  // namespace lf::testing
