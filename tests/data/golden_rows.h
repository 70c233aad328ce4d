// Rows as tests/fixtures/data/make_rows.py and golden/data/pipeline store them: upstream's columns, slimmed (labels as
// spans, all-ones masks left out).
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/batch.h"
#include "data/encode/packing.h"

namespace lf::testing {

/// {"trained": [[start, end), ...], "other_labels": [[place, label], ...]} over ids, or a plain list.
inline std::vector<int32_t> golden_labels(const Json& stored, const std::vector<int32_t>& ids) {
  if (stored.is_array()) return stored.get<std::vector<int32_t>>();
  std::vector<int32_t> labels(ids.size(), kIgnoreLabel);
  for (const Json& span : stored["trained"]) {
    for (size_t i = span[0]; i < span[1].get<size_t>(); ++i) labels[i] = ids[i];
  }
  for (const Json& other : stored["other_labels"]) labels[other[0].get<size_t>()] = other[1];
  return labels;
}

inline void expect_packing_params(const EncodedExample& got, const Json& expected, const std::string& where) {
  const PackingParams params = packing_params_of(got);
  const Json ours = {{"sequence_boundaries", params.sequence_boundaries},
                     {"image_subseq_ids", params.image_subseq_ids},
                     {"video_subseq_ids", params.video_subseq_ids},
                     {"audio_subseq_ids", params.audio_subseq_ids},
                     {"right_padding_length", params.right_padding_length}};
  EXPECT_EQ(ours.size(), expected.size()) << where;
  for (const auto& [key, value] : ours.items()) EXPECT_EQ(value, expected[key]) << where << " " << key;
}

/// Every column of the stored row, and no column that we would not know.
inline void expect_row(const EncodedExample& got, const Json& expected, const std::string& where) {
  using Ids = std::vector<int32_t>;
  const bool pair = got.kind == ExampleKind::kPairwise;
  const std::string first = pair ? "chosen_" : "", second = pair ? "rejected_" : "kl_";
  const auto same = [&](const Ids& ours, const Ids& theirs, const std::string& column) {
    EXPECT_EQ(ours, theirs) << where << " column " << column;
  };
  for (const auto& [column, value] : expected.items()) {
    if (column == first + "input_ids") {
      same(got.ids, value.get<Ids>(), column);
    } else if (column == first + "labels") {
      same(got.labels, golden_labels(value, expected[first + "input_ids"].get<Ids>()), column);
    } else if (column == second + "input_ids") {
      same(got.second_ids, value.get<Ids>(), column);
    } else if (column == second + "labels") {
      same(got.second_labels, golden_labels(value, expected[second + "input_ids"].get<Ids>()), column);
    } else if (column == "kto_tags") {
      EXPECT_EQ(got.desirable, value.get<bool>()) << where;
    } else if (column == "position_ids") {
      same(positions_of(got), value.get<Ids>(), column);
    } else if (column == "attention_mask") {
      same(segments_of(got), value.get<Ids>(), column);
    } else if (column == "packing_params") {
      expect_packing_params(got, value, where);
    } else {
      ADD_FAILURE() << where << ": column " << column << " is compared with nothing";
    }
  }
  if (!expected.contains(first + "labels")) same(got.labels, got.ids, "labels (pt)");
  if (!expected.contains("attention_mask")) same(segments_of(got), Ids(got.ids.size(), 1), "attention_mask");
  EXPECT_EQ(got.second_ids.empty(), !expected.contains(second + "input_ids")) << where;
}

/// A feature as the reference's collator was given it.
inline EncodedExample example_of(const Json& feature) {
  using Ids = std::vector<int32_t>;
  EncodedExample out;
  if (feature.contains("chosen_input_ids")) {
    out.kind = ExampleKind::kPairwise;
    out.ids = feature["chosen_input_ids"].get<Ids>();
    out.labels = feature["chosen_labels"].get<Ids>();
    out.second_ids = feature["rejected_input_ids"].get<Ids>();
    out.second_labels = feature["rejected_labels"].get<Ids>();
    return out;
  }
  out.ids = feature["input_ids"].get<Ids>();
  out.labels = feature["labels"].get<Ids>();
  if (feature.contains("kl_input_ids")) {
    out.kind = ExampleKind::kFeedback;
    out.second_ids = feature["kl_input_ids"].get<Ids>();
    out.second_labels = feature["kl_labels"].get<Ids>();
    out.desirable = feature["kto_tags"];
  }
  if (out.labels.size() != out.ids.size()) out.kind = ExampleKind::kUnsupervised;
  if (!feature.contains("position_ids")) return out;
  const Ids mask = feature["attention_mask"].get<Ids>(), positions = feature["position_ids"].get<Ids>();
  out.separate = std::ranges::find(mask, 2) != mask.end();
  size_t real = positions.size();  // padding has position 0, as the first token of an example has
  while (real > 1 && positions[real - 1] == 0) --real;
  out.padding = static_cast<int32_t>(positions.size() - real);
  for (size_t i = 0; i < real; ++i) {
    if (positions[i] == 0) out.starts.push_back(static_cast<int32_t>(i));
  }
  return out;
}

}  // namespace lf::testing
