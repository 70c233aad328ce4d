// What the layers of one forward pass share.
#pragma once
#include <memory>
#include <vector>

#include "layers/kv_cache.h"
#include "layers/rope/rope.h"
#include "layers/router_log.h"
#include "layers/token_stream.h"

namespace lf {

struct LayerContext {
  const TokenStream* stream = nullptr;
  std::vector<RopeTable> ropes;        // one for each of ModelSpec::ropes
  Tensor query_scale;                  // N fp32, or undefined
  KvCache* cache = nullptr;            // decode: what earlier tokens left behind
  std::shared_ptr<RouterLog> routers;  // mixtures of experts: where the load-balancing loss is gathered; may be null
  double shift_ratio = 0;  // in training: group size over length of kernels/shifted_attention.h; 0 = full attention
  double depth_capacity = 0.125;  // mixtures of depths: share of the tokens that compete for a block
};

/// Where a mixer, feed-forward or block stands in its model: all that building it may depend on.
struct LayerPlace {
  int64_t index = 0;  // of the layer
  int64_t hidden_size = 0;
  int64_t rope = 0;    // which rotary table (LayerContext::ropes), -1 = none
  int64_t window = 0;  // a token sees itself and the window-1 before it; 0 = all before it
};

}  // namespace lf
