// Datasets encoded as a whole: read, convert, merge, split, encode.
#pragma once
#include "data/prepare.h"

namespace lf {

PreparedData prepare_rows(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template);

}  // namespace lf
