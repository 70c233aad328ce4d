#include "tensor/device.h"

#include <ATen/detail/CUDAHooksInterface.h>

#include <cstdlib>

#include "base/error.h"

namespace lf {

c10::Device working_device(bool use_cpu) {
  const auto& cuda = at::detail::getCUDAHooks();
  const int count = use_cpu || !cuda.hasCUDA() ? 0 : static_cast<int>(cuda.deviceCount());
  if (count == 0) return c10::Device(c10::DeviceType::CPU);
  const char* rank = std::getenv("LOCAL_RANK");
  const int index = rank != nullptr ? std::atoi(rank) : 0;
  LF_CHECK(kConfig, index >= 0 && index < count, "LOCAL_RANK is {}, but this machine has {} GPU(s)", index, count);
  return c10::Device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(index));
}

}  // namespace lf
