#include "hub/settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "hub/url.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string first_of(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string value = variable(name); !value.empty()) return value;
  }
  return "";
}

/// The Hugging Face client's idea of true.
bool is_on(const std::string& value) {
  const std::string lower = to_lower(value);
  return lower == "1" || lower == "on" || lower == "yes" || lower == "true";
}

/// LLaMA-Factory's.
bool is_enabled(const char* name) {
  const std::string lower = to_lower(variable(name));
  return lower == "1" || lower == "true" || lower == "y";
}

/// ~ at the start and $NAME or ${NAME} anywhere, as Python's expanduser and expandvars.
fs::path expanded(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const bool braces = text.compare(i, 2, "${") == 0;
    const size_t start = i + (braces ? 2 : 1);
    size_t end = start;
    if (text[i] == '$') {
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
    }
    const bool closed = !braces || (end < text.size() && text[end] == '}');
    const std::string name = text.substr(start, end - start);
    if (text[i] == '$' && !name.empty() && closed && std::getenv(name.c_str())) {
      out += variable(name.c_str());
      i = end + (braces ? 1 : 0);
    } else {
      out += text[i++];
    }
  }
  if (out == "~" || out.starts_with("~/")) out = variable("HOME") + out.substr(1);
  return fs::absolute(out).lexically_normal();
}

fs::path user_cache() { return expanded("~/.cache"); }

fs::path hf_home() {
  if (const std::string home = variable("HF_HOME"); !home.empty()) return expanded(home);
  const std::string xdg = variable("XDG_CACHE_HOME");
  return (xdg.empty() ? user_cache() : expanded(xdg)) / "huggingface";
}

/// Line ends and blanks around it removed, as the Python client does; nothing else that could break a header.
std::string clean_token(std::string text, const std::string& source) {
  text = std::string(trim(replace_all(replace_all(std::move(text), "\r", ""), "\n", "")));
  const bool good = std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  LF_CHECK(kConfig, good, "the token of {} holds characters that no token has", source);
  return text;
}

std::string hf_token(const HubKeys& keys) {
  if (!keys.hf_hub_token.empty()) return clean_token(keys.hf_hub_token, "hf_hub_token");
  if (is_on(variable("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) return "";
  const std::string given = first_of({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"});
  if (std::string token = clean_token(given, "HF_TOKEN"); !token.empty()) return token;
  const std::string named = variable("HF_TOKEN_PATH");
  const fs::path file = named.empty() ? hf_home() / "token" : expanded(named);
  std::error_code status;
  return fs::is_regular_file(file, status) ? clean_token(read_file(file, 1 << 16), file.string()) : "";
}

double seconds_of(const char* name, double fallback) {
  const std::string text = variable(name);
  if (text.empty()) return fallback;
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = status == std::errc() && end == text.data() + text.size() && value >= 0 && value < 1e6;
  LF_CHECK(kConfig, good, "{} must be a number of seconds but is '{}'", name, printable(text, 60));
  return value;
}

std::string endpoint_of(std::string text, const char* variable_name) {
  if (text.find("://") == std::string::npos) text = "https://" + text;
  while (text.ends_with('/')) text.pop_back();
  try {
    url_origin(text);
    check_url(text);
  } catch (const Error& error) {
    throw_error(ErrorKind::kConfig, "{}: {}", variable_name, error.what());
  }
  LF_CHECK(kConfig, text.find_first_of("?#") == std::string::npos, "{} must be an address without '?' and '#'",
           variable_name);
  return text;
}

void set_hugging_face(HubSettings& settings, const HubKeys& keys) {
  const std::string endpoint = variable("HF_ENDPOINT");
  settings.endpoint = endpoint_of(endpoint.empty() ? "https://huggingface.co" : endpoint, "HF_ENDPOINT");
  std::string cache = keys.cache_dir;
  if (cache.empty()) cache = first_of({"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"});
  settings.cache = cache.empty() ? hf_home() / "hub" : expanded(cache);
  settings.token = hf_token(keys);
  settings.token_hint = "hf_hub_token or HF_TOKEN";
  settings.symlinks = !is_on(variable("HF_HUB_DISABLE_SYMLINKS"));
}

void set_model_scope(HubSettings& settings, const HubKeys& keys) {
  const std::string endpoint = first_of({"MODELSCOPE_ENDPOINT", "MODELSCOPE_DOMAIN"});
  settings.endpoint = endpoint_of(endpoint.empty() ? "https://modelscope.cn" : endpoint, "MODELSCOPE_ENDPOINT");
  const std::string cache = keys.cache_dir.empty() ? variable("MODELSCOPE_CACHE") : keys.cache_dir;
  settings.cache = cache.empty() ? user_cache() / "modelscope" : expanded(cache);
  settings.token = keys.ms_hub_token.empty() ? clean_token(variable("MODELSCOPE_API_TOKEN"), "MODELSCOPE_API_TOKEN")
                                             : clean_token(keys.ms_hub_token, "ms_hub_token");
  settings.token_hint = "ms_hub_token or MODELSCOPE_API_TOKEN";
}

}  // namespace

const char* hub_name(HubSite site) {
  if (site == HubSite::kModelScope) return "ModelScope";
  return site == HubSite::kOpenMind ? "Modelers (OpenMind)" : "Hugging Face";
}

HubSite hub_of_environment() {
  if (is_enabled("USE_MODELSCOPE_HUB")) return HubSite::kModelScope;
  return is_enabled("USE_OPENMIND_HUB") ? HubSite::kOpenMind : HubSite::kHuggingFace;
}

HubSettings hub_settings(HubSite site, const HubKeys& keys) {
  LF_CHECK(
      kUnsupported, site != HubSite::kOpenMind,
      "the Modelers hub (USE_OPENMIND_HUB, om_hub_url, om_hub_token) is not available: its programming interface is "
      "not published; download with its own client and give the folder");
  HubSettings settings;
  settings.site = site;
  settings.offline = is_on(first_of({"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}));
  settings.limits.stall_seconds = std::max(1.0, seconds_of("HF_HUB_DOWNLOAD_TIMEOUT", 10));
  settings.retry.first_wait = seconds_of("LLAMAFACTORY_HUB_RETRY_SECONDS", 1);
  settings.retry.longest_wait = 8 * settings.retry.first_wait;
  site == HubSite::kHuggingFace ? set_hugging_face(settings, keys) : set_model_scope(settings, keys);
  return settings;
}

}  // namespace lf
