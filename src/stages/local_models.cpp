#include "stages/local_models.h"

#include "hub/model_files.h"

namespace lf {
namespace {

HubKeys hub_keys(const ModelOptions& options) {
  return {.cache_dir = options.cache_dir.value_or(""),
          .hf_hub_token = options.hf_hub_token.value_or(""),
          .ms_hub_token = options.ms_hub_token.value_or(""),
          .om_hub_token = options.om_hub_token.value_or("")};
}

}  // namespace

RunConfig with_local_models(RunConfig config) {
  ModelOptions& model = config.model;
  const HubKeys keys = hub_keys(model);
  const bool by_folder = hub_of_environment() == HubSite::kModelScope;
  if (model.model_folder.empty() && !is_local_model(model.model_name_or_path)) {
    model.model_folder = find_model({.key = "model_name_or_path",
                                     .name = model.model_name_or_path,
                                     .revision = model.model_revision,
                                     .weights = !model.train_from_scratch,
                                     .pickles = model.allow_legacy_bin},
                                    keys)
                             .string();
    if (by_folder) model.model_name_or_path = model.model_folder;
  }
  if (!model.adapter_folders.empty()) return config;
  for (const std::string& name : model.adapter_name_or_path) {
    // As in upstream, model_revision is the adapters' too.
    model.adapter_folders.push_back(find_model({.key = "adapter_name_or_path",
                                                .name = name,
                                                .revision = model.model_revision,
                                                .subfolder = model.adapter_folder.value_or(""),
                                                .adapter = true,
                                                .pickles = model.allow_legacy_bin},
                                               keys)
                                        .string());
  }
  if (by_folder) model.adapter_name_or_path = model.adapter_folders;
  return config;
}

}  // namespace lf
