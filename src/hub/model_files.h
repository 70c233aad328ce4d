// Which files of a model repository are needed, and where a model is that a configuration names.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "hub/repo.h"

namespace lf {

/// Configuration, safetensors weights with their index, tokenizer, chat templates, generation settings and adapter
/// files among `names`, in `subfolder` ("" = the top). Pickled weights (.bin) only where there are no safetensors.
std::vector<std::string> select_model_files(const std::vector<std::string>& names, const std::string& subfolder = "");

struct ModelRequest {
  std::string key;   // model_name_or_path or adapter_name_or_path, for messages
  std::string name;  // its value
  std::string revision = "main";
  std::string subfolder;  // adapter_folder
  bool adapter = false;   // adapter_config.json is needed instead of config.json
  bool weights = true;    // false: train_from_scratch
  bool pickles = false;   // allow_legacy_bin: where there are no safetensors
};

/// True when `name` is a folder (or any path) on this machine.
bool is_local_model(const std::string& name);
/// The folder of a model: `name` itself when it is there (a local folder wins), else it is a repository of the hub of
/// the environment and downloaded. kConfig when it is neither; kUnsupported when its weights are only
/// pickled and request.pickles is false;
/// HubError.
std::filesystem::path find_model(const ModelRequest& request, const HubKeys& keys);

}  // namespace lf
