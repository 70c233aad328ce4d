// Loading for chat and export.
#include "adapters/tuning.h"
#include "base/error.h"
#include "stages/chat_session.h"
#include "stages/local_models.h"
#include "stages/run_tokenizer.h"
#include "stages/trainable_model.h"

namespace lf {

InferenceModel load_inference_model(const RunConfig& given, std::optional<c10::Device> device) {
  const RunConfig config = with_local_models(given);
  InferenceModel model;
  check_model_folder(config.model.folder());
  RunTokenizer run = load_run_tokenizer(config);
  model.tokenizer = std::move(run.tokenizer);
  model.chat_template = std::move(run.chat_template);
  LoadOptions options = load_options(config, std::nullopt);
  options.device = device.value_or(options.device);
  model.loaded = load_model(config.model.folder(), options);
  merge_adapters(*model.loaded.model, config.model);
  model.loaded.model->train(false);
  return model;
}

}  // namespace lf
