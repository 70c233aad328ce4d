// One file in archs/ = one Hugging Face model_type.
#pragma once
#include <span>
#include <string_view>

#include "base/json.h"
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
/// rope_parameters (current) or rope_scaling and rope_theta (legacy).
RopeSpec read_rope(const Json& config, int64_t max_positions, double default_theta = 10000.0);

/// Typed look-ups that name the key when it is absent or of another type (kFormat). null counts as absent.
int64_t required_int(const Json& config, std::string_view key);
int64_t int_or(const Json& config, std::string_view key, int64_t fallback);
double number_or(const Json& config, std::string_view key, double fallback);
bool bool_or(const Json& config, std::string_view key, bool fallback);
std::string string_or(const Json& config, std::string_view key, std::string_view fallback);

}  // namespace lf
