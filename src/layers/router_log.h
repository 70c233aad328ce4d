// The load-balancing loss of a mixture of experts (Fedus et al. 2021, arXiv 2101.03961, as transformers computes it
// over all layers at once): X sum_x f_x p_x, where f_x counts how often expert x is among a token's K most probable
// ones and p_x is its mean probability, both over all tokens of all layers.
//
// f and p are known only after the last layer, so routers record in the forward pass, and the gradient enters their
// logits in the backward pass. A layer that is computed again there (gradient checkpointing) records the same numbers
// again, which changes nothing.
#pragma once
#include <map>
#include <memory>
#include <utility>

#include "tensor/tensor.h"

namespace lf {

/// Of one forward pass; lives until its backward pass has ended.
class RouterLog : public std::enable_shared_from_this<RouterLog> {
 public:
  /// `chosen`: experts of each token that count, K.
  explicit RouterLog(int64_t chosen) : chosen_(chosen) {}

  /// logits: N X of one layer's router -> the same logits, to be used from here on.
  Tensor record(const Tensor& logits, int64_t layer);
  /// Ends the forward pass. hidden: the last layer's output -> itself, to be used from here on, and the loss (scalar
  /// fp32; 0 where no layer recorded).
  std::pair<Tensor, Tensor> close(const Tensor& hidden);

 private:
  struct Entry {
    Tensor counts, probabilities;  // X fp32, summed over tokens
    int64_t tokens = 0;
  };
  Tensor total(Tensor Entry::*field) const;
  Tensor balance();
  Tensor logit_gradient(const Tensor& logits) const;

  int64_t chosen_;
  std::map<int64_t, Entry> layers_;
  Tensor frequencies_;  // X fp32: f
  int64_t tokens_ = 0;  // of all layers
  Tensor scale_;        // d(total)/d(loss)
};

}  // namespace lf
