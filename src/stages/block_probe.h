// What the blocks and the loss of a model need in training, measured: each kind of block runs forward and backward
// once, with real widths and weights that take no memory, in the way that training would run it.
#pragma once
#include <vector>

#include "adapters/tuning.h"
#include "model/decoder.h"
#include "train/estimate/training_memory.h"

namespace lf {

struct BlockProbe {
  /// Without weights (meta), in the types that it will be loaded in, after start_tuning().
  Decoder& model;
  Tuning& tuning;
  double lora_dropout = 0;
  std::optional<c10::ScalarType> compute_dtype;     // of products
  c10::ScalarType stream = c10::ScalarType::Float;  // of the hidden states that the loss reads
  double shift_ratio = 0;                           // LayerContext::shift_ratio
  int64_t rows = 1, length = 0;                     // of a micro-batch
};

/// One entry a block, in order. Long micro-batches of large models are measured at shorter lengths, and what grows with
/// the length and with its square is continued. Runs on the CPU; tensors there have to come from the pool
/// (tensor/cpu_memory.h).
std::vector<BlockMemory> probe_blocks(const BlockProbe& probe);

/// Bytes that the loss needs at most, gradients of the head's weight apart: measured on few tokens with a small
/// vocabulary, and continued.
double probe_loss(const BlockProbe& probe);

}  // namespace lf
