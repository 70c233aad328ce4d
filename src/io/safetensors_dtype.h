// Between the dtypes of the file format and libtorch's.
#pragma once
#include <c10/core/ScalarType.h>

#include <optional>

#include "io/safetensors_header.h"

namespace lf {

/// nullopt for dtypes that libtorch lacks.
std::optional<c10::ScalarType> scalar_type_of(SafetensorsDtype dtype);
/// kUnsupported for dtypes that the format lacks (quantized, complex128, ...).
SafetensorsDtype safetensors_dtype_of(c10::ScalarType type);

}  // namespace lf
