// Padded batches and masks against the reference's collators (golden/data/pipeline/collators.*).
#include <gmock/gmock.h>

#include <numeric>

#include "base/json.h"
#include "data/collate.h"
#include "data/golden_rows.h"
#include "data/padded.h"
#include "io/safetensors.h"
#include "support/shared.h"

namespace lf {
namespace {

using lf::testing::shared_path;
struct Case {
  const char* name;
  PadOptions options;
};

class GoldenCollator : public ::testing::TestWithParam<Case> {};

TEST_P(GoldenCollator, GivesTheSameTensors) {
  LF_REQUIRE_SHARED();
  const std::string name = GetParam().name;
  const Json golden = read_json(shared_path("golden/data/pipeline/collators.json"));
  const SafetensorsFile tensors(shared_path("golden/data/pipeline/collators.safetensors"));
  PadOptions options = GetParam().options;
  options.pad_id = golden["pad_token_id"];
  Dataset data;
  for (const Json& feature : golden["features"][name]) data.append(lf::testing::example_of(feature));
  std::vector<int64_t> rows(data.size());
  std::iota(rows.begin(), rows.end(), 0);
  const PaddedBatch batch = padded(data, rows, options);
  size_t compared = 0;
  for (const std::string& key : tensors.names()) {
    if (!key.starts_with(name + ".")) continue;
    const std::string column = key.substr(name.size() + 1);
    ASSERT_TRUE(batch.contains(column)) << column;
    const Tensor expected = tensors.tensor(key);
    EXPECT_EQ(batch.at(column).scalar_type(), expected.scalar_type()) << column;
    EXPECT_TRUE(at::equal(batch.at(column), expected)) << column << "\n" << batch.at(column) << "\n" << expected;
    ++compared;
  }
  EXPECT_EQ(compared, batch.size());
  EXPECT_EQ(collate(data, rows, {options.multiple}).padded_tokens, batch.at("input_ids").numel());
}

INSTANTIATE_TEST_SUITE_P(Pipeline, GoldenCollator,
                         ::testing::Values(Case{"sft", {}}, Case{"sft_pad8", {.multiple = 8}},
                                           Case{"neat_packing_eager", {.packed_mask = PackedMask::kAdditive}},
                                           Case{"neat_packing_flash_attention_2",
                                                {.packed_mask = PackedMask::kSegments}},
                                           Case{"pairwise", {}}, Case{"kto", {}}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(GoldenCollator, EveryCaseIsNamedHere) {
  LF_REQUIRE_SHARED();
  const Json golden = read_json(shared_path("golden/data/pipeline/collators.json"));
  EXPECT_EQ(golden["features"].size(), 6);
  const SafetensorsFile tensors(shared_path("golden/data/pipeline/collators.safetensors"));
  EXPECT_TRUE(
      at::equal(block_causal_mask(tensors.tensor("mask_4d.input"), at::kFloat), tensors.tensor("mask_4d.output")));
}

}  // namespace
}  // namespace lf
