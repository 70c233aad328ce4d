// The loss scale of fp16: torch.amp.GradScaler's numbers, and that it goes on from a checkpoint.
#include "train/loss_scale.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "train/loop_state.h"

namespace lf {
namespace {

TEST(LossScale, HalvesAtAnOverflowAndDoublesAfterTwoThousandSteps) {
  LossScale scale;
  EXPECT_EQ(scale.value(), 65536.0);
  scale.update(false);
  scale.update(false);
  EXPECT_EQ(scale.value(), 16384.0);
  for (int i = 0; i < 1999; ++i) scale.update(true);
  EXPECT_EQ(scale.value(), 16384.0);
  scale.update(true);
  EXPECT_EQ(scale.value(), 32768.0);
  EXPECT_EQ(scale.finite_in_a_row(), 0);
  for (int i = 0; i < 1999; ++i) scale.update(true);
  scale.update(false);
  EXPECT_EQ(scale.value(), 16384.0) << "an overflow starts the count anew";
}

TEST(LossScale, IsPartOfACheckpoint) {
  LoopState state;
  state.loss_scale.update(false);
  for (int i = 0; i < 7; ++i) state.loss_scale.update(true);
  const LoopState again = LoopState::from_json(state.to_json());
  EXPECT_EQ(again.loss_scale.value(), 32768.0);
  EXPECT_EQ(again.loss_scale.finite_in_a_row(), 7);
  EXPECT_EQ(LoopState::from_json(Json::object()).loss_scale.value(), 65536.0) << "checkpoints of earlier versions";
  EXPECT_THROW(LoopState::from_json({{"loss_scale", 0.0}}), Error);
}

}  // namespace
}  // namespace lf
