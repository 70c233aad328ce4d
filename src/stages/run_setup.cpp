#include "stages/run_setup.h"

#include "base/registry.h"
#include "optim/param_groups.h"
#include "stages/attention_choice.h"

namespace lf {

std::unique_ptr<Optimizer> optimizer_of(const TrainingOptions& options, const std::vector<NamedTensor>& trainable) {
  std::vector<ParamGroup> groups = make_param_groups(trainable, options.learning_rate, options.weight_decay);
  return require_entry(all_optimizers(), options.optim, "optim")
      .make(std::move(groups), {.beta1 = options.adam_beta1,
                                .beta2 = options.adam_beta2,
                                .epsilon = options.adam_epsilon,
                                .args = options.optim_args.value_or("")});
}

CausalLmOptions task_options(const RunConfig& config, const ModelSpec& spec) {
  return {.gradient_checkpointing = config.recompute_activations(),
          .label_smoothing = config.training.label_smoothing_factor,
          .neftune_alpha = config.training.neftune_noise_alpha.value_or(0),
          .compute_accuracy = config.finetuning.compute_accuracy,
          .shift_ratio = shifted_attention_ratio(config.model, spec.model_type)};
}

}  // namespace lf
