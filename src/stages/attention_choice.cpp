#include "stages/attention_choice.h"

#include "base/log.h"

namespace lf {
namespace {

constexpr double kGroupSizeRatio = 0.25;

/// Where the value names an implementation that is not the one used.
std::string instead_of(const std::string& flash_attn, bool gpu) {
  if (flash_attn == "disabled") return " (flash_attn: disabled asks for vanilla attention; the results are the same)";
  if (flash_attn == "fa3") return " (flash_attn: fa3 is not part of libtorch; the results are the same)";
  if (flash_attn == "fa2" && !gpu) return " (flash_attn: fa2 needs a GPU; the results are the same)";
  return "";
}

}  // namespace

std::string attention_text(const ModelOptions& options, c10::Device device) {
  const std::string note = instead_of(options.flash_attn, device.is_cuda());
  if (device.is_cuda())
    return "Using FlashAttention-2 of libtorch for half precision and torch SDPA otherwise" + note + ".";
  return "Using libtorch's flash attention for the CPU" + note + ".";
}

double shifted_attention_ratio(const ModelOptions& options, const std::string& model_type) {
  if (!options.shift_attn) return 0;
  if (model_type != "llama") {
    log_warn("model", "Current model does not support shift short attention (its type is {}, llama was needed).",
             model_type);
    return 0;
  }
  log_info("model", "Using shift short attention with group_size_ratio=1/4.");
  return kGroupSizeRatio;
}

}  // namespace lf
