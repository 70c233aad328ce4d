// adapter_config.json of a LoRA adapter, as PEFT 0.18 writes it.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace lf {

class LoraConfig {
 public:
  struct Options {
    int64_t rank = 8;
    double alpha = 16;
    double dropout = 0;
    bool rslora = false;
    std::vector<std::string> target_modules;
    std::vector<std::string> modules_to_save;  // empty = none
    std::string base_model;
  };
  /// kConfig when rank is not positive or dropout is outside [0, 1).
  explicit LoraConfig(const Options& options);
  /// `document`: a file of any PEFT version; `where` names it in messages. kUnsupported, by name, for what is more than
  /// LoRA on linear layers (other peft_type, DoRA, biases, ...); kFormat for values that make no sense.
  LoraConfig(const Json& document, std::string where);

  /// For the module `path`, patterns included.
  int64_t rank(std::string_view path) const;
  /// alpha / r, or alpha / sqrt(r).
  double scale(std::string_view path) const;
  double dropout() const;
  /// What PEFT notes when it adapts layers whose weights are stored in x out (GPT-2's Conv1D). The factors are the
  /// same.
  void set_fan_in_fan_out(bool transposed) { document_["fan_in_fan_out"] = transposed; }
  std::vector<std::string> target_modules() const { return strings("target_modules"); }
  std::vector<std::string> modules_to_save() const { return strings("modules_to_save"); }

  /// The file's text: keys sorted, no newline at the end.
  std::string text() const;

 private:
  Json& operator[](const char* key) { return document_[key]; }
  std::vector<std::string> strings(const char* key) const;
  double number(const char* key) const;
  bool truthy(const char* key) const;
  const Json* pattern_value(const char* key, std::string_view path) const;
  void check() const;

  std::string where_;
  Json document_;
};

/// Whether PEFT applies a pattern key to a module: re.match(r"(.*\.)?(key)$", path).
bool pattern_matches(const std::string& key, std::string_view path);

}  // namespace lf
