// What a configuration file and the command line mean.
#include "config/parse.h"

#include <fstream>

#include "config/helpers.h"
#include "support/shared.h"

namespace lf {
namespace {

using testing::Args;
using ::testing::ElementsAre;
using testing::flags;
using ::testing::HasSubstr;
using testing::infer;
using ::testing::IsEmpty;
using testing::kBase;
using testing::train;
using testing::train_problem;

TEST(Parse, reads_every_type_from_yaml) {
  const RunConfig config = train(kBase +
                                 "dataset_dir: my data\n"
                                 "eval_dataset: a, b ,c\n"
                                 "eval_strategy: steps\n"
                                 "learning_rate: 1e-4\n"
                                 "weight_decay: 1\n"
                                 "lora_rank: 0x10\n"
                                 "max_samples: 1e3\n"
                                 "lr_scheduler_type: cosine_with_min_lr\n"
                                 "lr_scheduler_kwargs: {min_lr: 1.0e-6, note: 'no'}\n"
                                 "template: llama3\n"
                                 "enable_thinking: null\n"
                                 "lora_target: [q_proj, v_proj]\n"
                                 "use_rslora: yes\n");
  EXPECT_EQ(config.data.dataset_dir, "my data");
  EXPECT_THAT(config.data.eval_dataset, ElementsAre("a", "b", "c"));
  EXPECT_EQ(config.training.learning_rate, 1e-4);
  EXPECT_EQ(config.training.weight_decay, 1.0);
  EXPECT_EQ(config.finetuning.lora_rank, 16);
  EXPECT_EQ(config.data.max_samples, 1000);
  EXPECT_EQ(config.training.lr_scheduler_kwargs.at("min_lr"), "1.0e-6");
  EXPECT_EQ(config.training.lr_scheduler_kwargs.at("note"), "no");
  EXPECT_EQ(config.data.template_name, "llama3");
  EXPECT_EQ(config.data.enable_thinking, std::nullopt);
  EXPECT_THAT(config.finetuning.lora_target, ElementsAre("q_proj", "v_proj"));
  EXPECT_TRUE(config.finetuning.use_rslora);
  EXPECT_TRUE(config.training.bf16);
}

TEST(Parse, defaults_are_upstreams) {
  const RunConfig config = train(kBase);
  EXPECT_EQ(config.data.cutoff_len, 2048);
  EXPECT_EQ(config.training.learning_rate, 5e-5);
  EXPECT_EQ(config.training.per_device_train_batch_size, 8);
  EXPECT_EQ(config.training.logging_steps, 500);
  EXPECT_EQ(config.finetuning.lora_alpha, 16);
  EXPECT_EQ(config.data.media_dir, "data");
  EXPECT_EQ(config.training.output_dir, "trainer_output");
  EXPECT_EQ(config.data.packing, false);
}

TEST(Parse, word_keys_take_no_and_off_as_words) {
  const RunConfig config = train(kBase + "eval_strategy: no\nsave_strategy: off\nlogging_strategy: \"no\"\n");
  EXPECT_EQ(config.training.eval_strategy, "no");
  EXPECT_EQ(config.training.save_strategy, "no");
  EXPECT_EQ(config.training.logging_strategy, "no");
  EXPECT_EQ(train(kBase, {"eval_strategy=no"}).training.eval_strategy, "no");
  EXPECT_EQ(train(kBase + "run_name: yes\n").training.run_name, "yes");
  EXPECT_EQ(train(kBase + "run_name: 017\n").training.run_name, "017");
}

TEST(Parse, overrides_win_over_the_file_and_are_yaml) {
  const RunConfig config =
      train(kBase + "lora_rank: 4\nlearning_rate: 1.0\n",
            {"lora_rank=32", "learning_rate=1e-5", "lora_target=[a, b]", "lr_scheduler_kwargs.num_cycles=2",
             "lr_scheduler_kwargs.x=1", "default_system=You are: x", "run_name='a b'", "lora_rank=64"});
  EXPECT_EQ(config.finetuning.lora_rank, 64);
  EXPECT_EQ(config.training.learning_rate, 1e-5);
  EXPECT_THAT(config.finetuning.lora_target, ElementsAre("a", "b"));
  EXPECT_EQ(config.training.lr_scheduler_kwargs.size(), 2u);
  EXPECT_EQ(config.data.default_system, "You are: x");
  EXPECT_EQ(config.training.run_name, "a b");
  EXPECT_EQ(config.origins.at("lora_rank"), "command line");
  EXPECT_EQ(config.origins.at("dataset"), "t.yaml:3:10");
}

TEST(Parse, flags_work_alone_and_after_a_file) {
  const Args args = {"--model-name-or-path",
                     "m",
                     "--do_train",
                     "--dataset=a,b",
                     "--bf16",
                     "true",
                     "--max_steps",
                     "-1",
                     "--top_k",
                     "5",
                     "--no_do_sample",
                     "--lora_target",
                     "q_proj",
                     "v_proj",
                     "--report_to",
                     "tensorboard",
                     "--learning_rate",
                     "1e-4",
                     "--lr_scheduler_kwargs",
                     "{\"num_cycles\": 3}",
                     "--plot-loss",
                     "lora_rank=2",
                     "--default_system",
                     ""};
  const RunConfig config = flags(ConfigKind::kTrain, args);
  EXPECT_EQ(config.model.model_name_or_path, "m");
  EXPECT_THAT(config.data.dataset, ElementsAre("a", "b"));
  EXPECT_TRUE(config.training.bf16);
  EXPECT_EQ(config.training.max_steps, -1);
  EXPECT_FALSE(config.generating.do_sample);
  EXPECT_THAT(config.finetuning.lora_target, ElementsAre("q_proj", "v_proj"));
  EXPECT_THAT(config.training.report_to, ElementsAre("tensorboard"));
  EXPECT_EQ(config.training.lr_scheduler_kwargs.at("num_cycles"), "3");
  EXPECT_TRUE(config.finetuning.plot_loss);
  EXPECT_EQ(config.finetuning.lora_rank, 2);
  EXPECT_EQ(config.data.default_system, "");
  EXPECT_TRUE(config.config_file.empty());
  EXPECT_EQ(train(kBase, {"--lora_rank", "3", "--plot_loss"}).finetuning.lora_rank, 3);
}

TEST(Parse, json_files_work_with_overrides) {
  const std::string text =
      "{\n \"model_name_or_path\": \"m\\u00fc\", \"do_train\": true,\n \"dataset\": [\"a\", \"b\"],\n "
      "\"learning_rate\": 1e-4\n}\n";
  const RunConfig config = parse_config_text(ConfigKind::kTrain, text, "t.json", Args{"lora_rank=2"});
  EXPECT_EQ(config.model.model_name_or_path, "mü");
  EXPECT_THAT(config.data.dataset, ElementsAre("a", "b"));
  EXPECT_EQ(config.training.learning_rate, 1e-4);
  EXPECT_EQ(config.finetuning.lora_rank, 2);
  EXPECT_EQ(config.origins.at("learning_rate"), "t.json:4:19");
}

TEST(Parse, interpolation_reads_keys_and_the_environment) {
  setenv("LF_TEST_RANK", "12", 1);
  unsetenv("LF_TEST_ABSENT");
  const RunConfig config = train(kBase +
                                 "stage: sft\n"
                                 "output_dir: saves/${model_name_or_path}/${stage}\n"
                                 "lora_rank: ${oc.env:LF_TEST_RANK}\n"
                                 "lora_alpha: ${lora_rank}\n"
                                 "run_name: ${oc.env:LF_TEST_ABSENT,none given}\n"
                                 "default_system: say \\${x}\n"
                                 "eval_dataset: ${${oc.env:LF_TEST_ABSENT,dataset}}\n"
                                 "lr_scheduler_kwargs: {a: 7}\n"
                                 "seed: ${lr_scheduler_kwargs.a}\n");
  EXPECT_EQ(config.training.output_dir, "saves/m/sft");
  EXPECT_EQ(config.finetuning.lora_rank, 12);
  EXPECT_EQ(config.finetuning.lora_alpha, 12);
  EXPECT_EQ(config.training.run_name, "none given");
  EXPECT_EQ(config.data.default_system, "say ${x}");
  EXPECT_THAT(config.data.eval_dataset, ElementsAre("d"));
  EXPECT_EQ(config.training.seed, 7);
  EXPECT_THAT(config.origins.at("lora_rank"), HasSubstr("environment LF_TEST_RANK"));
}

TEST(Parse, interpolation_that_cannot_work_is_named) {
  EXPECT_THAT(train_problem(kBase + "run_name: ${oc.env:LF_TEST_ABSENT}\n"),
              HasSubstr("t.yaml:5:11: run_name: the environment variable"));
  EXPECT_THAT(train_problem(kBase + "run_name: ${datset}\n"), HasSubstr("did you mean dataset?"));
  EXPECT_THAT(train_problem(kBase + "run_name: ${output_dir}\noutput_dir: ${run_name}\n"),
              HasSubstr("refers to itself"));
  EXPECT_THAT(train_problem(kBase + "run_name: ${dataset\n"), HasSubstr("not closed"));
  EXPECT_THAT(train_problem(kBase + "run_name: ${now:%Y}\n"), HasSubstr("resolver is not known"));
}

TEST(Parse, a_doubling_chain_of_interpolations_ends) {
  std::string text = kBase + "run_name: ${k0}\nk40: ''\n";
  for (int i = 0; i < 30; ++i) text += fmt::format("k{}: ${{k{}}}${{k{}}}\n", i, i + 1, i + 1);
  text += "k30: xx\n";
  EXPECT_THAT(train_problem(text), HasSubstr("interpolation makes more than"));
}

TEST(Parse, older_names_are_honoured) {
  const RunConfig config = train(kBase +
                                 "no_cuda: true\nper_gpu_train_batch_size: 3\nper_gpu_eval_batch_size: null\n"
                                 "group_by_length: true\nadafactor: false\ninclude_num_input_tokens_seen: true\n");
  EXPECT_TRUE(config.training.use_cpu);
  EXPECT_EQ(config.training.per_device_train_batch_size, 3);
  EXPECT_EQ(config.training.per_device_eval_batch_size, 8);
  EXPECT_EQ(config.training.train_sampling_strategy, "group_by_length");
  EXPECT_EQ(config.training.include_num_input_tokens_seen, "all");
  EXPECT_EQ(train(kBase + "include_num_input_tokens_seen: non_padding\n").training.include_num_input_tokens_seen,
            "non_padding");
  EXPECT_THAT(train_problem(kBase + "adafactor: true\n"), HasSubstr("optim 'adafactor' is not available yet"));
  EXPECT_THAT(train_problem(kBase + "no_cuda: true\nuse_cpu: false\n"), HasSubstr("no_cuda stands for use_cpu"));
}

TEST(Parse, warmup_ratio_and_fractional_steps_both_work) {
  EXPECT_EQ(train(kBase + "warmup_ratio: 0.1\n").training.warmup_steps, 0.1);
  EXPECT_EQ(train(kBase + "warmup_steps: 0.25\n").training.warmup_steps, 0.25);
  EXPECT_EQ(train(kBase + "warmup_steps: 20\n").training.warmup_steps, 20);
}

TEST(Parse, keys_without_effect_are_kept_and_mentioned) {
  const RunConfig config =
      train(kBase + "dataloader_pin_memory: false\nddp_timeout: 180000000\nflash_attn: fa2\nhub_token: planted\n");
  EXPECT_EQ(config.accepted.at("dataloader_pin_memory"), "false");
  EXPECT_EQ(config.accepted.at("hub_token"), "******");
  EXPECT_THAT(config.warnings, ::testing::Contains(HasSubstr("dataloader_pin_memory changes nothing here")));
}

TEST(Parse, refused_keys_pass_at_their_defaults) {
  EXPECT_EQ(train_problem(
                kBase + "use_dora: false\npref_beta: 0.1\ndeepspeed: null\nquantization_bit:\nfp16: off\nnum_beams: 1\n"
                        "save_safetensors: true\ninclude_for_metrics: []\ntpu_num_cores: null\ndebug: ''\n"),
            "");
  EXPECT_THAT(train_problem(kBase + "use_dora: true\n"), HasSubstr("use_dora is not available yet; use plain LoRA"));
  EXPECT_THAT(train_problem(kBase + "deepspeed: ds.json\n"), HasSubstr("deepspeed is not available yet"));
  EXPECT_THAT(train_problem(kBase + "torchdynamo: eager\n"), HasSubstr("torchdynamo has no meaning here"));
  EXPECT_THAT(train_problem(kBase + "compute_dtype: bf16\n"), HasSubstr("is computed and cannot be set"));
  EXPECT_THAT(train_problem(kBase + "task: mmlu_test\n"), HasSubstr("belongs to the eval command"));
}

TEST(Parse, training_keys_in_an_inference_file_are_explained) {
  EXPECT_THAT(testing::infer_problem("model_name_or_path: m\nlearning_rate: 1e-4\n"),
              HasSubstr("i.yaml:2:1: learning_rate is a key for training"));
  EXPECT_THAT(train_problem(kBase + "kt_config: {}\n"), HasSubstr("is a key for chat and export"));
}

TEST(Parse, every_inference_backend_is_the_built_in_one) {
  for (const char* name : {"huggingface", "vllm", "sglang"}) {
    EXPECT_EQ(infer(std::string("model_name_or_path: m\nvllm_maxlen: 100\ninfer_backend: ") + name).model.infer_backend,
              name);
  }
}

TEST(Parse, extra_arguments_can_be_allowed) {
  EXPECT_THAT(train_problem(kBase + "mystery: 1\n"), HasSubstr("t.yaml:5:1: mystery is not a key"));
  setenv("ALLOW_EXTRA_ARGS", "True", 1);
  const RunConfig config = train(kBase + "mystery: 1\n");
  unsetenv("ALLOW_EXTRA_ARGS");
  EXPECT_THAT(config.warnings, ::testing::Contains(HasSubstr("mystery is not a key and is ignored")));
}

TEST(Parse, all_problems_come_at_once_in_the_order_of_the_file) {
  const std::string message = train_problem(
      "model_name_or_path: m\nlearning_rat: 1\nlora_rank: x\nstage: dpo\nval_size: 0.1\n", {"bf16=maybe"});
  EXPECT_THAT(message, HasSubstr("5 problems in the configuration\n"
                                 "t.yaml:2:1: learning_rat is not a key; did you mean learning_rate?\n"
                                 "t.yaml:3:12: lora_rank must be an integer but is 'x'\n"
                                 "t.yaml:4:8: stage 'dpo' is not available yet (available: pt, sft)\n"
                                 "t.yaml:5:11: val_size needs dataset"));
  EXPECT_THAT(message, ::testing::EndsWith("command line: bf16 must be true or false but is 'maybe'"));
}

TEST(Parse, secrets_do_not_stand_in_messages) {
  EXPECT_THAT(train_problem(kBase + "hf_hub_token: [planted]\n"),
              ::testing::AllOf(HasSubstr("hf_hub_token must be a text"), ::testing::Not(HasSubstr("planted"))));
}

TEST(Parse, a_missing_file_is_an_io_error) {
  try {
    flags(ConfigKind::kTrain, {"/nowhere/t.yaml"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_THAT(error.what(), HasSubstr("/nowhere/t.yaml"));
  }
}

TEST(Parse, resume_takes_a_folder_or_true_or_false) {
  EXPECT_EQ(train(kBase + "resume_from_checkpoint: saves/checkpoint-5\n").training.resume_from_checkpoint,
            "saves/checkpoint-5");
  EXPECT_EQ(train(kBase + "resume_from_checkpoint: False\n").training.resume_from_checkpoint, "false");
  EXPECT_EQ(train(kBase + "resume_from_checkpoint: yes\n").training.resume_from_checkpoint, "true");
  EXPECT_EQ(train(kBase + "resume_from_checkpoint: null\n").training.resume_from_checkpoint, std::nullopt);
}

TEST(Parse, report_to_takes_the_ways_of_saying_nothing) {
  EXPECT_THAT(train(kBase + "report_to: null\n").training.report_to, ElementsAre("none"));
  EXPECT_THAT(train(kBase + "report_to: [none]\n").training.report_to, ElementsAre("none"));
  EXPECT_THAT(train(kBase + "report_to: all\n").training.report_to, ElementsAre("tensorboard"));
  EXPECT_THAT(train_problem(kBase + "report_to: wandb\n"), HasSubstr("wandb"));
}

TEST(Parse, the_kind_of_a_file_is_found_from_its_keys) {
  const std::string path = ::testing::TempDir() + "kind.yaml";
  std::ofstream(path) << "model_name_or_path: m\ntemplate: qwen3\n";
  EXPECT_EQ(detect_config_kind(Args{path}), ConfigKind::kInfer);
  EXPECT_EQ(detect_config_kind(Args{path, "do_train=true"}), ConfigKind::kTrain);
  EXPECT_EQ(detect_config_kind(Args{"/nowhere.yaml"}), ConfigKind::kTrain);
}

TEST(SharedExamples, the_three_named_files_are_accepted_as_they_are) {
  LF_REQUIRE_SHARED();
  const auto path = [](const char* name) { return testing::shared_path("compat/examples").string() + "/" + name; };
  const RunConfig sft = flags(ConfigKind::kTrain, {path("train_lora/qwen3_lora_sft.yaml")});
  EXPECT_THAT(sft.data.dataset, ElementsAre("identity", "alpaca_en_demo"));
  EXPECT_EQ(sft.training.learning_rate, 1e-4);
  EXPECT_EQ(sft.training.warmup_steps, 0.1);
  EXPECT_TRUE(sft.training.overwrite_output_dir);
  EXPECT_EQ(flags(ConfigKind::kInfer, {path("merge_lora/qwen3_lora_sft.yaml")}).model.export_size, 5);
  EXPECT_EQ(flags(ConfigKind::kInfer, {path("inference/qwen3.yaml")}).data.template_name, "qwen3_nothink");
}

TEST(SharedExamples, no_file_has_a_key_that_is_unknown_or_of_the_wrong_type) {
  LF_REQUIRE_SHARED();
  int files = 0;
  for (const char* folder : {"train_lora", "train_qlora", "merge_lora", "inference", "extras"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(testing::shared_path("compat/examples") / folder)) {
      if (entry.path().extension() != ".yaml") continue;
      const Args args = {entry.path().string()};
      const std::string problem = testing::problem_of([&] { parse_run_config(detect_config_kind(args), args); });
      EXPECT_THAT(problem, ::testing::Not(HasSubstr("is not a key"))) << entry.path();
      EXPECT_THAT(problem, ::testing::Not(HasSubstr("must be"))) << entry.path();
      ++files;
    }
  }
  EXPECT_GT(files, 10);
}

}  // namespace
}  // namespace lf
