// Padded batches against those of the real collators (tests/fixtures/data/collators.json, made by make_rows.py).
#include <gmock/gmock.h>

#include <numeric>

#include "base/json.h"
#include "data/collate.h"
#include "data/golden_rows.h"
#include "data/padded.h"
#include "support/shared.h"

namespace lf {
namespace {

Json cases() { return read_json(lf::testing::fixture_path("data/collators.json")); }

class UpstreamCollators : public ::testing::TestWithParam<size_t> {};

/// A tensor as nested lists.
Json lists(const Tensor& tensor) {
  if (tensor.dim() == 0) {
    return tensor.scalar_type() == at::kBool ? Json(tensor.item<bool>()) : Json(tensor.item<int64_t>());
  }
  Json out = Json::array();
  for (int64_t i = 0; i < tensor.size(0); ++i) out.push_back(lists(tensor[i]));
  return out;
}

PadOptions options_of(const Json& one) {
  const Json& given = one["options"];
  PadOptions options;
  options.pad_id = one["pad_id"];
  options.multiple = given.value("pad_to_multiple_of", 1);
  options.left = given.value("side", "right") == "left";
  if (given.contains("label_pad_token_id")) options.label_pad = options.pad_id;
  const std::string attention = given.value("attn_implementation", "");
  if (attention == "eager") options.packed_mask = PackedMask::kAdditive;
  if (attention == "flash_attention_2") options.packed_mask = PackedMask::kNone;
  return options;
}

struct Collated {
  Dataset data;
  std::vector<int64_t> rows;
};

Collated dataset_of(const Json& one) {
  Collated out;
  for (const Json& feature : one["features"]) out.data.append(lf::testing::example_of(feature));
  out.rows.resize(out.data.size());
  std::iota(out.rows.begin(), out.rows.end(), 0);
  return out;
}

TEST_P(UpstreamCollators, GiveTheSameTensors) {
  const Json one = cases()[GetParam()];
  const auto [data, rows] = dataset_of(one);
  const PaddedBatch batch = padded(data, rows, options_of(one));
  EXPECT_EQ(batch.size(), one["batch"].size());
  for (const auto& [column, tensor] : batch) {
    const Json ours = lists(tensor.dim() == 4 ? tensor.eq(0).to(at::kLong) : tensor);
    EXPECT_EQ(ours.dump(), one["batch"][column].dump()) << one["name"] << " " << column;
  }
}

TEST_P(UpstreamCollators, TheStreamHoldsTheSameTokensWithoutPadding) {
  const Json one = cases()[GetParam()];
  const auto [data, rows] = dataset_of(one);
  PadOptions options = options_of(one);
  options.packed_mask = PackedMask::kSegments;
  PaddedBatch rectangle = padded(data, rows, options);
  const Batch batch = collate(data, rows, {options.multiple});
  Tensor real = rectangle["attention_mask"].to(at::kBool);
  for (const int64_t row : rows) {  // the padding of plainly packed rows is visible to upstream
    if (data.padding(row) > 0) real[row].slice(0, data.length(row) - data.padding(row), real.size(1)).fill_(false);
  }
  EXPECT_TRUE(at::equal(batch.ids, rectangle["input_ids"].masked_select(real)));
  EXPECT_EQ(batch.padded_tokens, real.numel());
  if (rectangle.contains("position_ids")) {
    EXPECT_TRUE(at::equal(batch.positions, rectangle["position_ids"].masked_select(real)));
  }
  if (!batch.kl) return;
  const Tensor kl_real = rectangle["kl_attention_mask"].to(at::kBool);
  EXPECT_TRUE(at::equal(batch.kl->ids, rectangle["kl_input_ids"].masked_select(kl_real)));
}

INSTANTIATE_TEST_SUITE_P(Data, UpstreamCollators, ::testing::Range<size_t>(0, cases().size()),
                         [](const auto& info) { return cases()[info.param]["name"].template get<std::string>(); });

}  // namespace
}  // namespace lf
