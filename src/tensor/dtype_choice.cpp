#include "tensor/dtype_choice.h"

#include <ATen/detail/CUDAHooksInterface.h>

namespace lf {

NarrowTypes gpu_narrow_types() {
  const auto& cuda = at::detail::getCUDAHooks();
  if (!cuda.hasCUDA() || cuda.deviceCount() == 0) return {};
  // From compute capability 8.0 on, which is what this question asks for.
  return {.fp16 = true, .bf16 = cuda.supportsBFloat16ConvolutionWithCuDNNv8()};
}

c10::ScalarType optimal_dtype(std::optional<c10::ScalarType> stored, const NarrowTypes& gpu) {
  if (gpu.bf16 && stored.value_or(c10::kBFloat16) == c10::kBFloat16) return c10::kBFloat16;
  return gpu.fp16 ? c10::kHalf : c10::kFloat;
}

c10::ScalarType held_dtype(c10::ScalarType stored, c10::Device device, const NarrowTypes& gpu) {
  return device.is_cuda() && stored == c10::kBFloat16 && !gpu.bf16 ? c10::kHalf : stored;
}

c10::ScalarType exported_dtype(c10::ScalarType stored, const NarrowTypes& gpu) {
  return stored == c10::kFloat ? optimal_dtype(c10::kBFloat16, gpu) : stored;
}

}  // namespace lf
