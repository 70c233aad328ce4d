// The model of a training run: base weights as stored, trainable weights (adapter or all) in fp32, and how the trained
// part is written.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/run_config.h"
#include "model/loader.h"
#include "stages/causal_lm.h"

namespace lf {

class TrainableModel : public TrainedWeights {
 public:
  /// Loads config.model, applies adapters and the finetuning type. Random numbers come from the default generator.
  static std::unique_ptr<TrainableModel> load(const RunConfig& config);

  Decoder& decoder() { return *loaded_.model; }
  const LoadedModel& loaded() const { return loaded_; }
  /// (checkpoint name, leaf tensor) of everything that is trained, in the order of the module tree.
  virtual std::vector<NamedTensor> trainable() = 0;
  std::vector<NamedTensor> tensors() override { return trainable(); }

 protected:
  explicit TrainableModel(LoadedModel loaded) : loaded_(std::move(loaded)) {}
  LoadedModel loaded_;
};

/// LoadOptions for this run: dtype, RoPE scaling, random weights. `train_length` is cutoff_len, nullopt for inference.
LoadOptions load_options(const RunConfig& config, std::optional<int64_t> train_length);

}  // namespace lf
