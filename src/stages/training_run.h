// A training run from configuration to finished folder: what stages pt and sft share, top to bottom.
#pragma once
#include "config/run_config.h"

namespace lf {

/// Runs config.finetuning.stage. Returns the exit status: 0, or 128 + signal when a signal ended the run early.
int run_training(const RunConfig& config);

}  // namespace lf
