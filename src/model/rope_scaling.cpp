#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "model/config_reader.h"
#include "model/loader.h"

namespace lf {

Json scaled_rope_overrides(const Json& config, const std::string& kind, std::optional<int64_t> train_length) {
  const Json scaling = config.contains("rope_scaling") && config["rope_scaling"].is_object() ? config["rope_scaling"]
                       : config.contains("rope_parameters") && config["rope_parameters"].is_object()
                           ? config["rope_parameters"]
                           : Json::object();
  const int64_t native =
      int_or(scaling, "original_max_position_embeddings", int_or(config, "max_position_embeddings", 0));
  LF_CHECK(kConfig, native > 0, "rope_scaling: config.json does not tell max_position_embeddings");
  if (train_length && *train_length <= native) {
    log_warn("model", "Input length is smaller than max length. Disabling rope scaling.");
    return Json::object();
  }
  const double factor =
      train_length ? std::ceil(static_cast<double>(*train_length) / static_cast<double>(native)) : 2.0;
  Json rope = {{"rope_type", kind}, {"factor", factor}};
  rope["rope_theta"] = number_or(scaling, "rope_theta", number_or(config, "rope_theta", 10000.0));
  if (kind == "dynamic" || kind == "yarn" || kind == "llama3") rope["original_max_position_embeddings"] = native;
  if (kind == "llama3") {
    rope["low_freq_factor"] = 1.0;
    rope["high_freq_factor"] = 4.0;
  }
  const int64_t enlarged = native * static_cast<int64_t>(factor);
  log_info("model", "Enlarge max model length from {} to {}.", native, enlarged);
  log_info("model", "Using {} scaling strategy and setting scaling factor to {}.", kind, factor);
  return {{"rope_parameters", rope}, {"rope_scaling", nullptr}, {"max_position_embeddings", enlarged}};
}

}  // namespace lf
