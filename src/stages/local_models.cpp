#include "stages/local_models.h"

#include "base/error.h"
#include "base/strings.h"
#include "hub/error.h"
#include "hub/model_files.h"
#include "model/catalogue.h"

namespace lf {
namespace {

HubKeys hub_keys(const ModelOptions& options) {
  return {.cache_dir = options.cache_dir.value_or(""),
          .hf_hub_token = options.hf_hub_token.value_or(""),
          .ms_hub_token = options.ms_hub_token.value_or(""),
          .om_hub_token = options.om_hub_token.value_or("")};
}

/// find_model(), whose errors also tell what the catalogue knows of the name.
std::string find_base_model(const ModelRequest& request, const HubKeys& keys) {
  const CatalogueModel* known =
      request.name.find('/') == std::string::npos ? find_catalogue_model(request.name) : nullptr;
  LF_CHECK(kConfig, !known, "{} '{}' is a name, not a folder or repository{}", request.key, printable(request.name),
           catalogue_hint(request.name));
  try {
    return find_model(request, keys).string();
  } catch (const HubError& error) {
    const bool misspelt = error.trouble() == HubTrouble::kNoRepo || error.trouble() == HubTrouble::kUnauthorized;
    if (!misspelt || find_catalogue_model(request.name)) throw;
    throw HubError(error.trouble(), error.kind(), error.what() + catalogue_hint(request.name));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kConfig) throw;
    throw Error(error.kind(), error.what() + catalogue_hint(request.name));
  }
}

}  // namespace

RunConfig with_local_models(RunConfig config) {
  ModelOptions& model = config.model;
  const HubKeys keys = hub_keys(model);
  const bool by_folder = hub_of_environment() == HubSite::kModelScope;
  if (model.model_folder.empty() && !is_local_model(model.model_name_or_path)) {
    model.model_folder = find_base_model({.key = "model_name_or_path",
                                          .name = model.model_name_or_path,
                                          .revision = model.model_revision,
                                          .weights = !model.train_from_scratch,
                                          .pickles = model.allow_legacy_bin},
                                         keys);
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
