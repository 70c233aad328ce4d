// Loading for chat and export.
#include "adapters/tuning.h"
#include "base/error.h"
#include "stages/chat_session.h"
#include "stages/trainable_model.h"

namespace lf {

TemplateOptions template_options(const RunConfig& config) {
  return {.tool_format = config.data.tool_format,
          .default_system = config.data.default_system,
          .enable_thinking = config.data.enable_thinking,
          .preserve_thinking = config.data.preserve_thinking};
}

InferenceModel load_inference_model(const RunConfig& config, std::optional<c10::Device> device) {
  InferenceModel model;
  check_model_folder(config.model.model_name_or_path);
  model.tokenizer = load_tokenizer(config.model.model_name_or_path);
  model.chat_template = choose_template(config.data.template_name, *model.tokenizer, template_options(config));
  model.chat_template->fix_tokenizer(*model.tokenizer);
  LoadOptions options = load_options(config, std::nullopt);
  options.device = device.value_or(options.device);
  model.loaded = load_model(config.model.model_name_or_path, options);
  merge_adapters(*model.loaded.model, config.model);
  model.loaded.model->train(false);
  return model;
}

}  // namespace lf
