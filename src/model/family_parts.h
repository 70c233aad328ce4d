// What a few families have in common beyond the Llama block.
#pragma once
#include <vector>

#include "model/arch.h"

namespace lf {

/// GPT-2's keys (n_embd, n_layer, ...) under the common names; the MLP is four times as wide where n_inner is absent,
/// and the embedding has no padding row.
Json with_gpt2_keys(const Json& config);
/// Which layers have the sliding window: as layer_types says, else all but every `period`-th.
std::vector<bool> sliding_layers(const Json& config, size_t layers, int64_t period);

/// GLM-4: half of each head turns, in interleaved pairs; gate and up are one matrix.
ModelSpec glm_spec(const Json& config);
/// OLMo 2: norms after attention and MLP, one over all queries and all keys.
ModelSpec olmo2_spec(const Json& config);
/// Command R: attention and MLP side by side on a layer norm without bias, interleaved positions, scaled logits.
void set_cohere_block(const Json& config, ModelSpec& spec);

}  // namespace lf
