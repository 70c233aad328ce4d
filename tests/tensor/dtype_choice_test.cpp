// bf16, else fp16, else fp32: each rule of docs/LOADING.md that depends on the machine.
#include "tensor/dtype_choice.h"

#include <gtest/gtest.h>

namespace lf {
namespace {

constexpr NarrowTypes kNone{}, kOld{.fp16 = true}, kNew{.fp16 = true, .bf16 = true};
const c10::Device kCpu(c10::DeviceType::CPU), kGpu(c10::DeviceType::CUDA, 0);

TEST(DtypeChoice, TheBestTypeIsBf16ThenFp16ThenFp32) {
  EXPECT_EQ(optimal_dtype(c10::kBFloat16, kNew), c10::kBFloat16);
  EXPECT_EQ(optimal_dtype(std::nullopt, kNew), c10::kBFloat16);
  EXPECT_EQ(optimal_dtype(c10::kHalf, kNew), c10::kHalf);
  EXPECT_EQ(optimal_dtype(c10::kFloat, kNew), c10::kHalf);
  EXPECT_EQ(optimal_dtype(c10::kBFloat16, kOld), c10::kHalf);
  EXPECT_EQ(optimal_dtype(std::nullopt, kOld), c10::kHalf);
  EXPECT_EQ(optimal_dtype(c10::kBFloat16, kNone), c10::kFloat);
  EXPECT_EQ(optimal_dtype(std::nullopt, kNone), c10::kFloat);
}

TEST(DtypeChoice, WeightsAreHeldAsStoredUnlessTheGpuLacksTheirType) {
  for (const c10::ScalarType stored : {c10::kFloat, c10::kHalf, c10::kBFloat16}) {
    EXPECT_EQ(held_dtype(stored, kCpu, kNone), stored);
    EXPECT_EQ(held_dtype(stored, kCpu, kOld), stored);
    EXPECT_EQ(held_dtype(stored, kGpu, kNew), stored);
  }
  EXPECT_EQ(held_dtype(c10::kBFloat16, kGpu, kOld), c10::kHalf);
  EXPECT_EQ(held_dtype(c10::kFloat, kGpu, kOld), c10::kFloat);
}

TEST(DtypeChoice, ExportsNarrowFp32WhereThereIsAGpu) {
  EXPECT_EQ(exported_dtype(c10::kFloat, kNew), c10::kBFloat16);
  EXPECT_EQ(exported_dtype(c10::kFloat, kOld), c10::kHalf);
  EXPECT_EQ(exported_dtype(c10::kFloat, kNone), c10::kFloat);
  EXPECT_EQ(exported_dtype(c10::kHalf, kNew), c10::kHalf);
  EXPECT_EQ(exported_dtype(c10::kBFloat16, kNone), c10::kBFloat16);
}

}  // namespace
}  // namespace lf
