// What of a model is trained, and how that part is stored: the face of all methods.
#pragma once
#include <ATen/core/Generator.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/finetuning_options.h"
#include "config/model_options.h"
#include "io/output_folder.h"
#include "tensor/module.h"

namespace lf {

struct TuningRequest {
  Module& model;  // with weights, none of which requires gradients; outlives the Tuning
  const ModelOptions& model_options;
  const FinetuningOptions& options;
  std::optional<at::Generator> generator;  // of initial values; the default generator when absent
  /// Parameters of the model that an adapter's file holds also where they are not trained (an embedding that grew).
  std::vector<std::string> saved_too = {};
};

class Tuning {
 public:
  virtual ~Tuning() = default;

  /// (name in the saved file, leaf tensor) of everything that is trained, in the order of the module tree.
  virtual std::vector<NamedTensor> trainable() = 0;
  /// True: write() leaves an adapter. False: the whole model is what has to be saved.
  virtual bool is_adapter() const = 0;
  /// The adapter's files (adapter_config.json, adapter_model.safetensors).
  virtual void write(OutputFolder& folder) {}
  /// Takes back the values of trainable() from a folder that was saved; kFormat when it does not fit.
  virtual void load(const std::filesystem::path& folder) = 0;
  /// False: the model answers as if it had no adapter (reference log-probabilities).
  virtual void set_enabled(bool enabled) {}
  /// Parameters that exist beside those of the module tree.
  virtual int64_t extra_parameters() const { return 0; }
};

/// Applies options.finetuning_type: freezes or releases weights, attaches adapters, continues or merges those given in
/// model_options.adapter_name_or_path. Trainable tensors are fp32, unless options.pure_bf16 leaves copies of model
/// weights in their own type (factors of adapters stay fp32).
std::unique_ptr<Tuning> start_tuning(const TuningRequest& request);

/// For inference and export: merges all adapters of model_options.adapter_name_or_path into the weights, in order.
void merge_adapters(Module& model, const ModelOptions& model_options);

/// "trainable params: 1,234 || all params: 5,678 || trainable%: 21.7330"
std::string parameter_report(Module& model, Tuning& tuning);

}  // namespace lf
