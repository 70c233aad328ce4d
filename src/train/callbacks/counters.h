// What a run has consumed: input tokens and floating point operations, counted as transformers does.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "data/batch.h"
#include "tensor/module.h"

namespace lf {

enum class TokenCount { kNo, kAll, kNonPadding };

/// include_num_input_tokens_seen: false/"no", true/"all", "non_padding"; kConfig otherwise.
TokenCount parse_token_count(std::string_view text);
/// Input tokens of a micro-batch.
int64_t count_input_tokens(const Batch& batch, TokenCount mode);

/// Elements of all parameters (adapters included) but those of embedding tables; a head tied to its table does not
/// count.
int64_t non_embedding_parameters(Module& model);
/// 6 * padded input tokens * non-embedding parameters: one forward and backward.
double training_flos(const Batch& batch, int64_t non_embedding_parameters);

}  // namespace lf
