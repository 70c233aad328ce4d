// `finetuning_type: freeze`: some blocks, or modules in them, are trained; the rest stays as it was loaded.
#include "adapters/freeze_choice.h"
#include "adapters/method.h"
#include "adapters/own_weights.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "model/decoder.h"

namespace lf {

namespace {
std::vector<std::string> parameter_names(Module& model) {
  std::vector<std::string> names;
  for (const NamedParameter& parameter : model.named_parameters()) names.push_back(parameter.name);
  return names;
}

int64_t block_count(Module& model) {
  auto* decoder = dynamic_cast<Decoder*>(&model);
  return decoder ? static_cast<int64_t>(decoder->layers().size()) : 0;
}

std::unique_ptr<Tuning> start(const TuningRequest& request) {
  refuse_adapters(request);
  log_info("adapters", "Fine-tuning method: Freeze");
  const FreezeChoice choice(parameter_names(request.model), block_count(request.model), request.options);
  auto tuning = std::make_unique<OwnWeights>(
      request.model, [&](const std::string& name) { return choice.trains(name); }, !request.options.pure_bf16);
  LF_CHECK(kConfig, !tuning->trainable().empty(),
           "finetuning_type: freeze trains nothing: freeze_trainable_layers is {} and freeze_extra_modules names no "
           "module",
           request.options.freeze_trainable_layers);
  log_info("adapters", "Set trainable layers: {}", join(choice.patterns(), ","));
  return tuning;
}
}  // namespace

extern const MethodEntry entry_freeze;
const MethodEntry entry_freeze{"freeze", "some blocks, or modules in them", start};

}  // namespace lf
