// Losses are sums and counts, so that the caller normalises over micro-batches and ranks.
#pragma once
#include <map>
#include <string>

#include "tensor/tensor.h"

namespace lf {

struct LossOutput {
  Tensor sum;         // scalar fp32, carries the graph
  int64_t count = 0;  // targets in the sum
  Tensor added;       // scalar fp32 with its graph, or undefined: added to the loss of a micro-batch as it is
  std::map<std::string, double> metrics;
};

}  // namespace lf
