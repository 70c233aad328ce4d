// Parts of a training run that follow from its configuration alone.
#pragma once
#include <memory>
#include <vector>

#include "config/run_config.h"
#include "io/output_folder.h"
#include "optim/optimizer.h"
#include "stages/causal_lm.h"

namespace lf {

/// The optimizer of `options` over `trainable`, with its groups for weight decay; kUnsupported for unknown names.
std::unique_ptr<Optimizer> optimizer_of(const TrainingOptions& options, const std::vector<NamedTensor>& trainable);
CausalLmOptions task_options(const RunConfig& config, const ModelSpec& spec);

}  // namespace lf
