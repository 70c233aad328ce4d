// Specs, loading, saving, and what users get told when a model folder is wrong.
#include <fstream>

#include "base/error.h"
#include "io/safetensors_writer.h"
#include "model/arch.h"
#include "model/reference_case.h"
#include "support/shared.h"
#include "tensor/pch.h"
#include "tensor/precision.h"

namespace lf::testing {
namespace {

Json small_config(const std::string& type = "llama") {
  return {{"model_type", type},       {"vocab_size", 40},       {"hidden_size", 16},
          {"intermediate_size", 24},  {"num_hidden_layers", 2}, {"num_attention_heads", 4},
          {"num_key_value_heads", 2}, {"rms_norm_eps", 1e-5},   {"max_position_embeddings", 64}};
}

template <class Function>
std::string error_of(const Function& function, ErrorKind kind) {
  try {
    function();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

class ModelFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder = std::filesystem::temp_directory_path() / fmt::format("lf_model_{}_{}", ::getpid(), info->name());
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const Json& config, const std::vector<NamedTensor>& tensors) {
    std::ofstream(folder / "config.json") << config.dump();
    write_safetensors(folder / "model.safetensors", tensors);
  }
  std::vector<NamedTensor> random_weights(const Json& config) {
    return build_random_model(config, {.dtype = at::kBFloat16}).model->state_dict();
  }
  std::filesystem::path folder;
};

TEST(Spec, ListsExactlyTheParametersOfTheDecoder) {
  for (const char* type : {"llama", "mistral", "qwen2", "qwen3", "ministral3"}) {
    for (bool tied : {false, true}) {
      Json config = small_config(type);
      config["tie_word_embeddings"] = tied;
      ModelSpec spec = describe_model(config);
      Decoder model(spec);
      std::vector<NamedParameter> parameters = model.named_parameters();
      std::vector<TensorShape> listed = spec.tensors();
      ASSERT_EQ(parameters.size(), listed.size()) << type;
      int64_t count = 0;
      for (size_t i = 0; i < listed.size(); ++i) {
        EXPECT_EQ(parameters[i].name, listed[i].name);
        EXPECT_EQ(parameters[i].tensor->sizes().vec(), listed[i].shape) << listed[i].name;
        count += parameters[i].tensor->numel();
      }
      EXPECT_EQ(spec.parameter_count(), count);
    }
  }
}

TEST(Spec, LinearNamesAreThoseOfTheModuleTree) {
  Decoder model(describe_model(small_config()));
  std::vector<std::string> found;
  for (auto& [name, module] : model.named_modules()) {
    if (module->kind() == "Linear" && name.starts_with("model.layers.0."))
      found.push_back(name.substr(name.rfind('.') + 1));
  }
  EXPECT_EQ(found, model.spec().linear_names());
}

TEST(Spec, SaysWhatItIsInWords) {
  Json config = small_config("mistral");
  config["sliding_window"] = 7;
  const std::string text = describe_model(config).to_string();
  EXPECT_NE(text.find("model_type: mistral\n"), std::string::npos);
  EXPECT_NE(text.find("sliding_window: 7 tokens in 2 of 2 layers"), std::string::npos) << text;
}

TEST(Spec, ImpossibleConfigsAreRefusedWithTheReason) {
  auto refused = [](const std::string& key, const Json& value) {
    Json config = small_config();
    config[key] = value;
    return error_of([&] { describe_model(config); }, ErrorKind::kFormat);
  };
  EXPECT_NE(refused("num_key_value_heads", 3).find("multiple of num_key_value_heads (3)"), std::string::npos);
  EXPECT_NE(refused("head_dim", 5).find("head_dim must be even but is 5"), std::string::npos);
  EXPECT_NE(refused("vocab_size", -1).find("vocab_size must be positive"), std::string::npos);
  EXPECT_NE(refused("hidden_size", "big").find("'hidden_size' must be an integer but is"), std::string::npos);
  EXPECT_NE(refused("hidden_size", nullptr).find("'hidden_size' is missing"), std::string::npos);
  EXPECT_NE(refused("num_attention_heads", 0).find("num_attention_heads must be positive"), std::string::npos);
  EXPECT_NE(refused("pad_token_id", 40).find("pad_token_id must be below vocab_size"), std::string::npos);
  EXPECT_NE(refused("num_hidden_layers", 1000000).find("num_hidden_layers"), std::string::npos);
  refused("rope_scaling", {{"type", "linear"}});
}

TEST(Spec, UnknownArchitecturesNameTheNearest) {
  const std::string text = error_of([] { describe_model(small_config("qwen_3")); }, ErrorKind::kUnsupported);
  EXPECT_NE(text.find("did you mean qwen3"), std::string::npos) << text;
}

TEST(Spec, LegacyAndCurrentRopeKeysMeanTheSame) {
  Json legacy = small_config(), current = small_config();
  legacy["rope_theta"] = 5e5;
  legacy["rope_scaling"] = {{"type", "dynamic"}, {"factor", 3.0}};
  current["rope_parameters"] = {{"rope_type", "dynamic"}, {"factor", 3.0}, {"rope_theta", 5e5}};
  RopeSpec a = describe_model(legacy).rope(), b = describe_model(current).rope();
  EXPECT_EQ(a.theta, b.theta);
  EXPECT_EQ(a.scaling, b.scaling);
  EXPECT_EQ(a.factor, 3.0);
  EXPECT_EQ(b.factor, 3.0);
}

TEST(RopeOverride, FollowsLlamaFactorysRules) {
  Json config = small_config();
  config["rope_theta"] = 5e5;
  EXPECT_TRUE(scaled_rope_overrides(config, "linear", 64).empty()) << "the length fits already";
  Json training = scaled_rope_overrides(config, "yarn", 150);
  EXPECT_EQ(training["max_position_embeddings"], 192);
  EXPECT_EQ(training["rope_parameters"]["factor"], 3.0);
  EXPECT_EQ(training["rope_parameters"]["original_max_position_embeddings"], 64);
  const Json inference = scaled_rope_overrides(config, "llama3", std::nullopt);
  for (auto& [key, value] : inference.items()) config[key] = value;
  RopeSpec rope = describe_model(config).rope();
  EXPECT_EQ(rope.scaling, RopeScaling::kLlama3);
  EXPECT_EQ(rope.factor, 2.0);
  EXPECT_EQ(rope.theta, 5e5);
}

TEST_F(ModelFolder, WeightsStayInTheCheckpointDtypeUnlessAskedOtherwise) {
  write(small_config(), random_weights(small_config()));
  EXPECT_EQ(load_model(folder).model->head().weight().scalar_type(), at::kBFloat16);
  EXPECT_EQ(load_model(folder, {.dtype = at::kFloat}).model->head().weight().scalar_type(), at::kFloat);
}

TEST_F(ModelFolder, SavingAndLoadingKeepsEveryByte) {
  std::vector<NamedTensor> weights = random_weights(small_config());
  write(small_config(), weights);
  std::vector<NamedTensor> loaded = load_model(folder).model->state_dict();
  ASSERT_EQ(loaded.size(), weights.size());
  for (size_t i = 0; i < loaded.size(); ++i) {
    EXPECT_EQ(loaded[i].first, weights[i].first);
    EXPECT_TRUE(at::equal(loaded[i].second, weights[i].second)) << loaded[i].first;
  }
}

TEST_F(ModelFolder, WrongTensorsAreListedTogetherWithTheirShapes) {
  std::vector<NamedTensor> weights = random_weights(small_config());
  for (auto& [name, tensor] : weights) {
    if (name == "model.norm.weight") name = "model.final_norm.weight";
    if (name == "model.layers.1.mlp.up_proj.weight") tensor = at::zeros({24, 15});
  }
  write(small_config(), weights);
  const std::string text = error_of([&] { load_model(folder); }, ErrorKind::kFormat);
  EXPECT_NE(text.find("missing (1):\n    model.norm.weight [16]"), std::string::npos) << text;
  EXPECT_NE(text.find("unexpected (1):\n    model.final_norm.weight [16] in model.safetensors"), std::string::npos)
      << text;
  EXPECT_NE(text.find("model.layers.1.mlp.up_proj.weight: config.json says [24, 16], model.safetensors has [24, 15]"),
            std::string::npos)
      << text;
}

TEST_F(ModelFolder, OldRotaryBuffersAndTheCopyOfATiedHeadAreAccepted) {
  Json config = small_config();
  config["tie_word_embeddings"] = true;
  std::vector<NamedTensor> weights = random_weights(config);
  weights.emplace_back("model.layers.0.self_attn.rotary_emb.inv_freq", at::zeros({2}));
  weights.emplace_back("lm_head.weight", at::zeros({40, 16}));
  write(config, weights);
  EXPECT_NO_THROW(load_model(folder));
}

TEST_F(ModelFolder, TensorsThatAFamilyPublishesBesideTheModelAreLeftAlone) {
  const Json config = small_config("qwen3_5_text");
  std::vector<NamedTensor> weights = random_weights(config);
  const size_t count = weights.size();
  weights.emplace_back("mtp.layers.0.mlp.up_proj.weight", at::zeros({2, 2}));
  write(config, weights);
  EXPECT_EQ(load_model(folder).model->state_dict().size(), count);
}

TEST_F(ModelFolder, WhatIsNotAModelFolderIsSaidSo) {
  EXPECT_NE(error_of([&] { load_model(folder / "nowhere"); }, ErrorKind::kIo).find("does not exist"),
            std::string::npos);
  EXPECT_NE(error_of([&] { load_model(folder); }, ErrorKind::kIo).find("no config.json"), std::string::npos);
  std::ofstream(folder / "adapter_config.json") << "{}";
  EXPECT_NE(error_of([&] { load_model(folder); }, ErrorKind::kIo).find("it holds an adapter"), std::string::npos);
}

TEST(RandomModel, IsTheSameForASeedAndHasHuggingFacesSpread) {
  Json config = small_config();
  config["vocab_size"] = 4000;
  config["pad_token_id"] = 3;
  LoadedModel a = build_random_model(config, {.seed = 1}), b = build_random_model(config, {.seed = 1});
  LoadedModel c = build_random_model(config, {.seed = 2});
  Tensor embedding = a.model->embedding().weight();
  EXPECT_TRUE(at::equal(embedding, b.model->embedding().weight()));
  EXPECT_FALSE(at::equal(embedding, c.model->embedding().weight()));
  EXPECT_NEAR(embedding.std().item<double>(), 0.02, 0.001);
  EXPECT_EQ(embedding[3].abs().sum().item<double>(), 0.0);
}

TEST(MakeTrainable, GivesOwnStorageInFp32AndATiedHeadFollows) {
  Json config = small_config();
  config["tie_word_embeddings"] = true;
  LoadedModel loaded = build_random_model(config, {.dtype = at::kBFloat16});
  Tensor before = loaded.model->embedding().weight();
  make_trainable(loaded.model->named_parameters().front());
  Tensor after = loaded.model->embedding().weight();
  EXPECT_EQ(after.scalar_type(), at::kFloat);
  EXPECT_TRUE(after.requires_grad() && after.is_leaf());
  EXPECT_NE(after.data_ptr(), before.data_ptr());
  EXPECT_TRUE(loaded.model->head().weight().is_same(after));
}

TEST(Decoder, Bf16ComputeStaysWithinBf16OfFp32) {
  ReferenceCase fixture{"", fixture_path("archs/qwen3"), fixture_path("archs/qwen3/reference.safetensors")};
  Tensor want = at::cat(fixture.batch_rows("logits"));
  LoadedModel loaded = load_model(fixture.model);
  at::NoGradGuard no_grad;
  ComputeDtype scope(at::kBFloat16);
  Tensor got = loaded.model->logits(loaded.model->forward(stream_of(fixture.batch_rows("input_ids"))));
  EXPECT_EQ(got.scalar_type(), at::kBFloat16);
  EXPECT_LE((got.to(at::kFloat) - want).norm().item<double>(), 0.02 * want.norm().item<double>());
}

TEST(Decoder, FrozenLayersAreNotRecomputedAndNothingIsWhenNoGradientsAreRecorded) {
  LoadedModel loaded = build_random_model(small_config(), {});
  int forwards = 0;
  for (DecoderLayer* layer : loaded.model->layers()) {
    layer->add_hook([&](Module&, HookPoint point) { forwards += point == HookPoint::kBeforeForward; });
  }
  for (const NamedParameter& p : loaded.model->named_parameters()) {
    if (p.name.starts_with("model.layers.1.")) make_trainable(p);
  }
  TokenStream stream = stream_of({at::arange(5, at::kLong)});
  loaded.model->forward(stream, nullptr, {.gradient_checkpointing = true}).sum().backward();
  EXPECT_EQ(forwards, 3) << "two layers forward, the trainable one again";
}

}  // namespace
}  // namespace lf::testing
