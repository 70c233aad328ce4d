// What `flash_attn` and `shift_attn` come to here.
#pragma once
#include <c10/core/Device.h>

#include <string>

#include "config/model_options.h"

namespace lf {

/// The kernel that computes attention on `device`, for the log. Every value of flash_attn is computed by libtorch's
/// flash kernels, with equal results; where a value asks for something else, the line says so.
std::string attention_text(const ModelOptions& options, c10::Device device);

/// Group size over sequence length of shifted sparse attention in training; 0 = full attention. A warning where
/// shift_attn is set for a model type other than llama, which upstream does not support either.
double shifted_attention_ratio(const ModelOptions& options, const std::string& model_type);

}  // namespace lf
