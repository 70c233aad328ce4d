// Adapters on whole models: equality with peft, saving, merging, switching off, refusals.
#include "adapters/lora_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/method.h"
#include "base/error.h"
#include "model/loader.h"
#include "support/golden_tensors.h"
#include "support/shared.h"
#include "support/temp_folder.h"

namespace lf {

using ::testing::HasSubstr;

static LoadedModel fixture_model(const std::string& kind, std::optional<at::ScalarType> type = std::nullopt) {
  LoadOptions options;
  options.dtype = type;
  return load_model(testing::fixture_path("adapters/" + kind + "/base"), options);
}

static std::map<std::string, Tensor> fixture_logits(const std::string& kind) {
  return testing::golden_tensors(testing::fixture_path("adapters/" + kind + "/logits.safetensors"));
}

static Tensor logits_of(Decoder& model, const Tensor& ids) {
  const Tensor wide = ids.to(at::kLong);
  return model.logits(model.forward({wide, at::arange(wide.size(0)), {0, wide.size(0)}, {}}));
}

static Tensor probe_ids() { return at::tensor({1, 5, 9, 33, 7, 21, 14, 3}, at::kLong); }

static float difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<float>(); }

struct PeftCase {
  std::string kind, adapter;
};

class AdapterOfPeft : public ::testing::TestWithParam<PeftCase> {};

TEST_P(AdapterOfPeft, gives_the_logits_that_peft_gives_live_and_merged) {
  const auto& [kind, adapter] = GetParam();
  auto expected = fixture_logits(kind);
  LoadedModel loaded = fixture_model(kind);
  Decoder& model = *loaded.model;
  ASSERT_LT(difference(logits_of(model, expected["ids"]), expected["base"]), 1e-5f);
  auto set =
      LoraSet::from_folder(model, testing::fixture_path("adapters/" + kind + "/" + adapter), {.trainable = false});
  EXPECT_GT(difference(expected[adapter], expected["base"]), 0.1f);
  EXPECT_LT(difference(logits_of(model, expected["ids"]), expected[adapter]), 1e-5f);
  set->set_enabled(false);
  EXPECT_LT(difference(logits_of(model, expected["ids"]), expected["base"]), 1e-5f);
  set->set_enabled(true);
  set->merge();
  EXPECT_LT(difference(logits_of(model, expected["ids"]), expected[adapter + ".merged"]), 1e-5f);
  for (auto& [path, module] : model.named_modules()) {
    if (auto* linear = dynamic_cast<Linear*>(module)) {
      EXPECT_TRUE(linear->adapters().empty()) << path;
    }
  }
}

TEST_P(AdapterOfPeft, survives_being_saved_again) {
  const auto& [kind, adapter] = GetParam();
  const std::filesystem::path original = testing::fixture_path("adapters/" + kind + "/" + adapter);
  LoadedModel loaded = fixture_model(kind);
  auto set = LoraSet::from_folder(*loaded.model, original, {});
  testing::TempFolder temp;
  OutputFolder folder(temp / "again");
  set->write(folder);
  EXPECT_EQ(testing::read_bytes(temp / "again/adapter_model.safetensors"),
            testing::read_bytes(original / "adapter_model.safetensors"));
  EXPECT_EQ(testing::read_bytes(temp / "again/adapter_config.json"),
            testing::read_bytes(original / "adapter_config.json"));
}

INSTANTIATE_TEST_SUITE_P(Fixtures, AdapterOfPeft,
                         ::testing::Values(PeftCase{"untied", "plain"}, PeftCase{"untied", "patterns"},
                                           PeftCase{"untied", "copies"}, PeftCase{"tied", "embedding"}),
                         [](const auto& info) { return info.param.adapter; });

TEST(LoraSet, starts_with_the_numbers_peft_draws_from_the_same_seed) {
  LF_REQUIRE_SHARED();
  LoadedModel loaded = load_model(testing::shared_path("golden/data/models/llama"));
  at::manual_seed(7);
  auto set = LoraSet::create(*loaded.model, {.rank = 8, .alpha = 16, .target_modules = {"all"}}, {});
  auto golden = testing::golden_tensors(testing::shared_path("golden/data/training/init.3e82c23a26.safetensors"));
  ASSERT_EQ(set->trainable().size(), golden.size());
  for (const auto& [name, tensor] : set->trainable()) {
    std::string in_memory = name;
    in_memory.insert(in_memory.size() - std::string("weight").size(), "default.");
    EXPECT_TRUE(at::equal(tensor, golden.at(in_memory))) << name;
  }
}

TEST(LoraSet, takes_golden_initial_adapters) {
  LF_REQUIRE_SHARED();
  LoadedModel loaded = load_model(testing::shared_path("golden/data/models/llama"));
  auto set = LoraSet::create(*loaded.model, {.rank = 8, .alpha = 16, .target_modules = {"all"}}, {});
  const auto path = testing::shared_path("golden/data/training/init.3e82c23a26.safetensors");
  set->load_tensors(path);
  auto golden = testing::golden_tensors(path);
  EXPECT_TRUE(at::equal(set->trainable()[0].second,
                        golden.at("base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight")));
}

TEST(LoraSet, fresh_changes_nothing_and_trains_only_its_own_parameters) {
  LoadedModel loaded = fixture_model("untied");
  Decoder& model = *loaded.model;
  const Tensor before = logits_of(model, probe_ids());
  auto set =
      LoraSet::create(model, {.rank = 3, .alpha = 6, .dropout = 0.5, .target_modules = {"q_proj", "mlp.up_proj"}}, {});
  EXPECT_EQ(set->layer_count(), 4u);
  model.train(false);
  const Tensor after = logits_of(model, probe_ids());
  EXPECT_TRUE(at::equal(before, after));
  after.sum().backward();
  for (const NamedParameter& parameter : model.named_parameters()) EXPECT_FALSE(parameter.tensor->grad().defined());
  for (const auto& [name, tensor] : set->trainable()) EXPECT_TRUE(tensor.grad().defined()) << name;
  EXPECT_EQ(set->trainable().size(), 8u);
}

TEST(LoraSet, dropout_acts_in_training_only) {
  LoadedModel loaded = fixture_model("untied");
  Decoder& model = *loaded.model;
  auto set = LoraSet::create(model, {.rank = 3, .alpha = 6, .dropout = 0.5, .target_modules = {"all"}}, {});
  at::NoGradGuard no_grad;
  for (auto& [name, tensor] : set->trainable()) tensor.add_(at::randn_like(tensor) * 0.1);
  model.train(false);
  EXPECT_TRUE(at::equal(logits_of(model, probe_ids()), logits_of(model, probe_ids())));
  model.train(true);
  EXPECT_FALSE(at::equal(logits_of(model, probe_ids()), logits_of(model, probe_ids())));
}

TEST(LoraSet, stays_in_fp32_on_a_bf16_model_and_merges_into_bf16) {
  LoadedModel loaded = fixture_model("untied", at::kBFloat16);
  Decoder& model = *loaded.model;
  auto set =
      LoraSet::create(model, {.rank = 2, .alpha = 4, .target_modules = {"q_proj"}, .modules_to_save = {"lm_head"}}, {});
  {
    at::NoGradGuard no_grad;
    for (auto& [name, tensor] : set->trainable()) {
      EXPECT_EQ(tensor.scalar_type(), at::kFloat) << name;
      tensor.add_(at::randn_like(tensor) * 0.1);
    }
  }
  Linear* q = find_linear(model, "model.layers.1.self_attn.q_proj");
  const Tensor weight = q->weight().clone(), delta = q->adapters()[0]->delta();
  set->merge();
  EXPECT_TRUE(at::equal(q->weight(), (weight.to(at::kFloat) + delta).to(at::kBFloat16)));
  EXPECT_EQ(model.head().weight().scalar_type(), at::kBFloat16);
}

TEST(LoraSet, copies_keep_the_models_type_under_pure_bf16) {
  LoadedModel loaded = fixture_model("untied", at::kBFloat16);
  auto set = LoraSet::create(*loaded.model,
                             {.rank = 2, .alpha = 4, .target_modules = {"q_proj"}, .modules_to_save = {"lm_head"}},
                             {.wide_copies = false});
  EXPECT_EQ(set->trainable().back().second.scalar_type(), at::kBFloat16);
  EXPECT_EQ(set->trainable().front().second.scalar_type(), at::kFloat);
}

TEST(LoraSet, a_copied_embedding_leaves_a_tied_head_as_it_was) {
  LoadedModel loaded = fixture_model("tied");
  Decoder& model = *loaded.model;
  auto set = LoraSet::create(
      model, {.rank = 2, .alpha = 4, .target_modules = {"q_proj"}, .modules_to_save = {"embed_tokens"}}, {});
  EXPECT_FALSE(model.head().is_tied());
  EXPECT_FALSE(model.head().weight().requires_grad());
  EXPECT_TRUE(model.embedding().weight().requires_grad());
  EXPECT_EQ(set->trainable().back().first, "base_model.model.model.embed_tokens.weight");
}

template <class Action>
static std::string failure(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(kind_name(error.kind())) + ": " + error.what();
  }
  return "accepted";
}

static std::string create_failure(const std::vector<std::string>& targets, const std::vector<std::string>& extra = {}) {
  LoadedModel loaded = fixture_model("untied");
  return failure([&] {
    LoraSet::create(*loaded.model, {.rank = 2, .alpha = 4, .target_modules = targets, .modules_to_save = extra}, {});
  });
}

TEST(LoraSet, unknown_targets_are_refused_with_what_exists) {
  EXPECT_THAT(create_failure({"q_prj"}),
              HasSubstr("config: lora_target: the model has no module 'q_prj'; did you mean q_proj"));
  EXPECT_THAT(create_failure({"query"}), HasSubstr("q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj"));
  EXPECT_THAT(create_failure({"embed_tokens"}), HasSubstr("unsupported: lora_target: 'embed_tokens'"));
  EXPECT_THAT(create_failure({"q_proj"}, {"lm_heads"}),
              HasSubstr("additional_target: the model has no module 'lm_heads'"));
  EXPECT_THAT(create_failure({}), HasSubstr("lora_target"));
}

TEST(LoraSet, broken_adapter_folders_are_refused_with_the_reason) {
  const auto plain = testing::fixture_path("adapters/untied/plain");
  auto load = [](const std::filesystem::path& folder, const std::string& kind = "untied") {
    LoadedModel loaded = fixture_model(kind);
    return failure([&] { LoraSet::from_folder(*loaded.model, folder, {}); });
  };
  testing::TempFolder temp;
  EXPECT_THAT(load(temp / "absent"), HasSubstr("io: adapter folder"));
  std::filesystem::create_directory(temp / "empty");
  EXPECT_THAT(load(temp / "empty"), HasSubstr("holds no adapter_config.json"));
  std::filesystem::create_directory(temp / "pickled");
  std::filesystem::copy(plain / "adapter_config.json", temp / "pickled/adapter_config.json");
  EXPECT_THAT(load(temp / "pickled"), HasSubstr("holds no adapter_model.safetensors"));
  testing::write_bytes(temp / "pickled/adapter_model.bin", "x");
  EXPECT_THAT(load(temp / "pickled"), HasSubstr("unsupported: "));
  EXPECT_THAT(load(temp / "pickled"), HasSubstr("safe_serialization"));

  std::filesystem::copy(plain, temp / "rank");
  std::string config = testing::read_bytes(plain / "adapter_config.json");
  config.replace(config.find("\"r\": 4"), 6, "\"r\": 5");
  testing::write_bytes(temp / "rank/adapter_config.json", config);
  EXPECT_THAT(load(temp / "rank"), HasSubstr("but rank 5 on this model needs"));

  std::filesystem::copy(plain, temp / "other");
  std::filesystem::copy_file(testing::fixture_path("adapters/untied/base/model.safetensors"),
                             temp / "other/adapter_model.safetensors",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(load(temp / "other"), HasSubstr("does not begin with 'base_model.model.'"));
}

struct Given {
  ModelOptions model;
  FinetuningOptions tuning;
};

static Given given(const std::vector<std::string>& adapters) {
  Given options;
  options.model.model_name_or_path = "base";
  options.model.adapter_folder = std::nullopt;
  for (const std::string& name : adapters) {
    options.model.adapter_name_or_path.push_back(testing::fixture_path("adapters/untied/" + name).string());
  }
  return options;
}

TEST(StartTuning, merges_all_but_the_last_adapter_and_continues_that_one) {
  const Tensor ids = fixture_logits("untied")["ids"];
  LoadedModel both = fixture_model("untied"), merged = fixture_model("untied");
  const Given options = given({"patterns", "plain"});
  auto tuning = start_tuning({*both.model, options.model, options.tuning, std::nullopt});
  merge_adapters(*merged.model, options.model);
  both.model->train(false);
  EXPECT_LT(difference(logits_of(*both.model, ids), logits_of(*merged.model, ids)), 1e-5f);
  EXPECT_EQ(tuning->trainable().size(), 28u);
  EXPECT_FALSE(find_linear(*both.model, "model.layers.0.mlp.up_proj")->adapters().empty());
}

TEST(StartTuning, create_new_adapter_merges_all_and_starts_afresh) {
  const Tensor ids = fixture_logits("untied")["ids"];
  LoadedModel loaded = fixture_model("untied");
  Given options = given({"plain"});
  options.tuning.create_new_adapter = true;
  options.tuning.lora_rank = 5;
  options.tuning.lora_target = {"v_proj"};
  auto tuning = start_tuning({*loaded.model, options.model, options.tuning, std::nullopt});
  EXPECT_EQ(tuning->trainable().size(), 4u);
  EXPECT_EQ(tuning->trainable()[0].second.size(0), 5);
  EXPECT_LT(difference(logits_of(*loaded.model, ids), fixture_logits("untied")["plain.merged"]), 1e-5f);
}

TEST(StartTuning, full_trains_everything_in_fp32_and_refuses_adapters) {
  LoadedModel loaded = fixture_model("untied", at::kBFloat16);
  Given options = given({});
  options.tuning.finetuning_type = "full";
  auto tuning = start_tuning({*loaded.model, options.model, options.tuning, std::nullopt});
  EXPECT_FALSE(tuning->is_adapter());
  for (const auto& [name, tensor] : tuning->trainable()) {
    EXPECT_TRUE(tensor.requires_grad());
    EXPECT_EQ(tensor.scalar_type(), at::kFloat);
  }
  EXPECT_THAT(parameter_report(*loaded.model, *tuning), HasSubstr("trainable%: 100.0000"));
  Given wrong = given({"plain"});
  wrong.tuning.finetuning_type = "full";
  EXPECT_THROW(start_tuning({*loaded.model, wrong.model, wrong.tuning, std::nullopt}), Error);
}

TEST(StartTuning, an_unknown_type_is_refused) {
  LoadedModel loaded = fixture_model("untied");
  Given options = given({});
  options.tuning.finetuning_type = "lorra";
  EXPECT_THAT(failure([&] {
                start_tuning({*loaded.model, options.model, options.tuning, std::nullopt});
              }),
              HasSubstr("did you mean lora"));
}

TEST(ParameterReport, counts_as_peft_does) {
  LoadedModel loaded = fixture_model("untied");
  const Given options = given({"copies"});
  auto tuning = start_tuning({*loaded.model, options.model, options.tuning, std::nullopt});
  EXPECT_EQ(parameter_report(*loaded.model, *tuning),
            "trainable params: 1,440 || all params: 6,640 || trainable%: 21.6867");
}

TEST(Tuning, takes_back_what_it_wrote) {
  LoadedModel loaded = fixture_model("untied");
  const Given options = given({});
  auto tuning = start_tuning({*loaded.model, options.model, options.tuning, std::nullopt});
  testing::TempFolder temp;
  OutputFolder folder(temp / "saved");
  tuning->write(folder);
  std::vector<Tensor> before;
  {
    at::NoGradGuard no_grad;
    for (auto& [name, tensor] : tuning->trainable()) {
      before.push_back(tensor.clone());
      tensor.fill_(3);
    }
  }
  tuning->load(temp / "saved");
  const auto after = tuning->trainable();
  for (size_t i = 0; i < after.size(); ++i) EXPECT_TRUE(at::equal(after[i].second, before[i]));
}

}  // namespace lf
