// The arithmetic of memory estimates: what each option adds, by hand-counted numbers.
#include "train/estimate/training_memory.h"

#include <gmock/gmock.h>

namespace lf {
namespace {

/// Two equal blocks, of which each keeps 900 bytes and takes 1,000 forward and 1,200 backward.
std::vector<BlockMemory> two_blocks(bool first_trained = true) {
  return {{.kept = 900, .forward_peak = 1000, .backward_peak = 1200, .trained = first_trained},
          {.kept = 900, .forward_peak = 1000, .backward_peak = 1200, .trained = true}};
}

TrainingMemoryInput input_of(const std::vector<BlockMemory>& blocks = two_blocks()) {
  return {.blocks = blocks,
          .loss = 4000,
          .hidden_size = 8,
          .vocab_size = 100,
          .tokens = 10,
          .embedding_trained = true,
          .head_trained = true,
          .process = 1000,
          .stored = 500,
          .replaced = 500,
          .trainable = 800,
          .gradients = 800,
          .largest_trainable = 300};
}

uint64_t moment(const TrainingMemory& memory, const std::string& name) {
  for (const auto& [known, bytes] : memory.moments) {
    if (known == name) return bytes;
  }
  ADD_FAILURE() << "no moment " << name;
  return 0;
}

TEST(TrainingMemory, adds_up_weights_gradients_and_optimizer_state) {
  const TrainingMemory memory = training_memory(input_of());
  EXPECT_EQ(memory.weights, 0u);  // all of them gave way to trainable copies
  EXPECT_EQ(memory.optimizer, 1600u);
  EXPECT_EQ(moment(memory, "loading"), 1000u + 500 + 800);
  EXPECT_EQ(moment(memory, "update"), 1000u + 800 + 800 + 1600 + 300);
  uint64_t most = 0;
  for (const auto& [name, bytes] : memory.moments) most = std::max(most, bytes);
  EXPECT_EQ(memory.peak().second, most + memory.allocator);
}

TEST(TrainingMemory, gradient_checkpointing_keeps_only_the_inputs_of_blocks) {
  TrainingMemoryInput input = input_of();
  const TrainingMemory kept = training_memory(input);
  input.recompute = true;
  const TrainingMemory recomputed = training_memory(input);
  const uint64_t row = 10 * 8 * 4;
  EXPECT_EQ(moment(kept, "loss") - moment(recomputed, "loss"), 2 * (900 - row));
  EXPECT_EQ(kept.activations_kept, 2 * 900 + 2 * row);
  EXPECT_EQ(kept.activations_recompute, recomputed.activations_recompute);
}

TEST(TrainingMemory, backward_passes_need_most_where_little_was_given_back_and_gradients_are_there) {
  TrainingMemoryInput input = input_of();
  input.head_trained = input.embedding_trained = false;
  const uint64_t lasting = 1000 + 800 + 1600, row = 10 * 8 * 4;
  // The last block: what both keep, and its own work; the first: half of the gradients, what it keeps, its work.
  EXPECT_EQ(moment(training_memory(input), "backward pass"), lasting + row + 2 * 900 + 1200);
  input.gradients = 4000;
  EXPECT_EQ(moment(training_memory(input), "backward pass"), lasting + row + 2000 + 900 + 1200);
  input.recompute = true;
  EXPECT_EQ(moment(training_memory(input), "backward pass"), lasting + row + 2000 + 900 + 1200);
}

TEST(TrainingMemory, blocks_below_the_first_trained_one_record_nothing) {
  TrainingMemoryInput input = input_of(two_blocks(false));
  input.embedding_trained = input.head_trained = false;
  const TrainingMemory upper = training_memory(input);
  EXPECT_EQ(backward_share(input), 0.5);
  input.blocks = two_blocks(true);
  EXPECT_EQ(moment(training_memory(input), "loss"), moment(upper, "loss") + 900);
  EXPECT_EQ(backward_share(input), 1);
}

TEST(TrainingMemory, accumulated_gradients_live_through_the_forward_pass) {
  TrainingMemoryInput input = input_of();
  const uint64_t once = moment(training_memory(input), "loss");
  input.accumulates = true;
  EXPECT_EQ(moment(training_memory(input), "loss"), once + 800);
}

}  // namespace
}  // namespace lf
