// The whole configuration of one run, as the parser (config/parse.h) makes it.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/data_options.h"
#include "config/finetuning_options.h"
#include "config/generating_options.h"
#include "config/model_options.h"
#include "config/training_options.h"

namespace lf {

/// Which keys a command takes: train takes all, infer (chat, export) leaves the training keys out.
enum class ConfigKind { kTrain, kInfer };

struct RunConfig {
  ModelOptions model;
  DataOptions data;
  FinetuningOptions finetuning;
  TrainingOptions training;  // defaults under kInfer
  GeneratingOptions generating;

  ConfigKind kind = ConfigKind::kTrain;
  std::filesystem::path config_file;            // empty in the flag form
  std::map<std::string, std::string> accepted;  // keys that were given and have no effect here, as written
  std::map<std::string, std::string>
      origins;                        // key -> "train.yaml:12:3", "command line", ...; keys at their default are absent
  std::vector<std::string> warnings;  // lines for the log; the commands print them

  /// Activations are computed again in backward.
  bool recompute_activations() const {
    return !model.disable_gradient_checkpointing || training.gradient_checkpointing;
  }
};

}  // namespace lf
