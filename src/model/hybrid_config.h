// Reading the parts of config.json that hybrids of attention and recurrences share.
#pragma once
#include "layers/mixers/gated_delta.h"
#include "layers/mixers/mamba.h"
#include "layers/mixers/mamba2.h"
#include "model/arch.h"

namespace lf {

/// mamba_n_heads, mamba_d_head, mamba_n_groups, ... of Bamba, Granite 4 and Falcon-H1. `inner`: heads times their
/// width.
Mamba2Spec bamba_mixer(const Json& config, int64_t inner, double norm_eps);
/// linear_num_key_heads, linear_key_head_dim, ... of Qwen3-Next and Qwen3.5.
GatedDeltaSpec qwen_delta_mixer(const Json& config, double norm_eps, GatedDeltaSpec::Layout layout);
/// Qwen3-Next and Qwen3.5 without their feed-forward parts: gated attention in every fourth layer (or as layer_types
/// says), the gated delta rule in the others, norms of 1 + weight.
ModelSpec qwen_hybrid_spec(const Json& config, GatedDeltaSpec::Layout layout);
/// LFM2 and its mixture of experts, with dense feed-forward parts as wide as intermediate_size says.
ModelSpec lfm2_spec(const Json& config);
/// Mamba and Falcon Mamba: blocks of one mixer.
ModelSpec mamba_spec(const Json& config, MambaSpec::InnerNorm inner_norm);
/// vocab_size, hidden_size, ... of models without attention: names of Mamba's checkpoints, no layers yet.
ModelSpec backbone_spec(const Json& config);
/// A pair of numbers under `key`, either of which may be Infinity.
std::pair<double, double> step_limits(const Json& config, std::string_view key);
/// "auto" or a number.
int64_t auto_or_int(const Json& config, std::string_view key, int64_t automatic);

}  // namespace lf
