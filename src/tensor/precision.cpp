#include "tensor/precision.h"

namespace lf {

static thread_local std::optional<c10::ScalarType> compute_dtype;

ComputeDtype::ComputeDtype(std::optional<c10::ScalarType> dtype) : previous_(compute_dtype) { compute_dtype = dtype; }

ComputeDtype::~ComputeDtype() { compute_dtype = previous_; }

std::optional<c10::ScalarType> ComputeDtype::current() { return compute_dtype; }

}  // namespace lf
