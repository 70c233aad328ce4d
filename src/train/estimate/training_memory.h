// Memory of a training run before it starts, by category and at its highest moment. CPU: what the process holds in
// main memory (weights of a checkpoint are mapped from their file and count once they are read).
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lf {

/// Bytes that one block of a decoder needs for a micro-batch.
struct BlockMemory {
  double kept = 0;           // what stays after its forward pass, without gradient checkpointing; its output with it
  double forward_peak = 0;   // at most during its forward pass, beyond what was there before
  double backward_peak = 0;  // the same of its backward pass: gradients of its weights are part of it, `kept` is not
  bool trained = false;      // a weight or adapter of the block gets a gradient
};

struct TrainingMemoryInput {
  std::vector<BlockMemory> blocks;
  double loss = 0;  // bytes that the loss needs at most, without the gradient of the head's weight
  int64_t hidden_size = 0, vocab_size = 0;
  int64_t tokens = 0;        // of a micro-batch, without padding
  bool accumulates = false;  // more than one micro-batch an update
  bool recompute = false;    // gradient checkpointing
  int stream_bytes = 4;      // of one number in the stream of hidden states
  bool embedding_trained = false, head_trained = false, tied = false;

  uint64_t process = 0;             // what the program takes by itself
  uint64_t stored = 0;              // weights as the checkpoint has them
  uint64_t replaced = 0;            // of these, what gives way to trainable copies
  uint64_t trainable = 0;           // trainable tensors: copies of weights, adapters
  uint64_t gradients = 0;           // of all of them
  uint64_t largest_trainable = 0;   // bytes of the largest one
  double optimizer_ratio = 2;       // bytes of optimizer state for each byte of trainable tensors
  bool optimizer_temporary = true;  // the update needs a temporary as large as the largest tensor
};

struct TrainingMemory {
  uint64_t process = 0, weights = 0, trainable = 0, gradients = 0, optimizer = 0;
  uint64_t activations_kept = 0;       // of a whole forward pass without gradient checkpointing
  uint64_t activations_recompute = 0;  // with it: inputs of the blocks, and one block at work
  uint64_t logits = 0;                 // a chunk of logits, gradients of hidden states and head from the loss
  uint64_t allocator = 0;              // freed, but kept for use again at the highest moment
  std::vector<std::pair<std::string, uint64_t>> moments;  // "loading", "forward pass", "loss", ...
  /// The largest of the moments, each without `allocator`, and with it.
  std::pair<std::string, uint64_t> peak() const;
};

TrainingMemory training_memory(const TrainingMemoryInput& input);

/// Share of the blocks that the backward pass goes through: it ends at the first trained weight.
double backward_share(const TrainingMemoryInput& input);

}  // namespace lf
