// `finetuning_type: full`: every parameter is trained, in fp32 (or in its own type with pure_bf16).
#include "adapters/method.h"
#include "adapters/own_weights.h"
#include "base/log.h"

namespace lf {

namespace {
std::unique_ptr<Tuning> start(const TuningRequest& request) {
  refuse_adapters(request);
  log_info("adapters", "Fine-tuning method: Full");
  return std::make_unique<OwnWeights>(
      request.model, [](const std::string&) { return true; }, !request.options.pure_bf16);
}
}  // namespace

extern const MethodEntry entry_full;
const MethodEntry entry_full{"full", "all parameters", start};

}  // namespace lf
