// Ways to train a model: one file in methods/ = one `finetuning_type`.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "adapters/tuning.h"

namespace lf {

struct MethodEntry {
  std::string_view name;
  std::string_view help;
  std::unique_ptr<Tuning> (*start)(const TuningRequest& request);
};
std::span<const MethodEntry* const> all_adapter_methods();

/// For methods that train the model's own weights: kConfig when adapters are given.
void refuse_adapters(const TuningRequest& request);

}  // namespace lf
