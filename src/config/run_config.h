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
  // key -> "train.yaml:12:3", "command line", "from packing", ...; keys at their default are absent
  std::map<std::string, std::string> origins;
  std::vector<std::string> warnings;  // lines for the log; cli/ prints them
  // data.cutoff_len and data.packing before post-processing, so that the written configuration runs the same again
  int64_t written_cutoff_len = 2048;
  std::optional<bool> written_packing;

  /// Activations are computed again in backward.
  bool recompute_activations() const {
    return !model.disable_gradient_checkpointing || training.gradient_checkpointing;
  }
};

}  // namespace lf
