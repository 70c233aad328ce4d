#include "train/callbacks/counters.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace lf {
namespace {

struct Layer : Module {
  explicit Layer(std::string_view kind, int64_t count) : kind_(kind), weight(at::zeros({count})) {
    register_parameter("weight", weight);
  }
  std::string_view kind() const override { return kind_; }
  std::string_view kind_;
  Tensor weight;
};

struct TiedModel : Module {
  TiedModel() {
    register_module("embed_tokens", embed);
    register_module("proj", proj);
    register_parameter("lm_head", embed.weight);
  }
  Layer embed{"Embedding", 100};
  Layer proj{"Linear", 7};
};

TEST(Counters, tokens_are_counted_with_or_without_padding) {
  Batch batch;
  batch.ids = at::zeros({13}, at::kLong);
  batch.padded_tokens = 20;
  EXPECT_EQ(count_input_tokens(batch, parse_token_count("no")), 0);
  EXPECT_EQ(count_input_tokens(batch, parse_token_count("True")), 20);
  EXPECT_EQ(count_input_tokens(batch, parse_token_count("all")), 20);
  EXPECT_EQ(count_input_tokens(batch, parse_token_count("non_padding")), 13);
  EXPECT_THROW(parse_token_count("some"), Error);
}

TEST(Counters, flops_leave_out_embedding_tables_and_heads_tied_to_them) {
  TiedModel model;
  EXPECT_EQ(non_embedding_parameters(model), 7);
  Batch batch;
  batch.padded_tokens = 20;
  EXPECT_EQ(training_flos(batch, 7), 6.0 * 20 * 7);
}

}  // namespace
}  // namespace lf
