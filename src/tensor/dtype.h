// Names of element types, as Hugging Face writes them in config.json ("bfloat16", "torch.float16").
#pragma once
#include <c10/core/ScalarType.h>

#include <string>
#include <string_view>

namespace lf {

/// "float32", "bfloat16", "float16", "int64", ...
std::string dtype_name(c10::ScalarType dtype);
/// The floating types of checkpoints, with or without "torch." and by short name (fp32, bf16, fp16). `where` names the
/// key; kConfig.
c10::ScalarType dtype_from_name(std::string_view name, std::string_view where);

}  // namespace lf
