// Which experts a token goes to, and with what weights: plain data.
#pragma once
#include <cstdint>
#include <string>

namespace lf {

enum class RouterRule {
  kSoftmax,        // probabilities over all experts, of which the largest are taken
  kChosenSoftmax,  // the largest logits, and a softmax over these (gpt-oss, Granite)
  kSigmoid,        // each expert's score by itself (DeepSeek-V3, Llama 4)
  kSparseMixer,    // Liu et al. 2023, arXiv 2310.00811: two experts, one after the other (Phi-3.5-MoE)
};

/// How groups of experts are compared where only some may be chosen from.
enum class GroupScore { kLargest, kTwoLargest };

/// Where the router's weight is, and whether transformers has it as an nn.Linear, to which `lora_target: all` applies.
enum class RouterForm {
  kWeight,  // NAME.weight, a parameter of the router itself
  kLinear,  // NAME is a linear layer of which only the weight is used: adapters on it have no effect (DeepSeek-V2)
  kCalledLinear,  // NAME is a linear layer (Jamba)
  kInnerLinear,   // NAME.INNER is a linear layer
};

struct RouterSpec {
  RouterRule rule = RouterRule::kSoftmax;
  int64_t chosen = 0;  // experts of each token
  RouterForm form = RouterForm::kWeight;
  std::string name = "gate";
  std::string inner;                        // kInnerLinear: "layer", "wg"
  bool bias = false;                        // of the product
  bool in_fp32 = false;                     // the product is computed in fp32 whatever the compute dtype
  bool round_weights = false;               // weights are rounded to the logits' dtype
  std::string correction_bias;              // name of what is added to scores in choosing only; "" = there is none
  bool correction_bias_is_row = false;      // it is stored as 1 X, not X
  bool correction_bias_in_mixture = false;  // it belongs to the mixture, not to the router
  // Where checkpoints hold these, relative to their owner ('^' goes up one level); "" = where they are.
  std::string stored_weight, stored_correction_bias;
  int64_t groups = 1, kept_groups = 1;  // experts come from the best `kept_groups` of `groups`
  GroupScore group_score = GroupScore::kLargest;
  bool renormalise = false;  // weights of a token add up to one (or have norm_power-norm one)
  double norm_power = 1;
  double norm_floor = 0;          // the divisor is at least this
  double norm_epsilon = 0;        // added to the divisor
  double scale = 1;               // of the weights, at the end
  double balance = 0;             // in training: weight of the loss in sequence_balance.h; 0 = none (DeepSeekMoE)
  bool balance_over_all = false;  // all tokens of a pass count as one sequence there
  double mixer_epsilon = 0.01;    // kSparseMixer: experts further than this below the best are out
};

}  // namespace lf
