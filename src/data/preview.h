// Rows shown to people.
#pragma once
#include <string>

#include "data/dataset.h"
#include "tokenizer/tokenizer.h"

namespace lf {

/// What upstream prints before training: `title` ("training example:"), input_ids, inputs, and for sft label_ids,
/// labels. The row is the first one. `with_labels` is false in stage pt.
std::string example_text(const Dataset& dataset, const Tokenizer& tokenizer, std::string_view title, bool with_labels);

/// One row as runs of text: "[loss 12 tokens] ..." and "[no loss 40 tokens] ...", with counts.
std::string preview_row(const Dataset& dataset, int64_t row, const Tokenizer& tokenizer);

}  // namespace lf
