#include "train/report/model_card.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "support/shared.h"
#include "support/temp_folder.h"
#include "train/report/trainer_state.h"

namespace lf {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ModelCard golden_card(const std::string& run) {
  ModelCard card{.model_name = run, .base_model = "MODEL", .datasets = {run == "sft_lora" ? "toy_sft" : "toy_dpo"}};
  card.log_history =
      read_trainer_state(lf::testing::shared_path("golden/data/training/artifacts/" + run + "/trainer_state.json"))
          .log_history;
  card.learning_rate = 0.002;
  card.train_batch_size = 2;
  card.eval_batch_size = run == "sft_lora" ? 2 : 8;
  card.seed = 7;
  card.optim = "adamw_torch";
  card.lr_scheduler_type = "cosine";
  card.warmup_steps = 3;
  card.max_steps = run == "sft_lora" ? 8 : 4;
  card.frameworks = {{"PEFT", "0.18.1"},
                     {"Transformers", "5.8.0"},
                     {"Pytorch", "2.13.0+cpu"},
                     {"Datasets", "4.0.0"},
                     {"Tokenizers", "0.22.2"}};
  return card;
}

TEST(ModelCard, adapter_cards_equal_those_of_upstream) {
  LF_REQUIRE_SHARED();
  for (const std::string run : {"sft_lora", "dpo_lora"}) {
    const std::string wanted =
        read_file(lf::testing::shared_path("golden/data/training/artifacts/" + run + "/README.md"));
    EXPECT_EQ(model_card_text(golden_card(run)), wanted);
  }
}

TEST(ModelCard, a_full_model_carries_the_trainer_tags_and_our_versions) {
  ModelCard card{.model_name = "out",
                 .base_model = "org/base",
                 .finetuning_type = "full",
                 .adapter = false,
                 .datasets = {"a", "b", "c"}};
  card.gradient_accumulation_steps = 4;
  card.world_size = 2;
  card.optim = "sgd";
  card.fp16 = true;
  const std::string text = model_card_text(card);
  EXPECT_THAT(
      text,
      HasSubstr("library_name: transformers\nlicense: other\nbase_model: org/base\ntags:\n- llama-factory\n- full\n"
                "- generated_from_trainer\nmodel-index:\n- name: out\n  results: []\n---\n"));
  EXPECT_THAT(text, HasSubstr("on the a, the b and the c datasets."));
  EXPECT_THAT(text, HasSubstr("- num_devices: 2\n- gradient_accumulation_steps: 4\n- total_train_batch_size: 64\n- "
                              "total_eval_batch_size: 16\n"));
  EXPECT_THAT(text,
              HasSubstr("- optimizer: Use OptimizerNames.SGD and the args are:\nNo additional optimizer arguments\n"));
  EXPECT_THAT(text, HasSubstr("- num_epochs: 3.0\n- mixed_precision_training: Native AMP\n"));
  EXPECT_THAT(text, HasSubstr("- LLaMA-Factory (native C++) " LF_VERSION "\n- Libtorch 2."));
  EXPECT_THAT(text, Not(HasSubstr("Training results")));
}

TEST(ModelCard, names_that_yaml_would_misread_are_quoted) {
  const ModelCard card{.model_name = "123", .base_model = "C: it's", .adapter = false};
  const std::string text = model_card_text(card);
  EXPECT_THAT(text, HasSubstr("base_model: 'C: it''s'\n"));
  EXPECT_THAT(text, HasSubstr("- name: '123'\n"));
}

TEST(ModelCard, rows_before_the_first_logged_loss_say_no_log) {
  ModelCard card{.model_name = "m"};
  card.log_history = {{{"eval_loss", 2.0}, {"eval_accuracy", 0.51234}, {"epoch", 1.0}, {"step", 2}},
                      {{"loss", 1.25}, {"epoch", 2.0}, {"step", 4}},
                      {{"eval_loss", 1.0}, {"eval_accuracy", 0.5}, {"epoch", 2.0}, {"step", 4}},
                      {{"train_runtime", 1.0}, {"train_loss", 1.5}, {"epoch", 2.0}, {"step", 4}}};
  const std::string text = model_card_text(card);
  EXPECT_THAT(text, HasSubstr("| Training Loss | Epoch | Step | Validation Loss | Accuracy |\n"
                              "|:-------------:|:-----:|:----:|:---------------:|:--------:|\n"
                              "| No log        | 1.0   | 2    | 2.0             | 0.5123   |\n"
                              "| 1.25          | 2.0   | 4    | 1.0             | 0.5      |\n"));
  EXPECT_THAT(text, HasSubstr("evaluation set:\n- Loss: 1.0\n- Accuracy: 0.5\n\n## Model description"));
  EXPECT_THAT(text, HasSubstr("- transformers\nmetrics:\n- accuracy\npipeline_tag: text-generation\n"));
  lf::testing::TempFolder temp;
  write_model_card(temp.path(), card);
  EXPECT_EQ(read_file(temp.path() / "README.md"), text);
}

}  // namespace
}  // namespace lf
