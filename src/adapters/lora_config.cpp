#include "adapters/lora_config.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

namespace {
/// Every key that PEFT writes, with the value that means "plain LoRA".
Json plain_document() {
  return Json{{"alora_invocation_tokens", nullptr},
              {"alpha_pattern", Json::object()},
              {"arrow_config", nullptr},
              {"auto_mapping", nullptr},
              {"base_model_name_or_path", nullptr},
              {"bias", "none"},
              {"corda_config", nullptr},
              {"ensure_weight_tying", false},
              {"eva_config", nullptr},
              {"exclude_modules", nullptr},
              {"fan_in_fan_out", false},
              {"inference_mode", true},
              {"init_lora_weights", true},
              {"layer_replication", nullptr},
              {"layers_pattern", nullptr},
              {"layers_to_transform", nullptr},
              {"loftq_config", Json::object()},
              {"lora_alpha", 8},
              {"lora_bias", false},
              {"lora_dropout", 0.0},
              {"megatron_config", nullptr},
              {"megatron_core", "megatron.core"},
              {"modules_to_save", nullptr},
              {"peft_type", "LORA"},
              {"peft_version", "0.18.1"},
              {"qalora_group_size", 16},
              {"r", 8},
              {"rank_pattern", Json::object()},
              {"revision", nullptr},
              {"target_modules", nullptr},
              {"target_parameters", nullptr},
              {"task_type", "CAUSAL_LM"},
              {"trainable_token_indices", nullptr},
              {"use_dora", false},
              {"use_qalora", false},
              {"use_rslora", false}};
}

/// What PEFT can do beyond plain LoRA: refused when its value is set, with its name.
constexpr std::array<std::pair<const char*, const char*>, 9> kRefused{{{"use_dora", "DoRA"},
                                                                       {"use_qalora", "QALoRA"},
                                                                       {"lora_bias", "biases on lora_B"},
                                                                       {"layer_replication", "layer replication"},
                                                                       {"trainable_token_indices", "trainable tokens"},
                                                                       {"alora_invocation_tokens", "activated LoRA"},
                                                                       {"arrow_config", "Arrow routing"},
                                                                       {"target_parameters", "LoRA on parameters"},
                                                                       {"megatron_config", "Megatron layers"}}};

Json number_json(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<int64_t>(value);
  return value;
}
}  // namespace

LoraConfig::LoraConfig(const Options& options) : where_("LoRA"), document_(plain_document()) {
  document_["r"] = options.rank;
  document_["lora_alpha"] = number_json(options.alpha);
  document_["lora_dropout"] = options.dropout;
  document_["use_rslora"] = options.rslora;
  document_["target_modules"] = options.target_modules;
  if (!options.modules_to_save.empty()) document_["modules_to_save"] = options.modules_to_save;
  document_["base_model_name_or_path"] = options.base_model;
  LF_CHECK(kConfig, options.rank > 0, "lora_rank must be positive but is {}", options.rank);
  LF_CHECK(kConfig, options.dropout >= 0 && options.dropout < 1, "lora_dropout must be in [0, 1) but is {}",
           options.dropout);
}

LoraConfig::LoraConfig(const Json& document, std::string where)
    : where_(std::move(where)), document_(plain_document()) {
  LF_CHECK(kFormat, document.is_object(), "{}: expected a JSON object", where_);
  LF_CHECK(kFormat, document.contains("peft_type"), "{}: 'peft_type' is missing", where_);
  for (const auto& [key, value] : document.items()) document_[key] = value;
  check();
}

void LoraConfig::check() const {
  const Json& type = document_["peft_type"];
  LF_CHECK(kUnsupported, type == "LORA", "{}: adapters of type {} are not available yet; only LORA is", where_,
           printable(type.dump()));
  for (const auto& [key, name] : kRefused) {
    LF_CHECK(kUnsupported, !truthy(key), "{}: {} ({}) is not available yet; merge this adapter with peft first", where_,
             name, key);
  }
  LF_CHECK(kUnsupported, document_["bias"] == "none", "{}: trained biases (bias: {}) are not available yet", where_,
           printable(document_["bias"].dump()));
  const Json& init = document_["init_lora_weights"];
  if (init.is_string()) {
    const std::string kind = to_lower(init.get<std::string>());
    const bool changes_base =
        kind.starts_with("pissa") || kind.starts_with("corda") || kind == "olora" || kind == "loftq";
    LF_CHECK(
        kUnsupported, !changes_base,
        "{}: init_lora_weights '{}' changes the base weights, which is not available yet; convert the adapter to plain "
        "LoRA with peft first (save_pretrained with path_initial_model_for_weight_conversion)",
        where_, printable(kind));
  }
  LF_CHECK(kFormat, number("r") > 0, "{}: r must be positive but is {}", where_, number("r"));
  LF_CHECK(kFormat, dropout() >= 0 && dropout() < 1, "{}: lora_dropout must be in [0, 1) but is {}", where_, dropout());
  number("lora_alpha");
  for (const char* key : {"rank_pattern", "alpha_pattern"}) {
    const Json& pattern = document_[key];
    const bool numbers = pattern.is_object() && std::all_of(pattern.begin(), pattern.end(), [](const Json& value) {
                           return value.is_number() && value.get<double>() > 0;
                         });
    LF_CHECK(kFormat, numbers || pattern.is_null(), "{}: {} must map names to positive numbers", where_, key);
  }
  strings("modules_to_save");
}

int64_t LoraConfig::rank(std::string_view path) const {
  const Json* value = pattern_value("rank_pattern", path);
  return value ? value->get<int64_t>() : static_cast<int64_t>(number("r"));
}

double LoraConfig::scale(std::string_view path) const {
  const Json* value = pattern_value("alpha_pattern", path);
  const double alpha = value ? value->get<double>() : number("lora_alpha"), r = static_cast<double>(rank(path));
  return alpha / (truthy("use_rslora") ? std::sqrt(r) : r);
}

double LoraConfig::dropout() const { return number("lora_dropout"); }

std::string LoraConfig::text() const {
  std::map<std::string, Json> sorted;
  for (const auto& [key, value] : document_.items()) sorted[key] = value;
  Json out = Json::object();
  for (auto& [key, value] : sorted) out[key] = std::move(value);
  out["inference_mode"] = true;
  return python_json(out, 2);
}

std::vector<std::string> LoraConfig::strings(const char* key) const {
  const Json& value = document_[key];
  if (value.is_null()) return {};
  if (value.is_string()) return {value.get<std::string>()};
  const bool all =
      value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
  LF_CHECK(kFormat, all, "{}: {} must be a list of names", where_, key);
  return value.get<std::vector<std::string>>();
}

double LoraConfig::number(const char* key) const {
  const Json& value = document_[key];
  LF_CHECK(kFormat, value.is_number(), "{}: {} must be a number but is {}", where_, key, printable(value.dump()));
  return value.get<double>();
}

bool LoraConfig::truthy(const char* key) const {
  const auto found = document_.find(key);
  if (found == document_.end() || found->is_null()) return false;
  if (found->is_boolean()) return found->get<bool>();
  return found->is_number() || !found->empty();
}

const Json* LoraConfig::pattern_value(const char* key, std::string_view path) const {
  const Json& patterns = document_[key];
  if (!patterns.is_object()) return nullptr;
  for (const auto& [pattern, value] : patterns.items()) {
    if (pattern_matches(pattern, path)) return &patterns[pattern];
  }
  return nullptr;
}

bool pattern_matches(const std::string& key, std::string_view path) {
  const bool plain = key.find_first_of("^$*+?()[]{}|\\") == std::string::npos;
  if (plain) return path == key || (path.ends_with(key) && path[path.size() - key.size() - 1] == '.');
  try {
    const std::regex expression("(.*\\.)?(" + key + ")", std::regex::ECMAScript | std::regex::optimize);
    return std::regex_match(path.begin(), path.end(), expression);
  } catch (const std::regex_error& error) {
    throw_error(ErrorKind::kFormat, "adapter_config.json: pattern '{}' is not a regular expression: {}", printable(key),
                error.what());
  }
}

}  // namespace lf
