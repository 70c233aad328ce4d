// Mixtures of experts and latent attention as config.json tells them: the parts that families share.
#pragma once
#include <functional>
#include <memory>

#include "layers/mixers/latent_attention.h"
#include "layers/moe/moe.h"
#include "model/arch.h"

namespace lf {

/// Number, width and activation of the experts, and how many each token goes to, under any of the usual keys; the
/// family's own numbers where config.json leaves them out (0 = it must not). Checkpoints hold a matrix for each expert:
/// experts.0.gate_proj.weight, ...
MoeSpec read_experts(const Json& config, int64_t width, int64_t default_count = 0, int64_t default_chosen = 0);
/// Mixtral's names: block_sparse_moe.experts.0.w1.weight, ... in checkpoints, mlp.experts.gate_up_proj in memory.
void use_mixtral_names(MoeSpec& moe);
/// DeepSeek-V3's router (sigmoid, correction bias, groups) and shared experts; GLM-4.5 and dots have them, too.
MoeSpec read_deepseek_v3_experts(const Json& config, int64_t default_count = 0, int64_t default_chosen = 0);
/// Gives the mixture to the layers for which `is_sparse` holds.
void set_experts(ModelSpec& spec, MoeSpec moe, const std::function<bool(int64_t layer)>& is_sparse);
/// Qwen's rule: every decoder_sparse_step-th layer that mlp_only_layers does not name.
std::function<bool(int64_t)> qwen_sparse_layers(const Json& config);
/// `output_router_logits` and `router_aux_loss_coef`: whether the load-balancing loss is part of the loss.
void read_router_loss(const Json& config, ModelSpec& spec, int64_t chosen, double default_coefficient = 0.001);

/// Latent attention in all layers, with a rotary table of its own width. DeepSeek's keys.
void read_latent_attention(const Json& config, ModelSpec& spec);

}  // namespace lf
