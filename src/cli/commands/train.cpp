// `train`: a fine-tuning run from a LLaMA-Factory configuration.
#include "cli/arguments.h"
#include "cli/command.h"
#include "stages/training_run.h"

namespace lf {
namespace {

int run_train(std::span<const std::string> args) {
  const std::optional<RunConfig> config = parse_or_help("train", ConfigKind::kTrain, args);
  return config ? run_training(*config) : 0;
}

}  // namespace

extern const CommandEntry entry_train;
constinit const CommandEntry entry_train{"train", "fine-tune a model", "train CONFIG.yaml [key=value ...]", run_train};

}  // namespace lf
