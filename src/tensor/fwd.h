// Forward declarations, for headers that only name tensors.
#pragma once
namespace at {
class Tensor;
}
namespace lf {
using Tensor = at::Tensor;
}
