// Rows shown to people.
#pragma once
#include <string>

#include "data/dataset.h"
#include "tokenizer/tokenizer.h"

namespace lf {

/// What upstream prints before training: `title` ("training example:"), input_ids, inputs, and for all stages but pt
/// (`with_labels` false) label_ids, labels; pairwise data: the same with chosen_ and with rejected_ in front. The row
/// is the first one.
std::string example_text(const Dataset& dataset, const Tokenizer& tokenizer, std::string_view title, bool with_labels);

/// One row as runs of text: "[loss 12 tokens] ..." and "[no loss 40 tokens] ...", with counts.
std::string preview_row(const Dataset& dataset, int64_t row, const Tokenizer& tokenizer);

}  // namespace lf
