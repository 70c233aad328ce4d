// The program as a user calls it: output, errors and exit codes, in process.
#include "cli/program.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "base/json.h"
#include "base/registry.h"
#include "base/strings.h"
#include "cli/command.h"
#include "cli/help_text.h"
#include "cli/model_table.h"
#include "config/fields.h"
#include "config/known_keys.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "support/shared.h"

namespace lf {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Result {
  int status = 0;
  std::string out, err;
};

Result call(const std::vector<std::string>& args) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Result result;
  result.status = run_program(args);
  result.out = ::testing::internal::GetCapturedStdout();
  result.err = ::testing::internal::GetCapturedStderr();
  return result;
}

std::string write_file(const std::string& name, const std::string& text) {
  const std::string path = ::testing::TempDir() + name;
  std::ofstream(path) << text;
  return path;
}

TEST(Program, without_arguments_shows_the_commands_70_columns_wide) {
  const Result result = call({});
  EXPECT_EQ(result.status, 0);
  for (const std::string& line : split(std::string(trim(result.out)), '\n')) EXPECT_EQ(line.size(), 70u) << line;
  for (const char* command : {"train -h", "chat -h", "export -h", "env", "version", "help", "config"}) {
    EXPECT_THAT(result.out, HasSubstr(std::string("|   llamafactory-cli ") + command));
  }
}

TEST(Program, version_is_a_banner_of_58_columns) {
  const Result result = call({"version"});
  EXPECT_EQ(result.status, 0);
  for (const std::string& line : split(std::string(trim(result.out)), '\n')) EXPECT_EQ(line.size(), 58u) << line;
  EXPECT_THAT(result.out, HasSubstr(std::string("version ") + LF_VERSION));
}

TEST(Program, an_unknown_command_is_a_usage_error_with_a_suggestion) {
  const Result result = call({"trian"});
  EXPECT_EQ(result.status, 64);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("error[usage]: 'trian' is not a command; did you mean train?"), HasSubstr("| Usage:")));
  EXPECT_THAT(call({"my.yaml"}).err, HasSubstr("to train: llamafactory-cli train my.yaml"));
}

TEST(Program, a_bad_configuration_ends_with_78_and_every_problem) {
  const std::string path = write_file("bad.yaml", "model_name_or_path: m\nlearning_rat: 1\nlora_rank: x\n");
  for (const char* command : {"train", "chat", "export"}) {
    const Result result = call({command, path});
    EXPECT_EQ(result.status, 78) << command;
    EXPECT_THAT(result.err, AllOf(HasSubstr("error[config]: 2 problems"), HasSubstr("bad.yaml:2:1: learning_rat"),
                                  HasSubstr("bad.yaml:3:12: lora_rank")));
  }
  EXPECT_EQ(call({"train"}).status, 78);
  EXPECT_EQ(call({"train", "/nowhere.yaml"}).status, 74);
}

TEST(Program, errors_have_no_colour_or_control_characters_when_piped) {
  const Result result = call({"train", "--model_name_or_path", "m", "--\x1b[31mx", "1"});
  EXPECT_THAT(result.err, AllOf(Not(HasSubstr("\x1b")), HasSubstr("\\x1b[31mx is not a key")));
}

TEST(Help, lists_every_option_of_the_command_under_topics) {
  for (const char* form : {"-h", "--help"}) {
    const Result result = call({"train", form});
    EXPECT_EQ(result.status, 0);
    for (const FieldRef& field : default_fields(ConfigKind::kTrain)) {
      EXPECT_THAT(result.out, HasSubstr("  --" + std::string(field.info.key) + " <")) << field.info.key;
      EXPECT_THAT(result.out, HasSubstr("\n" + std::string(field.info.topic) + "\n"));
    }
  }
  const Result chat = call({"chat", "-h"});
  EXPECT_THAT(chat.out, AllOf(HasSubstr("--temperature <number>"), HasSubstr("default: 0.95"),
                              Not(HasSubstr("--learning_rate"))));
  EXPECT_THAT(call({"export", "-h"}).out, HasSubstr("--export_size"));
  EXPECT_THAT(call({"help", "train"}).out, HasSubstr("--learning_rate <number>"));
}

TEST(Help, shows_defaults_and_choices) {
  const std::string out = call({"train", "-h"}).out;
  EXPECT_THAT(out, HasSubstr("default: sft; one of pt, sft"));
  EXPECT_THAT(out, HasSubstr("(default: 5.0e-05)"));
}

TEST(Help, explains_a_single_key) {
  EXPECT_THAT(call({"train", "--help", "learning_rate"}).out,
              AllOf(HasSubstr("peak learning rate"), HasSubstr("type: number"), HasSubstr("--learning_rate VALUE")));
  EXPECT_THAT(call({"train", "--help", "--lora-rank"}).out, HasSubstr("rank of the adapter"));
  EXPECT_THAT(call({"train", "--help", "use_dora"}).out, HasSubstr("not available yet; use plain LoRA"));
  EXPECT_THAT(call({"chat", "--help", "learning_rate"}).out, HasSubstr("not a key of this command"));
  const Result unknown = call({"train", "--help", "learning_rat"});
  EXPECT_EQ(unknown.status, 78);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean learning_rate?"));
}

TEST(Env, prints_upstreams_lines_and_json) {
  const Result text = call({"env"});
  EXPECT_THAT(text.out, AllOf(HasSubstr("- `llamafactory` version: "), HasSubstr("- Platform: Linux"),
                              HasSubstr("- PyTorch version: "), HasSubstr("- Default data directory: ")));
  const Json json = parse_json(call({"env", "--json"}).out, "env");
  EXPECT_TRUE(json.contains("CPU threads"));
  EXPECT_EQ(call({"env", "--xml"}).status, 78);
}

TEST(ConfigCommand, check_reports_all_or_says_that_all_is_well) {
  const std::string good = write_file("good.yaml", "model_name_or_path: m\ndo_train: true\ndataset: d\nbf16: true\n");
  const Result fine = call({"config", "check", good});
  EXPECT_EQ(fine.status, 0);
  EXPECT_THAT(fine.out, HasSubstr("good.yaml: no problems (4 keys given)"));
  const Result bad = call({"config", "check", good, "stage=dpo", "lora_rank=0"});
  EXPECT_EQ(bad.status, 78);
  EXPECT_THAT(bad.err, AllOf(HasSubstr("stage 'dpo'"), HasSubstr("lora_rank must be at least 1")));
}

TEST(ConfigCommand, tells_how_it_is_used) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"config", "-h"}, {"config", "explain", "--help"}}) {
    const Result help = call(args);
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.out, HasSubstr("config explain FILE"));
  }
}

TEST(ConfigCommand, explain_and_show_follow_the_values) {
  const std::string path = write_file("some.yaml", "model_name_or_path: m\ndo_train: true\ndataset: d\n");
  EXPECT_THAT(call({"config", "explain", path, "lora_rank=3"}).out, HasSubstr("lora_rank: 3"));
  EXPECT_THAT(call({"config", "show", path}).out, HasSubstr("\nlora_alpha: 16\n"));
  const std::string chat = write_file("chat.yaml", "model_name_or_path: m\n");
  EXPECT_THAT(call({"config", "show", chat}).out, Not(HasSubstr("learning_rate")));
  EXPECT_THAT(call({"config", "show", chat, "--for", "train"}).out, HasSubstr("learning_rate"));
  EXPECT_EQ(call({"config", "check", chat, "--for", "dinner"}).status, 78);
  EXPECT_THAT(call({"config", "chek", path}).err, HasSubstr("did you mean check?"));
}

TEST(ConfigCommand, schema_has_every_key) {
  const Json schema = parse_json(call({"config", "schema", "--json"}).out, "schema");
  EXPECT_EQ(schema.size(), 415 + keys::own().size());
}

TEST(Documentation, the_table_of_keys_in_config_md_is_the_programs_own) {
  std::ifstream in(testing::source_dir() / "docs/CONFIG.md");
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr(schema_markdown())) << "run tools/config_doc.sh";
}

TEST(Documentation, the_tables_of_models_md_are_the_programs_own) {
  std::ifstream in(testing::source_dir() / "docs/MODELS.md");
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr(catalogue_markdown())) << "run tools/models_doc.sh";
}

TEST(ModelCommand, lists_the_catalogue_with_filters) {
  const Result all = call({"model", "list"});
  EXPECT_EQ(all.status, 0);
  EXPECT_THAT(all.out, AllOf(HasSubstr("NAME "), HasSubstr("Qwen/Qwen3-8B-Base"), HasSubstr("634 models, ")));
  const Result some = call({"model", "list", "--filter", "SmolLM2"});
  EXPECT_THAT(some.out, AllOf(HasSubstr("HuggingFaceTB/SmolLM2-135M"), HasSubstr("6 models, 6 of them supported"),
                              Not(HasSubstr("Qwen"))));
  EXPECT_THAT(call({"model", "list", "--unsupported", "--filter=qwen2-vl"}).out,
              HasSubstr("no: multimodal models are not available yet"));
  const Json json = parse_json(call({"model", "list", "--filter", "smollm2-135m", "--json"}).out, "list");
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["size"], "135M");
  EXPECT_EQ(json[1]["template"], "smollm2");
  EXPECT_TRUE(json[0]["supported"].get<bool>());
}

TEST(ModelCommand, shows_one_model_and_suggests_near_names) {
  EXPECT_THAT(call({"model", "list", "Qwen2-7B-Instruct-AWQ"}).out,
              AllOf(HasSubstr("model_type: qwen2\n"), HasSubstr("supported: no: quantised weights (awq)"),
                    HasSubstr("model_name_or_path: Qwen/Qwen2-7B-Instruct-AWQ\ntemplate: qwen\n")));
  const Result unknown = call({"model", "list", "Qwen2-7B-Instrukt"});
  EXPECT_EQ(unknown.status, 78);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean Qwen2-7B-Instruct"));
  EXPECT_THAT(call({"model", "lst"}).err, HasSubstr("did you mean list?"));
  EXPECT_THAT(call({"model", "--help"}).out, HasSubstr("model info FOLDER"));
}

TEST(ModelCommand, describes_a_folder) {
  const std::string demo = (testing::source_dir() / "examples/demo/model").string();
  EXPECT_THAT(call({"model", "info", demo}).out,
              AllOf(HasSubstr("model_type: "), HasSubstr("parameters: "), HasSubstr("weights: ")));
  const Json json = parse_json(call({"model", "info", demo, "--json"}).out, "info");
  EXPECT_GT(json["weight_bytes"].get<int64_t>(), 0);
  const Result none = call({"model", "info", "Qwen/Qwen2-7B"});
  EXPECT_EQ(none.status, 74);
  EXPECT_THAT(none.err, HasSubstr("the catalogue has Qwen2-7B"));
  EXPECT_EQ(call({"model", "info"}).status, 78);
}

TEST(Train, a_name_of_the_catalogue_is_answered_with_its_repository) {
  const std::string path = write_file(
      "name.yaml", "model_name_or_path: Llama-3-8B-Instruct\ndo_train: true\ndataset: d\ntemplate: llama3\n");
  const Result result = call({"train", path, "output_dir=" + ::testing::TempDir() + "named"});
  EXPECT_EQ(result.status, 78);
  EXPECT_THAT(result.err, HasSubstr("its repository is meta-llama/Meta-Llama-3-8B-Instruct"));
}

TEST(Choices, of_optim_and_lr_scheduler_type_are_what_is_built_in) {
  const auto choices = [](std::string_view key) {
    const FieldRef* field = find_field(default_fields(ConfigKind::kTrain), key);
    return std::vector<std::string>(field->info.choices.begin(), field->info.choices.end());
  };
  EXPECT_THAT(choices("optim"), ::testing::UnorderedElementsAreArray(entry_names(all_optimizers())));
  for (const std::string& name : entry_names(all_schedules()))
    EXPECT_THAT(choices("lr_scheduler_type"), ::testing::Contains(name));
}

TEST(Commands, are_named_as_their_files) {
  for (const CommandEntry* command : all_commands()) {
    EXPECT_EQ(std::string(command->usage).rfind(command->name, 0), 0u) << command->name;
    EXPECT_FALSE(command->help.empty());
  }
}

}  // namespace
}  // namespace lf
