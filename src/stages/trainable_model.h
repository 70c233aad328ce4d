// The model of a training run: base weights as stored, trained weights (adapter or all) in fp32, and how the result is
// written.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/tuning.h"
#include "config/run_config.h"
#include "model/loader.h"
#include "stages/causal_lm.h"
#include "stages/run_vocabulary.h"

namespace lf {

class TrainableModel final : public TrainedWeights {
 public:
  /// Loads config.model, grows its vocabulary as `run` asks, and applies the finetuning type with its adapters. Random
  /// numbers come from the default generator.
  TrainableModel(const RunConfig& config, const RunTokenizer& run);

  Decoder& decoder() { return *loaded_.model; }
  /// (name, leaf tensor) of everything that is trained, in the order of the module tree.
  std::vector<NamedTensor> trainable() { return tuning_->trainable(); }

  std::vector<NamedTensor> tensors() override { return tuning_->trainable(); }
  void write(OutputFolder& folder) override;
  void load(const std::filesystem::path& folder) override { tuning_->load(folder); }

 private:
  std::filesystem::path source_;
  std::string base_model_;  // as it was named
  LoadedModel loaded_;
  bool converted_ = false;  // routers were put before its blocks
  VocabularySizes vocabulary_;
  std::unique_ptr<Tuning> tuning_;
};

/// What mixture_of_depths asks for.
DepthMode depth_mode(const ModelOptions& options);

/// LoadOptions for this run: device, dtype, RoPE scaling, random weights, whether pickles are read. `train_length` is
/// cutoff_len, nullopt for inference, where infer_dtype counts.
LoadOptions load_options(const RunConfig& config, std::optional<int64_t> train_length);

}  // namespace lf
