// The arithmetic of memory estimates: what each option adds, by hand-counted numbers.
#include "train/estimate/training_memory.h"

#include <gmock/gmock.h>

#include "model/arch.h"

namespace lf {
namespace {

Json llama_config() {
  return {{"model_type", "llama"},  {"hidden_size", 8},         {"intermediate_size", 20},
          {"num_hidden_layers", 2}, {"num_attention_heads", 2}, {"num_key_value_heads", 1},
          {"vocab_size", 100},      {"rms_norm_eps", 1e-5},     {"max_position_embeddings", 64}};
}

std::set<std::string> all_linears() {
  std::set<std::string> names;
  for (const char* block : {"0", "1"}) {
    for (const char* module : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
                               "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}) {
      names.insert(std::string("model.layers.") + block + "." + module);
    }
  }
  return names;
}

std::vector<BlockActivations> blocks_of(const Json& config, const std::set<std::string>& kept) {
  const ModelSpec spec = describe_model(config);
  return block_activations({.spec = spec, .config = config, .kept_rows = kept});
}

TEST(BlockActivations, of_a_llama_block_are_what_its_nodes_keep) {
  const auto blocks = blocks_of(llama_config(), all_linears());
  ASSERT_EQ(blocks.size(), 2u);
  // Attention: input 8, q 8, k 4, v 4, result 8. MLP: input 8, gate 20, up 20, product 20.
  EXPECT_EQ(blocks[0].compute, 8 + 8 + 4 + 4 + 8 + 8 + 20 + 20 + 20);
  EXPECT_EQ(blocks[0].stream, 16);  // inputs of the two norms
  EXPECT_EQ(blocks[0].wide, 2);     // one number a head
  EXPECT_TRUE(blocks[0].trained);
}

TEST(BlockActivations, leave_out_inputs_that_no_gradient_needs) {
  const auto blocks = blocks_of(llama_config(), {"model.layers.1.self_attn.q_proj"});
  EXPECT_FALSE(blocks[0].trained);
  EXPECT_TRUE(blocks[1].trained);
  EXPECT_EQ(blocks[1].compute, 8 + 8 + 4 + 4 + 8 + 20 + 20);  // no input of the MLP, no product of gate and up
}

TEST(BlockActivations, of_a_block_with_only_norms_trained_keep_wide_copies_on_narrow_hidden_states) {
  const Json config = llama_config();
  const ModelSpec spec = describe_model(config);
  const std::set<std::string> kept = {"model.layers.1.input_layernorm"};
  const auto narrow = block_activations(
      {.spec = spec, .config = config, .kept_rows = kept, .narrow_stream = true, .wide_weights = true});
  EXPECT_FALSE(narrow[0].trained);
  EXPECT_TRUE(narrow[1].trained);
  EXPECT_EQ(narrow[1].wide - narrow[0].wide, 8);
  EXPECT_EQ(blocks_of(config, kept)[1].wide, narrow[0].wide);
}

TEST(BlockActivations, count_norms_of_heads) {
  Json config = llama_config();
  config["model_type"] = "qwen3";
  config["head_dim"] = 4;
  const auto plain = blocks_of(llama_config(), all_linears()), normed = blocks_of(config, all_linears());
  EXPECT_EQ(normed[0].compute - plain[0].compute, 8 + 4);
}

TrainingMemoryInput input_of(const std::vector<BlockActivations>& blocks) {
  return {.blocks = blocks,
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
  const TrainingMemory memory = training_memory(input_of(blocks_of(llama_config(), all_linears())));
  EXPECT_EQ(memory.weights, 0u);  // all of them gave way to trainable copies
  EXPECT_EQ(memory.optimizer, 1600u);
  EXPECT_EQ(moment(memory, "loading"), 1000u + 500 + 800);
  EXPECT_EQ(moment(memory, "update"), 1000u + 800 + 800 + 1600 + 300);
  uint64_t most = 0;
  for (const auto& [name, bytes] : memory.moments) most = std::max(most, bytes);
  EXPECT_EQ(memory.peak().second, most + memory.allocator);
}

TEST(TrainingMemory, gradient_checkpointing_keeps_only_the_inputs_of_blocks) {
  TrainingMemoryInput input = input_of(blocks_of(llama_config(), all_linears()));
  const TrainingMemory kept = training_memory(input);
  input.recompute = true;
  const TrainingMemory recomputed = training_memory(input);
  const double block = 10 * ((100 + 16) * 4 + 2 * 4), row = 10 * 8 * 4;
  EXPECT_EQ(moment(kept, "loss") - moment(recomputed, "loss"), static_cast<uint64_t>(2 * (block - row)));
  EXPECT_EQ(kept.activations_recompute, recomputed.activations_recompute);
}

TEST(TrainingMemory, blocks_below_the_first_trained_one_record_nothing) {
  TrainingMemoryInput input = input_of(blocks_of(llama_config(), {"model.layers.1.self_attn.q_proj"}));
  input.embedding_trained = input.head_trained = false;
  const TrainingMemory upper = training_memory(input);
  input.blocks = blocks_of(llama_config(), {"model.layers.0.self_attn.q_proj"});
  EXPECT_GT(moment(training_memory(input), "loss"), moment(upper, "loss"));
}

TEST(TrainingMemory, accumulated_gradients_live_through_the_forward_pass) {
  TrainingMemoryInput input = input_of(blocks_of(llama_config(), all_linears()));
  const uint64_t once = moment(training_memory(input), "loss");
  input.accumulates = true;
  EXPECT_EQ(moment(training_memory(input), "loss"), once + 800);
}

TEST(TrainingMemory, logits_exist_in_chunks) {
  TrainingMemoryInput input = input_of(blocks_of(llama_config(), all_linears()));
  input.head_trained = false;
  EXPECT_EQ(training_memory(input).logits, 10u * 100 * 4 + 10 * 8 * 4);
  input.logit_chunk = 64;
  EXPECT_EQ(training_memory(input).logits, 64u + 10 * 8 * 4);
}

}  // namespace
}  // namespace lf
