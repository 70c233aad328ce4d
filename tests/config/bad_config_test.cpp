// Sixty-odd files with one mistake each: the message must name the line the user has to change and hint at the remedy.
#include "config/helpers.h"

namespace lf {
namespace {

struct BadFile {
  const char* name;
  std::string text;
  int line;
  const char* hint;
};

void PrintTo(const BadFile& file, std::ostream* out) { *out << file.name; }

const std::string kStart = "model_name_or_path: m\ndo_train: true\nbf16: true\n";  // lines 1 to 3
const std::string kEnd = "dataset: d\n";

class BadFiles : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadFiles, are_refused_at_the_right_line_with_a_hint) {
  const std::string message = testing::train_problem(GetParam().text);
  const std::string place = GetParam().line ? "t.yaml:" + std::to_string(GetParam().line) + ":" : "t.yaml: ";
  EXPECT_THAT(message, ::testing::HasSubstr(place));
  EXPECT_THAT(message, ::testing::HasSubstr(GetParam().hint));
}

std::string with(const std::string& line) { return kStart + line + "\n" + kEnd; }

std::vector<BadFile> misspelt() {
  return {{"one_letter", with("learning_rat: 1"), 4, "did you mean learning_rate?"},
          {"dashes", with("learning-rate: 1"), 4, "did you mean learning_rate?"},
          {"capitals", with("Learning_Rate: 1"), 4, "did you mean learning_rate?"},
          {"plural", with("datasets: a"), 4, "did you mean dataset?"},
          {"other_trainer_lr", with("lr: 1"), 4, "did you mean learning_rate?"},
          {"other_trainer_epochs", with("epochs: 1"), 4, "did you mean num_train_epochs?"},
          {"other_trainer_rank", with("lora_r: 8"), 4, "did you mean lora_rank?"},
          {"other_trainer_length", with("max_seq_length: 8"), 4, "did you mean cutoff_len?"},
          {"older_transformers", with("evaluation_strategy: epoch"), 4, "did you mean eval_strategy?"},
          {"swapped_letters", with("stgae: sft"), 4, "did you mean stage?"},
          {"missing_part", with("gradient_accumulation: 8"), 4, "did you mean gradient_accumulation_steps?"},
          {"unheard_of", with("mystery_setting: 8"), 4, "mystery_setting is not a key"},
          {"number_as_key", with("12: 8"), 4, "12 is not a key"},
          {"key_in_chinese", with("学习率: 1"), 4, "is not a key"}};
}

std::vector<BadFile> wrong_values() {
  return {{"word_for_integer", with("lora_rank: eight"), 4, "must be an integer but is 'eight'"},
          {"fraction_for_integer", with("lora_rank: 8.5"), 4, "must be an integer but is '8.5'"},
          {"quoted_integer", with("lora_rank: '8'"), 4, "write it without quotes"},
          {"quoted_boolean", with("plot_loss: \"true\""), 4, "write it without quotes"},
          {"word_for_boolean", with("plot_loss: maybe"), 4, "must be true or false but is 'maybe'"},
          {"two_for_boolean", with("plot_loss: 2"), 4, "must be true or false"},
          {"word_for_number", with("learning_rate: high"), 4, "must be a number but is 'high'"},
          {"exponent_cut", with("learning_rate: 1e"), 4, "must be a number but is '1e'"},
          {"comma_as_point", with("learning_rate: 0,1"), 4, "must be a number but is '0,1'"},
          {"not_finite", with("learning_rate: .nan"), 4, "must be a finite number"},
          {"too_large", with("seed: 99999999999999999999"), 4, "must be an integer"},
          {"no_value", with("learning_rate:"), 4, "needs a value"},
          {"null_value", with("save_strategy: null"), 4, "needs a value"},
          {"list_for_text", with("template: [a, b]"), 4, "must be a text but is a list"},
          {"mapping_for_text", with("template: {a: b}"), 4, "must be a text but is a mapping"},
          {"mapping_for_list", with("lora_target: {q: 1}"), 4, "must be a list or comma list"},
          {"list_in_list", with("lora_target: [[q], v]"), 4, "has an item that must be a text"},
          {"word_for_mapping", with("lr_scheduler_kwargs: fast"), 4, "must be a mapping but is 'fast'"},
          {"word_for_probability", with("interleave_probs: a,b"), 4, "has an item that must be a number"},
          {"unit_after_number", with("export_size: 5GB"), 4, "must be an integer but is '5GB'"}};
}

std::vector<BadFile> wrong_choices() {
  return {{"stage_misspelt", with("stage: stf"), 4, "must be one of pt, sft but is 'stf'"},
          {"stage_later", with("stage: dpo"), 4, "'dpo' is not available yet (available: pt, sft)"},
          {"type_later", with("finetuning_type: oft"), 4, "'oft' is not available yet"},
          {"type_unknown", with("finetuning_type: loar"), 4, "did you mean lora?"},
          {"schedule_misspelt", with("lr_scheduler_type: cosin"), 4, "did you mean cosine"},
          {"schedule_later", with("lr_scheduler_type: greedy"), 4, "'greedy' is not available yet"},
          {"optimizer_later", with("optim: adamw_8bit"), 4, "'adamw_8bit' is not available yet"},
          {"strategy_unknown", with("save_strategy: never"), 4, "must be one of no, steps, epoch, best"},
          {"strategy_true", with("save_strategy: yes"), 4, "must be one of no, steps, epoch, best"},
          {"tracker", with("report_to: [tensorboard, wandb]"), 4, "wandb"},
          {"rope", with("rope_scaling: longrope"), 4, "must be one of linear, dynamic, yarn, llama3"},
          {"capital_choice", with("stage: SFT"), 4, "did you mean sft?"}};
}

std::vector<BadFile> not_available() {
  return {{"dora", with("use_dora: true"), 4, "use_dora is not available yet; use plain LoRA"},
          {"quantised", with("quantization_bit: 4"), 4,
           "quantization_bit is not available yet; quantised base models come later"},
          {"deepspeed", with("deepspeed: ds_z3.json"), 4, "deepspeed is not available yet"},
          {"fp8", with("fp8: true"), 4, "fp8 is not available yet; use bf16: true"},
          {"streaming", with("streaming: true"), 4, "streaming needs max_steps above 0"},
          {"streaming_fraction", with("streaming: true\nmax_steps: 5\nval_size: 0.1"), 6,
           "streaming needs val_size to be a number of rows, but it is the fraction 0.1"},
          {"streaming_max_samples", with("streaming: true\nmax_steps: 5\nmax_samples: 9"), 6,
           "streaming and max_samples exclude each other"},
          {"streaming_tokens", with("streaming: true\nmax_steps: 5\ninclude_effective_tokens_per_second: true"), 6,
           "needs the tokens of the whole dataset"},
          {"buffer_size", with("buffer_size: 0"), 4, "buffer_size must be at least 1 but is 0"},
          {"galore", with("use_galore: true"), 4, "use_galore is not available yet; use optim: adamw_torch_fused"},
          {"eval_key", with("task: mmlu_test"), 4, "it belongs to the eval command"},
          {"derived", with("device_map: auto"), 4, "is computed and cannot be set"}};
}

std::vector<BadFile> not_yaml() {
  return {{"no_blank_after_colon", with("lora_rank:8"), 4, "a blank is missing after `lora_rank:`"},
          {"equals", with("lora_rank = 8"), 4, "write `lora_rank: value`"},
          {"no_colon", with("lora_rank 8"), 4, "a colon is missing"},
          {"tab", with("lr_scheduler_kwargs:\n\tnum_cycles: 2"), 5, "a tab cannot indent YAML"},
          {"open_list", with("lora_target: [q_proj, v_proj"), 4, "the [ is not closed"},
          {"open_quote", with("run_name: \"my run"), 4, "the \" is not closed"},
          {"open_mapping", with("lr_scheduler_kwargs: {a: 1"), 4, "the { is not closed"},
          {"indented_key", with("  lora_rank: 8"), 4, ""},
          {"two_colons", with("run_name: a: b"), 4, "a colon stands where none can"},
          {"at_sign", with("run_name: @home"), 4, "a character stands where none can begin a value"},
          {"duplicate", with("lora_rank: 8\nplot_loss: true\nlora_rank: 16"), 6, "the key 'lora_rank' appears twice"},
          {"python_tag", with("run_name: !!python/object/apply:os.system ['ls']"), 4, "the tag"},
          {"list_of_keys", "- model_name_or_path: m\n- dataset: d\n", 1, "a mapping is needed"},
          {"plain_text", "just some words\n", 1, "a mapping is needed"},
          {"cyclic_alias", with("lora_target: &x [a, *x]"), 4, "inside the value that it names"},
          {"unknown_alias", with("lora_target: *nowhere"), 4, ""},
          {"not_utf8", with("run_name: caf\xe9"), 4, "is not UTF-8"},
          {"two_documents", kStart + kEnd + "---\nlora_rank: 8\n", 5, "second YAML document"}};
}

std::string name_of(const ::testing::TestParamInfo<BadFile>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Misspelt, BadFiles, ::testing::ValuesIn(misspelt()), name_of);
INSTANTIATE_TEST_SUITE_P(WrongValues, BadFiles, ::testing::ValuesIn(wrong_values()), name_of);
INSTANTIATE_TEST_SUITE_P(WrongChoices, BadFiles, ::testing::ValuesIn(wrong_choices()), name_of);
INSTANTIATE_TEST_SUITE_P(NotAvailable, BadFiles, ::testing::ValuesIn(not_available()), name_of);
INSTANTIATE_TEST_SUITE_P(NotYaml, BadFiles, ::testing::ValuesIn(not_yaml()), name_of);

TEST(BadJson, is_refused_at_its_place) {
  const auto problem = [](std::string_view text) {
    return testing::problem_of([&] { parse_config_text(ConfigKind::kTrain, text, "t.json"); });
  };
  EXPECT_THAT(problem("{\n \"model_name_or_path\": \"m\",\n \"lora_rank\" 8\n}"),
              ::testing::HasSubstr("t.json:3:14: not valid JSON"));
  EXPECT_THAT(problem("{\"model_name_or_path\": \"m\",\n \"lora_rank\": \"8\"}"),
              ::testing::HasSubstr("t.json:2:15: lora_rank must be an integer"));
  EXPECT_THAT(problem("{\"model_name_or_path\": \"m\",\n \"learning_rat\": 8}"),
              ::testing::HasSubstr("t.json:2:2: learning_rat is not a key"));
  EXPECT_THAT(problem("[1]"), ::testing::HasSubstr("an object is needed"));
  EXPECT_THAT(problem("{\"a\": 1, \"a\": 2}"), ::testing::HasSubstr("twice"));
}

TEST(BadArguments, are_named) {
  const auto problem = [](const testing::Args& args) {
    return testing::problem_of([&] { parse_run_config(ConfigKind::kTrain, args); });
  };
  EXPECT_THAT(problem({"stage"}), ::testing::HasSubstr("'stage' has no value: write stage=value"));
  EXPECT_THAT(problem({"--stage"}), ::testing::HasSubstr("--stage needs a value"));
  EXPECT_THAT(problem({"--stge", "sft"}), ::testing::HasSubstr("stge is not a key; did you mean stage?"));
  EXPECT_THAT(problem({"stage=sft", "t.yaml"}), ::testing::HasSubstr("it comes first"));
  EXPECT_THAT(problem({"=x"}), ::testing::HasSubstr("neither a configuration file"));
  EXPECT_THAT(problem({"a..b=x"}), ::testing::HasSubstr("the part before = must be a key"));
  EXPECT_THAT(problem({"bf16=\x1b[31m"}), ::testing::HasSubstr("\\x1b"));
}

}  // namespace
}  // namespace lf
