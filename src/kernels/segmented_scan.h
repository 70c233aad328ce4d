// What all recurrences over a token stream share: each sequence is cut into segments of tokens, a step computes one
// segment from the state before it (in parallel inside), and the backward pass computes each segment again from the
// stored state before it. So what is kept for the backward pass is the inputs and one state for each segment, never one
// for each token.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace lf {

/// States of a recurrence, one for each sequence of the stream. Undefined going in = zeros; each is replaced by the
/// state after the sequence's last token. No gradient flows into or out of them.
using SequenceStates = std::vector<Tensor>;

struct ScanSegment {
  Tensor output;  // T ...
  Tensor state;   // after the last of the T tokens
};
/// From ordinary differentiable operations. state: before the first token; tokens: T ... each; shared: whole.
using ScanStep = std::function<ScanSegment(const Tensor& state, at::TensorList tokens, at::TensorList shared)>;

struct ScanOptions {
  std::vector<int64_t> state_shape;
  int64_t segment = 256;  // tokens
};

/// tokens: N ... each (at least one); shared: parameters that every segment reads; bounds: S+1 offsets. Returns the
/// outputs of all segments (N ...). Gradients flow to tokens and shared. `states`: null, or S states.
Tensor segmented_scan(ScanStep step, const std::vector<Tensor>& tokens, const std::vector<Tensor>& shared,
                      std::span<const int64_t> bounds, const ScanOptions& options, SequenceStates* states = nullptr);

/// The dtype in which recurrences compute: fp32, or double for double inputs.
c10::ScalarType scan_dtype(const Tensor& input);

}  // namespace lf
