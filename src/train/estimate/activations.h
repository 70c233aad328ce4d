// What a block keeps for its backward pass, per token: counted from the names and shapes of its weights, so that it
// holds for every architecture. A linear layer keeps its input where a gradient of its weight (or of an adapter on it)
// is wanted; what attention, gates and norms keep are outputs of linear layers and the stream of hidden states.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/spec.h"

namespace lf {

/// Numbers per token.
struct BlockActivations {
  double compute = 0;    // kept, in the dtype of products
  double stream = 0;     // kept, in the dtype of the hidden states
  double wide = 0;       // kept, in fp32
  double transient = 0;  // in the dtype of products, alive at once while the block's backward pass runs
  bool trained = false;  // a weight or adapter of the block gets a gradient
};

struct ActivationInput {
  const ModelSpec& spec;
  const Json& config;                      // config.json: experts, and how many a token takes
  const std::set<std::string>& kept_rows;  // modules ("model.layers.0.self_attn.q_proj") whose input is kept
  bool narrow_products = false;            // products are narrower than weights and hidden states: norms of heads run
                                           // operation by operation
  bool narrow_stream = false;  // hidden states are narrower than fp32: norms with an offset keep wide copies
  bool wide_weights = false;  // what is trained is fp32: on narrower hidden states its norms run operation by operation
};

/// One entry a block, in order.
std::vector<BlockActivations> block_activations(const ActivationInput& input);

}  // namespace lf
