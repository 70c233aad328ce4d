// Loading for chat and export.
#include "adapters/tuning.h"
#include "base/error.h"
#include "base/log.h"
#include "stages/attention_choice.h"
#include "stages/chat_session.h"
#include "stages/local_models.h"
#include "stages/parameter_status.h"
#include "stages/run_vocabulary.h"
#include "stages/trainable_model.h"

namespace lf {

InferenceModel load_inference_model(const RunConfig& given, std::optional<c10::Device> device) {
  const RunConfig config = with_local_models(given);
  InferenceModel model;
  check_model_folder(config.model.folder(),
                     {.depth = depth_mode(config.model), .allow_legacy_bin = config.model.allow_legacy_bin});
  RunTokenizer run = load_run_tokenizer(config);
  model.tokenizer = std::move(run.tokenizer);
  model.chat_template = std::move(run.chat_template);
  check_vocabulary(config.model.folder(), *model.tokenizer, run.vocabulary);
  LoadOptions options = load_options(config, std::nullopt);
  options.device = device.value_or(options.device);
  model.loaded = load_model(config.model.folder(), options);
  model.vocabulary = grow_vocabulary(model.loaded, *model.tokenizer, run.vocabulary, config);
  merge_adapters(*model.loaded.model, config.model);
  model.loaded.model->train(false);
  log_info("model", "{}", attention_text(config.model, options.device));
  if (config.model.print_param_status) log_parameters(*model.loaded.model);
  return model;
}

}  // namespace lf
