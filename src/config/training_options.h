// The loop: batches, optimizer, schedule, precision, logging, evaluation, saving. Keys and defaults are those of
// transformers' Seq2SeqTrainingArguments 5.8 as LLaMA-Factory uses them.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/field.h"

namespace lf {

struct TrainingOptions {
  std::optional<std::string> output_dir;  // set after parsing in training ("trainer_output" when unset)
  bool overwrite_output_dir = false;
  bool do_train = false;
  bool do_eval = false;  // set after parsing when eval_strategy is not no

  int64_t per_device_train_batch_size = 8;
  int64_t gradient_accumulation_steps = 1;
  double num_train_epochs = 3.0;
  int64_t max_steps = -1;               // > 0 wins over num_train_epochs
  bool gradient_checkpointing = false;  // on by default through disable_gradient_checkpointing: false
  std::optional<double> neftune_noise_alpha;
  double label_smoothing_factor = 0.0;

  double learning_rate = 5e-5;
  std::string lr_scheduler_type = "linear";
  std::map<std::string, std::string> lr_scheduler_kwargs;  // values as text
  double warmup_steps = 0;                                 // below 1: a part of all steps
  std::optional<double> warmup_ratio;                      // copied to warmup_steps after parsing
  std::string optim = "adamw_torch_fused";
  std::optional<std::string> optim_args;
  double weight_decay = 0.0;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  double max_grad_norm = 1.0;  // 0 or less: no clipping

  bool bf16 = false;
  bool fp16 = false;
  bool use_cpu = false;
  int64_t seed = 42;
  std::optional<int64_t> data_seed;
  bool dataloader_drop_last = false;
  int64_t dataloader_num_workers = 0;
  std::optional<int64_t> dataloader_prefetch_factor;
  std::string train_sampling_strategy = "random";

  std::string logging_strategy = "steps";
  double logging_steps = 500;  // below 1: a part of all steps; the same for eval_steps and save_steps
  bool logging_first_step = false;
  bool logging_nan_inf_filter = true;
  std::string include_num_input_tokens_seen = "no";  // no, all, non_padding
  std::optional<bool> disable_tqdm;
  std::vector<std::string> report_to = {"none"};
  std::optional<std::string> run_name;
  std::optional<std::string> logging_dir;

  std::string eval_strategy = "no";
  std::optional<double> eval_steps;  // set after parsing when eval_strategy is steps (unset: logging_steps)
  double eval_delay = 0;
  bool eval_on_start = false;
  int64_t per_device_eval_batch_size = 8;
  bool prediction_loss_only = false;
  bool load_best_model_at_end = false;
  std::optional<std::string>
      metric_for_best_model;  // set after parsing (loss) where it is needed, and greater_is_better with it
  std::optional<bool> greater_is_better;

  std::string save_strategy = "steps";
  double save_steps = 500;
  std::optional<int64_t> save_total_limit;
  bool save_only_model = false;
  std::optional<std::string> resume_from_checkpoint;  // a folder; "true": the newest or an error; "false": never resume
  bool ignore_data_skip = false;

  template <class Self, class Visitor>
  static void visit(Self& o, Visitor&& v) {
    v(o.output_dir, {"output_dir", "Output", "folder of the run; unset: trainer_output"});
    v(o.overwrite_output_dir,
      {"overwrite_output_dir", "Output", "start over even if the output folder has a checkpoint"});
    v(o.do_train, {"do_train", "Training", "train"});
    v(o.do_eval, {"do_eval", "Training", "evaluate at the end"});
    v(o.per_device_train_batch_size, {"per_device_train_batch_size", "Training", "examples of a micro-batch"});
    v(o.gradient_accumulation_steps,
      {"gradient_accumulation_steps", "Training", "micro-batches of one optimizer step"});
    v(o.num_train_epochs, {"num_train_epochs", "Training", "passes over the training set"});
    v(o.max_steps, {"max_steps", "Training", "optimizer steps; above 0 it wins over num_train_epochs"});
    v(o.gradient_checkpointing,
      {"gradient_checkpointing", "Training",
       "compute activations again in backward (on anyway unless disable_gradient_checkpointing)"});
    v(o.neftune_noise_alpha, {"neftune_noise_alpha", "Training", "noise on the embeddings while training (NEFTune)"});
    v(o.label_smoothing_factor, {"label_smoothing_factor", "Training", "mass spread over the vocabulary in the loss"});
    v(o.learning_rate, {"learning_rate", "Optimizer", "peak learning rate"});
    v(o.lr_scheduler_type,
      {"lr_scheduler_type",
       "Optimizer",
       "shape of the learning rate",
       {"linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup", "inverse_sqrt",
        "reduce_lr_on_plateau", "cosine_with_min_lr", "cosine_warmup_with_min_lr", "warmup_stable_decay"}});
    v(o.lr_scheduler_kwargs, {"lr_scheduler_kwargs", "Optimizer", "further settings of the schedule, as a mapping"});
    v(o.warmup_steps, {"warmup_steps", "Optimizer", "steps of rising learning rate; below 1 a part of all steps"});
    v(o.warmup_ratio, {"warmup_ratio", "Optimizer", "warm-up as a part of all steps; wins over warmup_steps"});
    v(o.optim, {"optim", "Optimizer", "optimizer", {"adamw_torch_fused", "adamw_torch", "sgd", "adagrad", "rmsprop"}});
    v(o.optim_args, {"optim_args", "Optimizer", "further settings of the optimizer: a=1,b=2"});
    v(o.weight_decay, {"weight_decay", "Optimizer", "decoupled decay of weights other than biases and norms"});
    v(o.adam_beta1, {"adam_beta1", "Optimizer", "decay of the first moment"});
    v(o.adam_beta2, {"adam_beta2", "Optimizer", "decay of the second moment"});
    v(o.adam_epsilon, {"adam_epsilon", "Optimizer", "added to the denominator"});
    v(o.max_grad_norm, {"max_grad_norm", "Optimizer", "gradients are scaled down to this norm; 0 switches it off"});
    v(o.bf16, {"bf16", "Precision", "compute in bfloat16, trainable weights in float32 (CPU too)"});
    v(o.fp16, {"fp16", "Precision", "compute in float16 with dynamic loss scaling, trainable weights in float32"});
    v(o.use_cpu, {"use_cpu", "Precision", "train on the CPU although a GPU is there"});
    v(o.seed, {"seed", "Randomness", "seed of initialisation, dropout and shuffling"});
    v(o.data_seed, {"data_seed", "Randomness", "seed of the data order; unset: seed"});
    v(o.dataloader_drop_last, {"dataloader_drop_last", "Training", "leave out a last batch that is not full"});
    v(o.dataloader_num_workers, {"dataloader_num_workers", "Training",
                                 "streaming: parts of each dataset that are read in turn; no effect otherwise"});
    v(o.dataloader_prefetch_factor,
      {"dataloader_prefetch_factor", "Training", "streaming: batches made ahead for each part; unset: 2"});
    v(o.train_sampling_strategy, {"train_sampling_strategy",
                                  "Training",
                                  "order of the training set",
                                  {"random", "sequential", "group_by_length"}});
    v(o.logging_strategy, {"logging_strategy", "Logging", "when the loss is logged", {"no", "steps", "epoch"}});
    v(o.logging_steps, {"logging_steps", "Logging", "steps between log lines; below 1 a part of all steps"});
    v(o.logging_first_step, {"logging_first_step", "Logging", "log the first step too"});
    v(o.logging_nan_inf_filter, {"logging_nan_inf_filter", "Logging", "leave NaN and infinite losses out of the mean"});
    v(o.include_num_input_tokens_seen, {"include_num_input_tokens_seen",
                                        "Logging",
                                        "count input tokens in the log (true means all)",
                                        {"no", "all", "non_padding"}});
    v(o.disable_tqdm, {"disable_tqdm", "Logging", "no progress bar"});
    v(o.report_to, {"report_to", "Logging", "comma list of trackers", {"none", "tensorboard"}});
    v(o.run_name, {"run_name", "Logging", "name of the run; TensorBoard does not show it"});
    v(o.logging_dir, {"logging_dir", "Logging", "folder of TensorBoard files; unset: <output_dir>/runs/<date>_<host>"});
    v(o.eval_strategy, {"eval_strategy", "Evaluation", "when to evaluate while training", {"no", "steps", "epoch"}});
    v(o.eval_steps,
      {"eval_steps", "Evaluation", "steps between evaluations; below 1 a part of all steps; unset: logging_steps"});
    v(o.eval_delay, {"eval_delay", "Evaluation", "epochs or steps before the first evaluation"});
    v(o.eval_on_start, {"eval_on_start", "Evaluation", "evaluate before the first step"});
    v(o.per_device_eval_batch_size, {"per_device_eval_batch_size", "Evaluation", "examples of an evaluation batch"});
    v(o.prediction_loss_only, {"prediction_loss_only", "Evaluation", "only the loss in evaluation"});
    v(o.load_best_model_at_end, {"load_best_model_at_end", "Evaluation", "end with the best checkpoint"});
    v(o.metric_for_best_model,
      {"metric_for_best_model", "Evaluation", "metric that decides which checkpoint is best; unset: loss"});
    v(o.greater_is_better,
      {"greater_is_better", "Evaluation", "direction of that metric; unset: greater unless it ends in loss"});
    v(o.save_strategy, {"save_strategy", "Saving", "when checkpoints are written", {"no", "steps", "epoch", "best"}});
    v(o.save_steps, {"save_steps", "Saving", "steps between checkpoints; below 1 a part of all steps"});
    v(o.save_total_limit, {"save_total_limit", "Saving", "keep at most this many checkpoints"});
    v(o.save_only_model, {"save_only_model", "Saving", "checkpoints without optimizer state (they cannot be resumed)"});
    v(o.resume_from_checkpoint,
      {"resume_from_checkpoint", "Saving",
       "checkpoint folder to go on from; unset: the newest in output_dir; false: start over"});
    v(o.ignore_data_skip, {"ignore_data_skip", "Saving", "start the epoch's data anew when resuming"});
  }
};

}  // namespace lf
