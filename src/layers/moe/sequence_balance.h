// The balance loss within sequences (DeepSeekMoE, arXiv 2401.06066, expert-level, as the code published with the model
// computes it): alpha / B sum_s sum_x c_sx p_sx, where c_sx = X / (K T_s) times how often the T_s tokens of sequence s
// go to expert x, p_sx their mean probability of it, and B the number of sequences. It is no part of the loss that is
// told: its gradient, with factor 1 however the loss is scaled, enters the router's logits in each backward pass.
#pragma once
#include <vector>

#include "tensor/tensor.h"

namespace lf {

/// logits: N X; bounds: where sequences begin and end (0, ..., N); chosen: K. -> the same logits, to be used from here
/// on.
Tensor balanced_within_sequences(const Tensor& logits, std::vector<int64_t> bounds, int64_t chosen, double alpha);

}  // namespace lf
