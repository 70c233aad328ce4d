// Growing a vocabulary: upstream's rules for new rows, tied and untied, and what must not move.
#include "model/resize.h"

#include "base/error.h"
#include "base/log.h"
#include "model/reference_case.h"
#include "tensor/pch.h"

namespace lf::testing {
namespace {

constexpr int64_t kRows = 200, kWidth = 64;

LoadedModel model_of(bool tied, c10::ScalarType dtype = at::kFloat) {
  const Json config = {{"model_type", "llama"},       {"vocab_size", kRows},     {"hidden_size", kWidth},
                       {"intermediate_size", 24},     {"num_hidden_layers", 1},  {"num_attention_heads", 4},
                       {"num_key_value_heads", 2},    {"rms_norm_eps", 1e-5},    {"max_position_embeddings", 64},
                       {"tie_word_embeddings", tied}, {"initializer_range", 1.0}};
  LoadedModel loaded = build_random_model(config, {.dtype = dtype});
  at::NoGradGuard no_grad;
  loaded.model->embedding().weight().add_(3.0);  // so that a mean of zero would be noticed
  if (!tied) loaded.model->head().weight().sub_(2.0);
  return loaded;
}

Tensor new_rows(const Tensor& weight, int64_t from = kRows) { return weight.slice(0, from).to(at::kFloat); }

class Resize : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Heads, Resize, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "tied" : "untied"; });

TEST_P(Resize, NewRowsAreTheMeanOfTheOldOnesWithNoiseOfOneOverRootWidth) {
  LoadedModel loaded = model_of(GetParam());
  const Tensor old = loaded.model->embedding().weight().clone(), old_head = loaded.model->head().weight().clone();
  const VocabularySizes sizes = resize_vocabulary(loaded, {.tokens = kRows + 2000});
  EXPECT_EQ(sizes.before, kRows);
  EXPECT_EQ(sizes.after, 2240) << "a multiple of 64";
  const auto check = [&](const Tensor& weight, const Tensor& before, const char* what) {
    EXPECT_TRUE(at::equal(weight.slice(0, 0, kRows), before)) << what << ": old rows must not move";
    const Tensor difference = new_rows(weight) - before.mean(0);
    EXPECT_NEAR(difference.mean().item<double>(), 0.0, 4 * 0.125 / std::sqrt(2040.0 * kWidth)) << what;
    EXPECT_NEAR(difference.std().item<double>(), 1.0 / std::sqrt(kWidth), 0.002) << what;
    EXPECT_LT(difference.mean(0).abs().max().item<double>(), 5 * 0.125 / std::sqrt(2040.0)) << what << ": each column";
  };
  check(loaded.model->embedding().weight(), old, "embedding");
  check(loaded.model->head().weight(), old_head, "head");
  EXPECT_EQ(loaded.model->head().weight().is_same(loaded.model->embedding().weight()), GetParam());
  if (!GetParam()) {
    EXPECT_FALSE(at::allclose(new_rows(loaded.model->head().weight()) - old_head.mean(0),
                              new_rows(loaded.model->embedding().weight()) - old.mean(0)))
        << "head and embedding draw noise of their own";
  }
}

TEST_P(Resize, SizesFollowEverywhereAndTheModelRuns) {
  LoadedModel loaded = model_of(GetParam());
  resize_vocabulary(loaded, {.tokens = kRows + 1});
  EXPECT_EQ(loaded.spec.vocab_size, 256);
  EXPECT_EQ(loaded.model->spec().vocab_size, 256);
  EXPECT_EQ(loaded.config["vocab_size"], 256);
  EXPECT_EQ(loaded.model->head().out_features(), 256);
  EXPECT_EQ(embedding_rows(*loaded.model), 256);
  std::vector<TensorShape> listed = loaded.model->spec().tensors();
  const auto state = loaded.model->state_dict();
  ASSERT_EQ(listed.size(), state.size());
  for (size_t i = 0; i < listed.size(); ++i) EXPECT_EQ(state[i].second.sizes().vec(), listed[i].shape);
  const Tensor hidden = loaded.model->forward(stream_of({at::tensor({int64_t{3}, kRows, int64_t{255}})}));
  EXPECT_EQ(loaded.model->logits(hidden).sizes().vec(), (std::vector<int64_t>{3, 256}));
}

TEST_P(Resize, DescribedTokensGetTheMeanOfTheirDescriptionsRows) {
  LoadedModel loaded = model_of(GetParam());
  const Tensor old = loaded.model->embedding().weight().clone(), old_head = loaded.model->head().weight().clone();
  resize_vocabulary(loaded, {.tokens = kRows + 3,
                             .new_tokens = {{kRows, "<a>", std::vector<int64_t>{4, 9, 9}},
                                            {kRows + 1, "<b>", std::vector<int64_t>{kRows, 7}},
                                            {kRows + 2, "<c>", std::vector<int64_t>{kRows, 1000}}},
                             .init = NewRowInit::kDescription});
  const Tensor weight = loaded.model->embedding().weight(), head = loaded.model->head().weight();
  EXPECT_TRUE(at::allclose(weight[kRows], (old[4] + 2 * old[9]) / 3));
  EXPECT_TRUE(at::allclose(weight[kRows + 1], old[7])) << "new tokens in a description do not count";
  EXPECT_TRUE(at::allclose(weight[kRows + 2], old.mean(0), 1e-4)) << "nothing valid: the mean of old rows";
  EXPECT_TRUE(at::allclose(head[kRows], (old[4] + 2 * old[9]) / 3)) << "upstream takes the embedding's rows here too";
  EXPECT_TRUE(at::allclose(head[kRows + 2], (GetParam() ? old : old_head).mean(0), 1e-4));
}

TEST_P(Resize, DescriptionsWithNoiseSpreadByOneOverRootWidth) {
  LoadedModel loaded = model_of(GetParam());
  const Tensor old = loaded.model->embedding().weight().clone();
  std::vector<NewToken> tokens;
  for (int64_t i = 0; i < 500; ++i) tokens.push_back({kRows + i, "t", std::vector<int64_t>{11}});
  resize_vocabulary(loaded, {.tokens = kRows + 500, .new_tokens = tokens, .init = NewRowInit::kDescriptionWithNoise});
  const Tensor difference = loaded.model->embedding().weight().slice(0, kRows, kRows + 500) - old[11];
  EXPECT_NEAR(difference.mean().item<double>(), 0.0, 4 * 0.125 / std::sqrt(500.0 * kWidth));
  EXPECT_NEAR(difference.std().item<double>(), 0.125, 0.003);
}

TEST(ResizeVocabulary, TokensInSpareRowsAreFilledWithoutGrowing) {
  LoadedModel loaded = model_of(false);
  const Tensor old = loaded.model->embedding().weight().clone();
  const VocabularySizes sizes = resize_vocabulary(loaded, {.tokens = kRows - 4, .new_tokens = {{190, "<a>", {}}}});
  EXPECT_EQ(sizes.after, kRows) << "an embedding that is large enough stays, whatever its multiple";
  const Tensor weight = loaded.model->embedding().weight();
  EXPECT_TRUE(at::equal(weight.slice(0, 0, 190), old.slice(0, 0, 190)));
  EXPECT_TRUE(at::equal(weight.slice(0, 191), old.slice(0, 191)));
  const Tensor mean = at::cat({old.slice(0, 0, 190), old.slice(0, 191)}).mean(0);
  EXPECT_NEAR((weight[190] - mean).std().item<double>(), 0.125, 0.05) << "the mean leaves the new row out";
  EXPECT_EQ(loaded.config["vocab_size"], kRows);
}

TEST(ResizeVocabulary, NothingMovesWithoutNewTokens) {
  LoadedModel loaded = model_of(true);
  const Tensor before = loaded.model->embedding().weight();
  const VocabularySizes sizes = resize_vocabulary(loaded, {.tokens = kRows});
  EXPECT_EQ(sizes.before, sizes.after);
  EXPECT_TRUE(loaded.model->embedding().weight().is_same(before));
}

TEST(ResizeVocabulary, TheSameSeedGivesTheSameRowsInTheWeightsType) {
  LoadedModel a = model_of(false, at::kBFloat16), b = model_of(false, at::kBFloat16),
              c = model_of(false, at::kBFloat16);
  resize_vocabulary(a, {.tokens = kRows + 9, .seed = 5});
  resize_vocabulary(b, {.tokens = kRows + 9, .seed = 5});
  resize_vocabulary(c, {.tokens = kRows + 9, .seed = 6});
  EXPECT_EQ(a.model->embedding().weight().scalar_type(), at::kBFloat16);
  EXPECT_TRUE(at::equal(a.model->head().weight(), b.model->head().weight()));
  EXPECT_FALSE(at::equal(a.model->head().weight(), c.model->head().weight()));
}

TEST(ResizeVocabulary, NamesWhatHoldsTheVocabulary) {
  LoadedModel untied = model_of(false), tied = model_of(true);
  EXPECT_EQ(vocabulary_modules(*tied.model), (std::vector<std::string>{"embed_tokens", "lm_head"}));
  EXPECT_EQ(vocabulary_parameters(*tied.model), (std::vector<std::string>{"model.embed_tokens.weight"}));
  EXPECT_EQ(vocabulary_parameters(*untied.model),
            (std::vector<std::string>{"model.embed_tokens.weight", "lm_head.weight"}));
}

TEST(ResizeVocabulary, ConfigurationsWithATextPartAreChangedThere) {
  const Json config = {
      {"vocab_size", 5}, {"text_config", {{"vocab_size", 5}, {"hidden_size", 2}}}, {"padded_vocab_size", 8}};
  const Json changed = vocabulary_overrides(config, 64);
  EXPECT_EQ(
      changed,
      (Json{{"vocab_size", 64}, {"padded_vocab_size", 64}, {"text_config", {{"vocab_size", 64}, {"hidden_size", 2}}}}));
  EXPECT_TRUE(vocabulary_overrides(Json{{"hidden_size", 2}}, 64).empty());
}

TEST(ResizeVocabulary, UnknownInitialisationsAreRefusedByName) {
  try {
    new_row_init("zeros");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("noise_init, desc_init or desc_init_w_noise but is 'zeros'"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace lf::testing
