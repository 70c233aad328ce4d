#include "data/padded.h"

#include "base/error.h"

namespace lf {
namespace {

using Rows = std::vector<std::vector<int32_t>>;

/// A rectangle [R, L]: L is the longest row, rounded up.
Tensor rectangle(const Rows& rows, int32_t fill, const PadOptions& options) {
  size_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, row.size());
  const int64_t multiple = options.multiple;
  const int64_t width = (static_cast<int64_t>(longest) + multiple - 1) / multiple * multiple;
  Tensor out = at::full({static_cast<int64_t>(rows.size()), width}, fill, at::kLong);
  int64_t* at = out.mutable_data_ptr<int64_t>();
  for (const auto& row : rows) {
    std::copy(row.begin(), row.end(), at + (options.left ? width - static_cast<int64_t>(row.size()) : 0));
    at += width;
  }
  return out;
}

std::vector<int32_t> copy(std::span<const int32_t> values) { return {values.begin(), values.end()}; }

Rows ones_like(const Rows& rows) {
  Rows out;
  for (const auto& row : rows) out.emplace_back(row.size(), 1);
  return out;
}

void put_sequences(PaddedBatch& out, const std::string& prefix, const Rows& ids, const Rows& labels,
                   const PadOptions& options) {
  out[prefix + "input_ids"] = rectangle(ids, options.pad_id, options);
  out[prefix + "attention_mask"] = rectangle(ones_like(ids), 0, options);
  out[prefix + "labels"] = rectangle(labels, options.label_pad, options);
}

/// Cuts the padding off the only row.
void unpad(PaddedBatch& out) {
  const Tensor real = at::nonzero(out["attention_mask"][0]).flatten();
  for (const char* name : {"input_ids", "labels", "position_ids"}) out[name] = out[name].index_select(1, real);
  out.erase("attention_mask");
}

void put_packed(PaddedBatch& out, const Dataset& dataset, std::span<const int64_t> rows, const PadOptions& options) {
  Rows positions, segments;
  for (const int64_t row : rows) {
    const EncodedExample example = dataset.row(row);
    positions.push_back(positions_of(example));
    segments.push_back(segments_of(example));
  }
  out["position_ids"] = rectangle(positions, 0, options);
  out["attention_mask"] = rectangle(segments, 0, options);
  if (options.packed_mask == PackedMask::kAdditive) {
    out["attention_mask"] = block_causal_mask(out["attention_mask"], options.mask_dtype);
  } else if (options.packed_mask == PackedMask::kNone) {
    LF_CHECK(
        kData, rows.size() == 1 && dataset.separate(),
        "bsz should be 1 for neat packing (a batch without a mask holds one neatly packed row; {} rows were given)",
        rows.size());
    unpad(out);
  }
}

}  // namespace

PaddedBatch padded(const Dataset& dataset, std::span<const int64_t> rows, const PadOptions& options) {
  Rows ids, labels, second_ids, second_labels;
  for (const int64_t row : rows) {
    LF_ASSERT(row >= 0 && row < dataset.size());
    ids.push_back(copy(dataset.ids(row)));
    labels.push_back(copy(dataset.labels(row)));
    second_ids.push_back(copy(dataset.second_ids(row)));
    second_labels.push_back(copy(dataset.second_labels(row)));
  }
  if (dataset.kind() == ExampleKind::kPairwise) {
    ids.insert(ids.end(), second_ids.begin(), second_ids.end());
    labels.insert(labels.end(), second_labels.begin(), second_labels.end());
  }
  PaddedBatch out;
  put_sequences(out, "", ids, labels, options);
  if (dataset.kind() == ExampleKind::kFeedback) {
    put_sequences(out, "kl_", second_ids, second_labels, options);
    out["kto_tags"] = at::zeros({static_cast<int64_t>(rows.size())}, at::kBool);
    for (size_t i = 0; i < rows.size(); ++i) out["kto_tags"][static_cast<int64_t>(i)] = dataset.desirable(rows[i]);
  }
  const bool packed = !rows.empty() && !dataset.starts(rows.front()).empty();
  if (packed) put_packed(out, dataset, rows, options);
  return out;
}

Tensor block_causal_mask(const Tensor& segments, c10::ScalarType dtype) {
  const int64_t length = segments.size(1);
  const Tensor query = segments.unsqueeze(1).unsqueeze(3), key = segments.unsqueeze(1).unsqueeze(2);
  const Tensor causal = at::ones({length, length}, at::kBool).tril();
  const Tensor visible = query.eq(key).logical_and(query.ne(0)).logical_and(causal);
  const double lowest = dtype == at::kHalf       ? static_cast<double>(std::numeric_limits<at::Half>::lowest())
                        : dtype == at::kBFloat16 ? static_cast<double>(std::numeric_limits<at::BFloat16>::lowest())
                        : dtype == at::kDouble   ? std::numeric_limits<double>::lowest()
                                                 : static_cast<double>(std::numeric_limits<float>::lowest());
  return at::full(visible.sizes(), lowest, dtype).masked_fill(visible, 0);
}

}  // namespace lf
