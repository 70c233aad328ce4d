// The written configuration: it runs the same again, says where values came from, and keeps secrets.
#include "config/dump.h"

#include "config/helpers.h"

namespace lf {
namespace {

using ::testing::HasSubstr;
using testing::kBase;
using ::testing::Not;
using testing::train;

TEST(Dump, reads_back_to_the_same_configuration) {
  const RunConfig first =
      train(kBase +
            "stage: pt\npacking: true\ncutoff_len: 100\nwarmup_ratio: 0.1\nlora_target: a,b\nlora_alpha: 3\n"
            "lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr: 1e-6, word: 'a, b'}\n"
            "default_system: \"line one\\nline: two # x\"\nval_size: 0.1\neval_strategy: steps\nadam_epsilon: 1e-7\n"
            "run_name: 'no'\nresume_from_checkpoint: 'false'\neval_steps: 10\n");
  const std::string text = to_yaml(first);
  const RunConfig second = train(text);
  EXPECT_EQ(second.data.cutoff_len, 99);
  EXPECT_EQ(second.data.default_system, "line one\nline: two # x");
  EXPECT_EQ(second.training.lr_scheduler_kwargs, first.training.lr_scheduler_kwargs);
  EXPECT_EQ(second.training.adam_epsilon, 1e-7);
  EXPECT_EQ(to_yaml(second), text);
}

TEST(Dump, what_packing_did_to_cutoff_is_not_done_twice) {
  const std::string text = to_yaml(train(kBase + "stage: pt\n"));
  EXPECT_THAT(text, HasSubstr("packing: null  # true in effect"));
  EXPECT_EQ(train(text).data.cutoff_len, 2048);
}

TEST(Dump, has_topics_and_every_option) {
  const std::string text = to_yaml(train(kBase));
  EXPECT_THAT(text, HasSubstr("\n### Model\nmodel_name_or_path: m\n"));
  EXPECT_THAT(text, HasSubstr("\nlearning_rate: 5.0e-05\n"));
  EXPECT_THAT(text, HasSubstr("\neval_strategy: \"no\"\n"));
}

TEST(Dump, secrets_never_appear) {
  const RunConfig config = train(kBase + "hf_hub_token: planted-secret\nhub_token: planted-secret\n");
  EXPECT_THAT(to_yaml(config), Not(HasSubstr("planted")));
  EXPECT_THAT(explain(config), Not(HasSubstr("planted")));
  EXPECT_THAT(to_yaml(config), HasSubstr("hf_hub_token: given, not written"));
  EXPECT_EQ(train(to_yaml(config)).model.hf_hub_token, std::nullopt);
}

TEST(Explain, says_where_each_value_came_from) {
  setenv("LF_TEST_OUT", "out", 1);
  const std::string text = explain(train(kBase + "output_dir: ${oc.env:LF_TEST_OUT}\n", {"lora_rank=3"}));
  const auto line_of = [&](const std::string& key) {
    const size_t start = text.find("\n" + key + ": ") + 1;
    return text.substr(start, text.find('\n', start) - start);
  };
  EXPECT_THAT(line_of("dataset"), HasSubstr("# t.yaml:3:10"));
  EXPECT_THAT(line_of("lora_rank"), HasSubstr("# command line"));
  EXPECT_THAT(line_of("lora_alpha"), HasSubstr("# from lora_rank"));
  EXPECT_THAT(line_of("learning_rate"), HasSubstr("# default"));
  EXPECT_THAT(line_of("output_dir"), HasSubstr("environment LF_TEST_OUT"));
}

}  // namespace
}  // namespace lf
