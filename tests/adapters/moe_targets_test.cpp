// What `lora_target: all` finds in mixtures of experts: with transformers 5 experts are stacked parameters, not linear
// layers, and neither are most routers. The lists are those of upstream's find_all_linear_modules.
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/module_match.h"
#include "base/error.h"
#include "model/arch.h"
#include "model/decoder.h"
#include "support/shared.h"

namespace lf::testing {
namespace {

struct Case {
  std::string folder;  // of a configuration: tests/fixtures/archs or the shared golden models
  bool shared;
  std::vector<std::string> linear;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.folder; }

class MoeTargetsTest : public ::testing::TestWithParam<Case> {};

TEST_P(MoeTargetsTest, AllMeansTheLinearLayersThatTransformersHas) {
  const Case& c = GetParam();
  if (c.shared) LF_REQUIRE_SHARED();
  const std::filesystem::path folder =
      c.shared ? shared_path("golden/data/models/" + c.folder) : fixture_path("archs/" + c.folder);
  Decoder model(describe_model(read_json(folder / "config.json")));
  std::vector<std::string> found = expand_targets(model, {"all"});
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, c.linear);
}

const std::vector<std::string> kAttention = {"k_proj", "o_proj", "q_proj", "v_proj"};
const std::vector<std::string> kAttentionAndMlp = {"down_proj", "gate_proj", "k_proj", "o_proj",
                                                   "q_proj",    "up_proj",   "v_proj"};

INSTANTIATE_TEST_SUITE_P(
    Families, MoeTargetsTest,
    ::testing::Values(
        Case{"mixtral", true, kAttention}, Case{"olmoe", true, kAttention}, Case{"gpt_oss", true, kAttention},
        Case{"qwen3_moe", true, kAttentionAndMlp}, Case{"glm4_moe", true, kAttentionAndMlp},
        Case{"ernie4_5_moe", true, kAttentionAndMlp},
        Case{"granitemoe", true, {"k_proj", "layer", "o_proj", "q_proj", "v_proj"}},
        Case{"dbrx", false, {"Wqkv", "layer", "out_proj"}},
        Case{"hunyuan_v1_moe",
             true,
             {"down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj", "wg"}},
        Case{
            "deepseek_v3",
            true,
            {"down_proj", "gate_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj", "q_a_proj", "q_b_proj", "up_proj"}},
        Case{"deepseek_v2",
             true,
             {"down_proj", "gate", "gate_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj", "q_a_proj", "q_b_proj",
              "up_proj"}},
        Case{"qwen2_moe",
             false,
             {"down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "shared_expert_gate", "up_proj", "v_proj"}},
        Case{"phimoe", false, kAttention}, Case{"flex_olmo", false, kAttention}, Case{"minimax_m2", false, kAttention},
        Case{"llama4_text", false, kAttentionAndMlp}, Case{"dots1", false, kAttentionAndMlp},
        Case{"hy_v3", false, kAttentionAndMlp},
        Case{"youtu",
             false,
             {"down_proj", "gate_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj", "q_proj", "up_proj"}}),
    [](const auto& info) { return info.param.folder; });

TEST(MoeTargets, ExpertsAreNoTargetAndTheMessageSaysWhatIs) {
  Decoder model(describe_model(read_json(fixture_path("archs/qwen2_moe") / "config.json")));
  try {
    match_linears(model, {"gate_up_proj"}, {});
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("shared_expert_gate"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace lf::testing
