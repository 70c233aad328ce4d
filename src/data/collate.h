// Rows of a dataset -> a batch: one stream of tokens, as training reads it.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "data/batch.h"
#include "data/dataset.h"

namespace lf {

struct CollateOptions {
  int64_t pad_to_multiple = 1;  // padding_multiple(): counts in Batch::padded_tokens only, nothing is padded
};

/// One batch of the given rows (CPU tensors). Rows follow each other in the stream; targets stay within their row.
/// - A plainly packed row is one attention sequence whose positions restart at each example; a neatly packed row is one
///   attention sequence for each example. Packing's padding is left out.
/// - Pairwise data: the chosen sequences of all rows, then the rejected ones.
/// - Feedback data: the completions; the KL pairs are a batch of their own (Batch::kl).
/// - Unsupervised data: the prompts, without targets; reference responses stand beside (Batch::responses).
Batch collate(const Dataset& dataset, std::span<const int64_t> rows, const CollateOptions& options = {});

/// What upstream's collator of a stage pads lengths to a multiple of: 8 for rm, dpo, kto and a training run of sft,
/// else 1.
int64_t padding_multiple(const std::string& stage, bool do_train);

}  // namespace lf
