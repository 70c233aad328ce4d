// The batches that the reference's collator handed to each training step (golden/data/training/batches.*.safetensors),
// as lf::Batch.
#pragma once
#include <filesystem>
#include <vector>

#include "data/batch.h"
#include "data/loader.h"
#include "io/safetensors.h"

namespace lf::testing {

/// One row of a golden batch, padding outside the attention mask removed.
inline EncodedExample golden_row(const at::Tensor& ids, const at::Tensor& labels, const at::Tensor& positions,
                                 const at::Tensor& mask) {
  const auto at_i32 = [](const at::Tensor& t, int64_t i) { return t[i].item<int32_t>(); };
  EncodedExample row;
  row.separate = mask.dim() == 3;  // 1 T T: block-diagonal
  for (int64_t i = 0; i < ids.size(0); ++i) {
    const bool visible = row.separate ? mask[0][i][i].item<int>() != 0 : mask[i].item<int>() != 0;
    if (!visible) {
      ++row.padding;
    } else if (positions.defined() && at_i32(positions, i) == 0) {
      row.starts.push_back(static_cast<int32_t>(i));
    }
    row.ids.push_back(at_i32(ids, i));
    row.labels.push_back(at_i32(labels, i));
  }
  return row;
}

/// Micro-step by micro-step. Plainly packed rows keep their padding, which is visible to nobody before it.
inline std::vector<Batch> golden_batches(const std::filesystem::path& file) {
  const SafetensorsFile tensors(file);
  std::vector<Batch> batches;
  for (int step = 0;; ++step) {
    const std::string name = fmt::format("step{:02}.", step);
    if (!tensors.contains(name + "input_ids")) return batches;
    const at::Tensor ids = tensors.tensor(name + "input_ids");
    const at::Tensor labels = tensors.tensor(name + "labels");
    const at::Tensor mask = tensors.tensor(name + "attention_mask");
    const bool packed = tensors.contains(name + "position_ids");
    const at::Tensor positions = packed ? tensors.tensor(name + "position_ids") : at::Tensor();
    Dataset rows;
    std::vector<int64_t> order;
    for (int64_t i = 0; i < ids.size(0); ++i) {
      rows.append(golden_row(ids[i], labels[i], packed ? positions[i] : at::Tensor(), mask[i]));
      order.push_back(i);
    }
    batches.push_back(collate(rows, order));
  }
}

}  // namespace lf::testing
