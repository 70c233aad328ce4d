#include "tensor/cpu_memory.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "tensor/tensor.h"

namespace lf {
namespace {

constexpr int64_t kMega = 1 << 20;

Tensor bytes(int64_t count) { return at::empty({count}, at::kByte); }

TEST(CpuMemory, TensorsKeepTheirValuesWhileBlocksAreSplitAndJoined) {
  use_cpu_pool();
  std::mt19937 random(1);
  std::vector<std::pair<Tensor, int>> held;
  for (int i = 0; i < 2000; ++i) {
    if (held.size() > 12) {
      const size_t at = random() % held.size();
      ASSERT_TRUE(held[at].first.eq(held[at].second).all().item<bool>());
      held.erase(held.begin() + static_cast<int64_t>(at));
    }
    held.emplace_back(bytes(1 + static_cast<int64_t>(random() % (3 * kMega))).fill_(i % 251), i % 251);
  }
  for (const auto& [tensor, value] : held) EXPECT_TRUE(tensor.eq(value).all().item<bool>());
}

TEST(CpuMemory, NoMoreIsHeldThanWasOnceAliveAtTheSameTime) {
  use_cpu_pool();
  size_t most = cpu_memory().live + cpu_memory().cached;  // other tests have run before
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    std::vector<Tensor> some;
    for (int i = 0; i < 1 + round % 9; ++i) {
      some.push_back(bytes(kMega / 4 + static_cast<int64_t>(random() % (8 * kMega))));
      most = std::max(most, cpu_memory().live + 16 * 4096);  // blocks are whole pages
      ASSERT_LE(cpu_memory().live + cpu_memory().cached, most + cpu_pool_slack(most));
    }
  }
}

TEST(CpuMemory, AFreedBlockServesTheNextTensorOfItsSizeAndSmallerOnes) {
  use_cpu_pool();
  Tensor first = bytes(5 * kMega);
  const void* place = first.const_data_ptr();
  first = Tensor();
  const size_t cached = cpu_memory().cached;
  Tensor again = bytes(5 * kMega);
  EXPECT_EQ(again.const_data_ptr(), place);
  EXPECT_EQ(cpu_memory().cached, cached - 5 * kMega);
  again = Tensor();
  const Tensor smaller = bytes(2 * kMega);
  EXPECT_EQ(cpu_memory().cached, cached - 2 * kMega);
}

TEST(CpuMemory, CountsWhatIsAliveAndStartsAgainOnRequest) {
  use_cpu_pool();
  const size_t before = cpu_memory().live;
  Tensor tensor = bytes(7 * kMega);
  EXPECT_EQ(cpu_memory().live, before + 7 * kMega);
  EXPECT_GE(cpu_memory().most_live, before + 7 * kMega);
  tensor = Tensor();
  reset_most_live();
  EXPECT_EQ(cpu_memory().most_live, before);
}

TEST(CpuMemory, BlocksMayBeGivenBackByOtherThreads) {
  use_cpu_pool();
  const size_t before = cpu_memory().live;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 200; ++i) {
        Tensor mine = bytes(kMega / 4 * (1 + (i + t) % 7)).fill_(t);
        std::thread([moved = std::move(mine), t] { EXPECT_EQ(moved[-1].item<int>(), t); }).join();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cpu_memory().live, before);
}

TEST(CpuMemory, ATensorThatCannotBeHadIsAnErrorThatSaysHowMuchWasWanted) {
  use_cpu_pool();
  try {
    bytes(int64_t{1} << 50);
    FAIL();
  } catch (const std::exception& error) {
    EXPECT_TRUE(std::string_view(error.what()).starts_with("not enough memory: 1125899906842624 bytes"));
  }
}

}  // namespace
}  // namespace lf
