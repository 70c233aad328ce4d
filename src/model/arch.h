// One file in archs/ = one Hugging Face model_type.
#pragma once
#include <span>
#include <string_view>

#include "base/json.h"
#include "model/config_reader.h"
#include "model/spec.h"

namespace lf {

struct ArchEntry {
  std::string_view name;  // `model_type` of config.json
  /// Reads config.json (legacy and current forms); kFormat where it contradicts itself.
  ModelSpec (*describe)(const Json& config);
};
std::span<const ArchEntry* const> all_archs();

/// The spec of a config.json; kUnsupported with the nearest names when its model_type is unknown.
ModelSpec describe_model(const Json& config);

/// The Llama block in full (grouped heads, rotary positions, gated MLP): most families start from it and change a field
/// or two.
ModelSpec llama_spec(const Json& config);
/// `layer_types` / `sliding_window` / `max_window_layers` as Qwen writes them.
void read_qwen_windows(const Json& config, ModelSpec& spec);
/// embedding_multiplier, attention_multiplier, residual_multiplier and logits_scaling of the Granite families.
void set_granite_multipliers(const Json& config, ModelSpec& spec);
/// scale_emb, scale_depth and dim_model_base of the MiniCPM families.
void set_minicpm_multipliers(const Json& config, ModelSpec& spec);
/// Layer norms with weight and bias, as families before RMS norm have them.
NormSpec layer_norm_spec(double eps);
/// The layers of a GPT-2-like block: fused names, plain MLP.
MlpSpec plain_mlp(int64_t intermediate_size, Activation activation, bool bias, std::string up, std::string down);
/// Tensors of num_nextn_predict_layers more layers after the last are there in checkpoints, but not read: as
/// transformers does with layers that predict several tokens.
void ignore_prediction_layers(const Json& config, ModelSpec& spec);
/// `layer_types` of config.json, or none of them: gives the layers named "sliding_attention" the window.
void set_sliding_layers(const Json& config, ModelSpec& spec, int64_t window);

}  // namespace lf
