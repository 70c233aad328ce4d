// Rules between keys: each one triggered, and each one's message. Advice and post-processing.
#include "config/validate.h"

#include "config/helpers.h"

namespace lf {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::kBase;
using testing::train;
using testing::train_problem;

struct Rule {
  const char* name;
  std::string text;  // added to kBase
  const char* message;
};

void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

class Rules : public ::testing::TestWithParam<Rule> {};

TEST_P(Rules, is_refused_with_its_reason) {
  const std::string message = train_problem(kBase + GetParam().text);
  EXPECT_THAT(message, HasSubstr(GetParam().message));
  EXPECT_THAT(message, ::testing::StartsWith("t.yaml:")) << "one problem, in the file";
}

INSTANTIATE_TEST_SUITE_P(
    BetweenKeys, Rules,
    ::testing::Values(
        Rule{"val_size_and_eval_dataset", "val_size: 0.1\neval_dataset: e\n",
             "val_size and eval_dataset exclude each other"},
        Rule{"probabilities_with_concat", "interleave_probs: 0.5,0.5\n", "interleave_probs needs mix_strategy"},
        Rule{"probabilities_of_other_length", "mix_strategy: interleave_under\ninterleave_probs: 0.5,0.5\n",
             "2 numbers for 1 datasets"},
        Rule{"probabilities_not_one", "mix_strategy: interleave_under\ninterleave_probs: 0.5\n", "add up to 1"},
        Rule{"mask_history_and_prompt", "mask_history: true\ntrain_on_prompt: true\n", "exclude each other"},
        Rule{"bad_row_word", "on_bad_row: ignore\n", "on_bad_row must be error, skip, or skip:N%"},
        Rule{"bad_row_share", "on_bad_row: skip:101%\n", "on_bad_row must be error, skip, or skip:N%"},
        Rule{"rslora_full", "use_rslora: true\nfinetuning_type: full\n", "use_rslora needs finetuning_type: lora"},
        Rule{"new_adapter_full", "create_new_adapter: true\nfinetuning_type: full\n", "create_new_adapter needs"},
        Rule{"additional_target_full", "additional_target: lm_head\nfinetuning_type: full\n",
             "additional_target needs"},
        Rule{"depths_and_shift", "mixture_of_depths: convert\nshift_attn: true\n", "exclude each other"},
        Rule{"depths_from_scratch", "mixture_of_depths: load\ntrain_from_scratch: true\n", "exclude each other"},
        Rule{"additional_target_freeze", "additional_target: lm_head\nfinetuning_type: freeze\n",
             "additional_target needs"},
        Rule{"llama_pro_full", "use_llama_pro: true\nfinetuning_type: full\n",
             "use_llama_pro needs finetuning_type: freeze or lora"},
        Rule{"llama_pro_first_blocks", "use_llama_pro: true\nfinetuning_type: freeze\nfreeze_trainable_layers: -2\n",
             "to be at least 1 but it is -2"},
        Rule{"adapter_freeze", "adapter_name_or_path: a\nfinetuning_type: freeze\n",
             "adapter_name_or_path needs finetuning_type: lora"},
        Rule{"adapter_full", "adapter_name_or_path: a\nfinetuning_type: full\n",
             "adapter_name_or_path needs finetuning_type: lora"},
        Rule{"folder_without_adapter", "adapter_folder: a\n", "adapter_folder needs adapter_name_or_path"},
        Rule{"neat_packing_pt", "stage: pt\nneat_packing: true\n", "neat_packing needs stage: sft"},
        Rule{"best_fit_pt", "stage: pt\npacking_strategy: best_fit\n", "packing_strategy needs stage: sft"},
        Rule{"best_fit_without_packing", "packing_strategy: best_fit\n",
             "packing_strategy: best_fit needs packing: true"},
        Rule{"train_on_prompt_pt", "stage: pt\ntrain_on_prompt: true\n", "train_on_prompt needs stage: sft"},
        Rule{"mask_history_pt", "stage: pt\nmask_history: true\n", "mask_history needs stage: sft"},
        Rule{"eval_without_data", "eval_strategy: epoch\n", "evaluation needs eval_dataset"},
        Rule{"do_eval_without_data", "do_eval: true\n", "evaluation needs eval_dataset"},
        Rule{"fp16_and_bf16", "fp16: true\n", "fp16 and bf16 exclude each other"},
        Rule{"loss_only_and_accuracy", "prediction_loss_only: true\ncompute_accuracy: true\n", "exclude each other"},
        Rule{"no_epochs", "num_train_epochs: 0\n", "num_train_epochs must be above 0"},
        Rule{"logging_steps_zero", "logging_steps: 0\n", "logging_steps must not be 0"},
        Rule{"save_steps_zero", "save_steps: 0\n", "save_steps must not be 0"},
        Rule{"logging_steps_broken", "logging_steps: 2.5\n", "logging_steps must be an integer when above 1"},
        Rule{"save_steps_broken", "save_steps: 10.5\n", "save_steps must be an integer when above 1"},
        Rule{"eval_steps_broken", "val_size: 5\neval_strategy: steps\neval_steps: 1.5\n",
             "eval_steps must be an integer"},
        Rule{"best_of_other_strategies",
             "val_size: 5\neval_strategy: steps\nsave_strategy: epoch\nload_best_model_at_end: true\n",
             "needs equal strategies"},
        Rule{"best_of_uneven_steps",
             "val_size: 5\neval_strategy: steps\neval_steps: 3\nsave_steps: 10\nload_best_model_at_end: true\n",
             "multiple of eval_steps"},
        Rule{"best_of_mixed_steps",
             "val_size: 5\neval_strategy: steps\neval_steps: 0.1\nsave_steps: 10\nload_best_model_at_end: true\n",
             "multiple of eval_steps"},
        Rule{"save_best_unknown", "val_size: 5\neval_strategy: epoch\nsave_strategy: best\n",
             "save_strategy: best needs metric_for_best_model"},
        Rule{"save_best_never", "save_strategy: best\nmetric_for_best_model: loss\n",
             "save_strategy: best needs eval_strategy"},
        Rule{"stopping_without_eval", "early_stopping_steps: 2\n", "early_stopping_steps needs eval_strategy"},
        Rule{"plateau_without_eval", "lr_scheduler_type: reduce_lr_on_plateau\n",
             "reduce_lr_on_plateau needs eval_strategy"},
        Rule{"eval_on_start_alone", "val_size: 5\neval_on_start: true\n", "eval_on_start needs eval_strategy"},
        Rule{"min_lr_missing", "lr_scheduler_type: cosine_with_min_lr\n", "one of min_lr and min_lr_rate"},
        Rule{"min_lr_twice",
             "lr_scheduler_type: cosine_warmup_with_min_lr\nlr_scheduler_kwargs: {min_lr: 1, min_lr_rate: 1}\n",
             "one of min_lr and min_lr_rate"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Ranges, Rules,
    ::testing::Values(Rule{"rank", "lora_rank: 0\n", "lora_rank must be at least 1 but is 0"},
                      Rule{"dropout", "lora_dropout: 1.0\n", "lora_dropout must be from 0 and below 1 but is 1.0"},
                      Rule{"batch", "per_device_train_batch_size: 0\n", "must be at least 1"},
                      Rule{"accumulation", "gradient_accumulation_steps: -1\n", "must be at least 1"},
                      Rule{"rate", "learning_rate: -1e-4\n", "learning_rate must be at least 0 but is -0.0001"},
                      Rule{"beta", "adam_beta1: 1\n", "adam_beta1 must be from 0 and below 1"},
                      Rule{"cutoff", "cutoff_len: 1\n", "cutoff_len must be at least 2"},
                      Rule{"samples", "max_samples: 0\n", "max_samples must be at least 1"},
                      Rule{"top_p", "top_p: 0\n", "top_p must be above 0 and at most 1"},
                      Rule{"top_p_high", "top_p: 1.5\n", "top_p must be above 0 and at most 1"},
                      Rule{"penalty", "repetition_penalty: 0\n", "repetition_penalty must be above 0"},
                      Rule{"seed", "seed: -1\n", "seed must be from 0"},
                      Rule{"warmup", "warmup_ratio: 1.5\n", "warmup_ratio must be from 0 and at most 1"},
                      Rule{"smoothing", "label_smoothing_factor: 1\n", "label_smoothing_factor must be"}),
    [](const auto& info) { return info.param.name; });

TEST(Validate, the_model_and_the_dataset_are_required) {
  EXPECT_THAT(train_problem("do_train: true\n"), ::testing::AllOf(HasSubstr("model_name_or_path is required"),
                                                                  HasSubstr("t.yaml:1:11: do_train needs dataset")));
  EXPECT_THAT(train_problem("model_name_or_path: m\nval_size: 0.1\n"), HasSubstr("val_size needs dataset"));
  EXPECT_THAT(testing::infer_problem("template: default\n"), HasSubstr("model_name_or_path is required"));
}

TEST(Validate, a_key_with_a_problem_of_its_own_breaks_no_rule) {
  EXPECT_EQ(train_problem(kBase + "val_size: lots\neval_dataset: e\n"),
            "t.yaml:5:11: val_size must be a number but is 'lots'");
}

TEST(Validate, bf16_runs_without_a_gpu_and_without_use_cpu) { EXPECT_TRUE(train(kBase).training.bf16); }

TEST(Validate, one_example_and_the_whole_set_are_told_apart) {
  EXPECT_EQ(train(kBase + "val_size: 1\n").data.val_size, 1);
  EXPECT_THAT(train_problem(kBase + "val_size: 1.0\n"), HasSubstr("write 1 for one example"));
}

TEST(PostProcess, packing_follows_the_stage_and_cutoff_only_what_is_written) {
  const RunConfig pt = train(kBase + "stage: pt\ncutoff_len: 64\n");
  EXPECT_EQ(pt.data.packing, true);
  EXPECT_EQ(pt.data.cutoff_len, 64);
  const RunConfig written = train(kBase + "stage: pt\ncutoff_len: 64\npacking: true\n");
  EXPECT_EQ(written.data.cutoff_len, 63);
  const RunConfig neat = train(kBase + "neat_packing: true\npacking: false\ncutoff_len: 64\n");
  EXPECT_EQ(neat.data.packing, true);
  EXPECT_EQ(neat.data.cutoff_len, 63);
  EXPECT_EQ(train(kBase).data.packing, false);
}

TEST(PostProcess, lora_alpha_of_zero_or_none_is_twice_the_rank) {
  EXPECT_EQ(train(kBase + "lora_rank: 5\nlora_alpha: 0\n").finetuning.lora_alpha, 10);
  EXPECT_EQ(train(kBase + "lora_rank: 5\nlora_alpha: 7\n").finetuning.lora_alpha, 7);
}

TEST(PostProcess, evaluation_and_best_model_fill_in) {
  const RunConfig config = train(
      kBase + "val_size: 5\neval_strategy: steps\nlogging_steps: 4\nsave_steps: 8\nload_best_model_at_end: true\n");
  EXPECT_TRUE(config.training.do_eval);
  EXPECT_EQ(config.training.eval_steps, 4);
  EXPECT_EQ(config.training.metric_for_best_model, "loss");
  EXPECT_EQ(config.training.greater_is_better, false);
  EXPECT_EQ(train(kBase + "metric_for_best_model: accuracy\n").training.greater_is_better, true);
  EXPECT_EQ(config.origins.at("eval_steps"), "from logging_steps");
}

TEST(PostProcess, a_home_folder_is_expanded) {
  setenv("HOME", "/home/x", 1);
  EXPECT_EQ(train(kBase + "output_dir: ~/out\n").training.output_dir, "/home/x/out");
}

TEST(Warnings, advise_without_stopping) {
  EXPECT_THAT(train("model_name_or_path: m\n").warnings, Contains(HasSubstr("neither do_train nor do_eval")));
  EXPECT_THAT(train("model_name_or_path: m\ndo_train: true\ndataset: d\n").warnings,
              Contains(HasSubstr("bf16: true is faster")));
  EXPECT_TRUE(train(kBase).warnings.empty());
}

}  // namespace
}  // namespace lf
