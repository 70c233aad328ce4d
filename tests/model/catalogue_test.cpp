// The catalogue: against upstream's registry, and what it says of each model.
#include "model/catalogue.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "base/registry.h"
#include "model/arch.h"
#include "support/shared.h"

namespace lf {
namespace {

using ::testing::HasSubstr;

/// What this build reached; to be raised with each architecture.
constexpr size_t kSupportedTextModels = 231;

const Json& registry() {
  static const Json rows = read_json(lf::testing::shared_path("compat/model_registry.json"));
  return rows;
}

TEST(Catalogue, has_every_model_of_upstreams_registry_in_its_order) {
  LF_REQUIRE_SHARED();
  ASSERT_EQ(catalogue_models().size(), registry().size());
  for (size_t i = 0; i < registry().size(); ++i) {
    const CatalogueModel& model = catalogue_models()[i];
    const Json& row = registry()[i];
    SCOPED_TRACE(model.name);
    EXPECT_EQ(model.name, row["name"].get<std::string>());
    EXPECT_EQ(model.huggingface, row["hf"].get<std::string>());
    EXPECT_EQ(model.modelscope, row.value("ms", ""));
    EXPECT_EQ(model.modelers, row.value("om", ""));
    EXPECT_EQ(model.chat_template, row.value("template", ""));
    if (model.name == "MedGemma-27B-Instruct") {
      EXPECT_FALSE(model.type->multimodal);  // registered beside multimodal ones, but its weights are text only
    } else {
      EXPECT_EQ(model.type->multimodal, row.value("multimodal", false));
    }
  }
}

TEST(Catalogue, counts_as_many_models_of_each_architecture_as_upstream) {
  LF_REQUIRE_SHARED();
  const Json types = read_json(lf::testing::shared_path("compat/model_architectures.json"));
  std::map<std::string, std::pair<int, int>> counts;  // models, of which with quantised weights
  for (const CatalogueModel& model : catalogue_models()) {
    auto& [all, quantised] = counts[std::string(model.type->model_type)];
    ++all;
    quantised += !model.weights.empty();
  }
  EXPECT_EQ(catalogue_types().size(), types.size());
  for (const CatalogueType& type : catalogue_types()) {
    const std::string name(type.model_type);
    ASSERT_TRUE(types.contains(name)) << name;
    EXPECT_EQ(counts[name].first, types[name]["n_registered"].get<int>()) << name;
    EXPECT_EQ(counts[name].second, types[name]["n_prequantized"].get<int>()) << name;
    EXPECT_EQ(type.multimodal, types[name]["multimodal"].get<bool>()) << name;
    for (const Json& example : types[name]["example_models"]) {
      const CatalogueModel* model = find_catalogue_model(example.get<std::string>());
      ASSERT_TRUE(model) << example;
      EXPECT_EQ(model->type->model_type, name) << example;
    }
  }
}

TEST(Catalogue, every_text_model_has_a_supported_architecture_or_a_reason) {
  size_t text = 0, supported = 0;
  std::map<std::string, std::pair<int, std::string>> missing;  // model_type: models, reason
  for (const CatalogueModel& model : catalogue_models()) {
    if (model.type->multimodal) continue;
    ++text;
    const std::string reason = unsupported_reason(model, true);
    supported += reason.empty();
    EXPECT_EQ(reason.empty(), find_entry(all_archs(), model.type->model_type) != nullptr) << model.name;
    if (reason.empty()) continue;
    auto& [count, why] = missing[std::string(model.type->model_type)];
    ++count;
    why = reason;
  }
  for (const auto& [type, row] : missing) fmt::print("{}: {} models: {}\n", type, row.first, row.second);
  fmt::print("{} of {} text models have a supported architecture\n", supported, text);
  EXPECT_EQ(text, 461u);
  EXPECT_GE(supported, kSupportedTextModels);
}

TEST(Catalogue, names_and_repositories_are_unambiguous) {
  std::set<std::string_view> names;
  for (const CatalogueModel& model : catalogue_models()) {
    EXPECT_TRUE(names.insert(model.name).second) << model.name;
    EXPECT_EQ(find_catalogue_model(model.name), &model);
    EXPECT_NE(model.huggingface.find('/'), std::string_view::npos) << model.name;
    const CatalogueModel* same = find_catalogue_model(model.huggingface);
    ASSERT_TRUE(same) << model.huggingface;
    EXPECT_EQ(same->type, model.type) << model.huggingface;
  }
  EXPECT_EQ(find_catalogue_model("qwen/QWEN2-7B"), find_catalogue_model("Qwen2-7B"));
  EXPECT_EQ(find_catalogue_model(""), nullptr);
  EXPECT_EQ(find_catalogue_model("-"), nullptr);
}

TEST(Catalogue, reads_sizes_from_names) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {{"BLOOM-7B1", "7.1B"},
                                                                            {"SmolLM-135M", "135M"},
                                                                            {"Mixtral-8x7B-v0.1", "8x7B"},
                                                                            {"Qwen3-30B-A3B-Thinking", "30B-A3B"},
                                                                            {"Llama-3.1-8B", "8B"},
                                                                            {"Granite-3.1-1B-A400M-Base", "1B-A400M"},
                                                                            {"GPT-2-XL", ""},
                                                                            {"OpenChat3.5-7B-Chat", "7B"},
                                                                            {"Vicuna-v1.5-13B-Chat", "13B"},
                                                                            {"Qwen2-0.5B-Instruct-GPTQ-Int8", "0.5B"}};
  for (const auto& [name, size] : cases) {
    const CatalogueModel* model = find_catalogue_model(name);
    ASSERT_TRUE(model) << name;
    EXPECT_EQ(parameter_size(*model), size) << name;
  }
}

TEST(Catalogue, says_why_a_model_cannot_be_loaded) {
  const auto reason = [](std::string_view name) { return unsupported_reason(*find_catalogue_model(name)); };
  EXPECT_EQ(reason("Llama-3-8B-Instruct"), "");
  EXPECT_EQ(reason("Qwen2-VL-7B-Instruct"), "multimodal models are not available yet");
  EXPECT_EQ(reason("Qwen2-7B-Instruct-AWQ"), "quantised weights (awq) are not available yet");
  EXPECT_EQ(unsupported_reason(*find_catalogue_model("Qwen2-7B-Instruct-AWQ"), true), "");
  EXPECT_EQ(reason("Aeva-Chat"), "its architecture is not published outside the hub");
}

TEST(Catalogue, tells_the_repository_of_a_name_and_the_nearest_of_a_misspelt_one) {
  EXPECT_THAT(catalogue_hint("llama-3-8b-instruct"),
              HasSubstr("Llama-3-8B-Instruct: its repository is meta-llama/Meta-Llama-3-8B-Instruct"));
  EXPECT_THAT(catalogue_hint("Qwen/Qwen2-7b-Instrct"), HasSubstr("did you mean Qwen/Qwen2-7B-Instruct"));
  EXPECT_EQ(catalogue_hint("/no/such/folder/anywhere/at/all"), "");
}

}  // namespace
}  // namespace lf
