// Models and adapters that a configuration names by their place on a hub: downloaded, and found on this machine.
#pragma once
#include "config/run_config.h"

namespace lf {

/// `config` with model_folder and adapter_folders set. Local folders win; other names are downloaded from the hub of
/// the environment. The names stay as given (they go into adapter_config.json and model cards), except with ModelScope,
/// where upstream puts the folders in their place. Errors as find_model (hub/model_files.h).
RunConfig with_local_models(RunConfig config);

}  // namespace lf
