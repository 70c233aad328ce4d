// Where the hubs are, where files are kept, and who asks: the keys of a configuration over the environment variables
// that the Python clients read.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "hub/ask.h"
#include "hub/http.h"

namespace lf {

enum class HubSite { kHuggingFace, kModelScope, kOpenMind };
/// "Hugging Face", "ModelScope", "Modelers (OpenMind)".
const char* hub_name(HubSite site);
/// kModelScope when USE_MODELSCOPE_HUB is 1, true or y, kOpenMind for USE_OPENMIND_HUB, else kHuggingFace.
HubSite hub_of_environment();

/// What a configuration says (keys of LLaMA-Factory); empty = not given.
struct HubKeys {
  std::string cache_dir;
  std::string hf_hub_token, ms_hub_token, om_hub_token;
};

struct HubSettings {
  HubSite site = HubSite::kHuggingFace;
  std::string endpoint;         // without '/' at the end
  std::filesystem::path cache;  // absolute
  std::string token;            // "" = none
  std::string token_hint;       // how to give one
  bool offline = false;
  bool symlinks = true;  // false: HF_HUB_DISABLE_SYMLINKS
  HttpLimits limits;
  RetryPolicy retry;
  int workers = 4;  // files at a time
};

/// Hugging Face: HF_ENDPOINT; cache_dir > HF_HUB_CACHE > HUGGINGFACE_HUB_CACHE > HF_HOME/hub >
/// XDG_CACHE_HOME/huggingface/hub > ~/.cache/huggingface/hub; hf_hub_token > HF_TOKEN > HUGGING_FACE_HUB_TOKEN > the
/// file HF_TOKEN_PATH or HF_HOME/token (not with HF_HUB_DISABLE_IMPLICIT_TOKEN); HF_HUB_OFFLINE or
/// TRANSFORMERS_OFFLINE; HF_HUB_DOWNLOAD_TIMEOUT. ModelScope: MODELSCOPE_ENDPOINT, MODELSCOPE_DOMAIN; cache_dir >
/// MODELSCOPE_CACHE > ~/.cache/modelscope; ms_hub_token > MODELSCOPE_API_TOKEN; offline as above. Both:
/// LLAMAFACTORY_HUB_RETRY_SECONDS, the first wait between tries (default 1). kUnsupported for OpenMind, kConfig for a
/// bad endpoint, token or number.
HubSettings hub_settings(HubSite site, const HubKeys& keys);

}  // namespace lf
