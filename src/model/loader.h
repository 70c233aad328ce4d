// From a model folder (config.json and safetensors) to a decoder with weights.
#pragma once
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/decoder.h"
#include "model/spec.h"

namespace lf {

/// Whether blocks of a model are routed (model/mixture_of_depths.h).
enum class DepthMode {
  kNone,     // as config.json says; one with routers is refused
  kConvert,  // routers are put before the blocks of an ordinary model
  kLoad,     // the model was saved with routers
};

struct LoadOptions {
  DepthMode depth = DepthMode::kNone;
  /// nullopt: each tensor as stored (on the CPU: a view of the file, no copy). Otherwise converted to this dtype, in
  /// pieces, so that hardly more memory is used than the weights need. Random weights: nullopt is the dtype that
  /// config.json names, else float32.
  std::optional<c10::ScalarType> dtype;
  c10::Device device = c10::Device(c10::DeviceType::CPU);
  /// pytorch_model.bin where there is no safetensors file (io/torch_bin.h).
  bool allow_legacy_bin = false;
  /// Random weights instead of the files: normal(0, initializer_range), biases 0, norms 1, from `seed`.
  bool train_from_scratch = false;
  uint64_t seed = 42;
  /// Keys that replace those of config.json before it is read, e.g. from scaled_rope_overrides().
  Json config_overrides = Json::object();
};

struct LoadedModel {
  std::unique_ptr<Decoder> model;
  ModelSpec spec;
  Json config;  // with the overrides
};

/// kIo: no folder, no config.json, no weights; kFormat: tensors missing, unexpected or of another shape (all listed in
/// one error); kUnsupported: unknown model_type (with near names); kConfig: a depth mode that does not fit. Weights do
/// not require gradients.
LoadedModel load_model(const std::filesystem::path& folder, const LoadOptions& options = {});

/// All that can be wrong with a model folder and shows without reading weights: the errors of load_model(), in
/// milliseconds.
void check_model_folder(const std::filesystem::path& folder, const LoadOptions& options = {});

/// Builds from a config alone (train_from_scratch without a folder).
LoadedModel build_random_model(const Json& config, const LoadOptions& options);

/// Gives the parameter storage of its own in `dtype` (nullopt: as it is) and makes it require gradients.
void make_trainable(const NamedParameter& parameter, std::optional<c10::ScalarType> dtype = c10::ScalarType::Float);

/// LLaMA-Factory's `rope_scaling: linear|dynamic|yarn|llama3`: what to put into LoadOptions::config_overrides.
/// `train_length` is cutoff_len in training, nullopt for inference (factor 2). Empty object when the length fits
/// already (a warning is logged).
Json scaled_rope_overrides(const Json& config, const std::string& kind, std::optional<int64_t> train_length);

/// LLaMA-Factory's `moe_aux_loss_coef`: what makes `coefficient` times the load-balancing loss part of the loss; an
/// empty object for families to which upstream does not apply it.
Json router_loss_overrides(const Json& config, double coefficient);

/// The dtype that config.json names (dtype, torch_dtype), if any.
std::optional<c10::ScalarType> config_dtype(const Json& config);

}  // namespace lf
