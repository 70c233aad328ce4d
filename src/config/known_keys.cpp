#include "config/known_keys.h"

#include <unordered_map>

#include "base/strings.h"

namespace lf {

std::vector<std::string> KnownKey::choice_list() const {
  return choices.empty() ? std::vector<std::string>{} : split(choices, '|');
}

std::vector<const KnownKey*> all_known_keys() {
  std::vector<const KnownKey*> all;
  for (auto group : {keys::model(), keys::data(), keys::finetuning(), keys::generating(), keys::training(),
                     keys::megatron_bridge(), keys::evaluation(), keys::own()}) {
    for (const KnownKey& key : group) all.push_back(&key);
  }
  return all;
}

const KnownKey* find_known_key(std::string_view name) {
  static const auto kIndex = [] {
    std::unordered_map<std::string_view, const KnownKey*> index;
    for (const KnownKey* key : all_known_keys()) index.emplace(key->name, key);
    return index;
  }();
  auto found = kIndex.find(name);
  return found == kIndex.end() ? nullptr : found->second;
}

bool takes(ConfigKind kind, const KnownKey& key) {
  if (key.scope == KeyScope::kEvalOnly) return false;
  if (key.scope == KeyScope::kTrainOnly) return kind == ConfigKind::kTrain;
  if (key.scope == KeyScope::kInferOnly) return kind == ConfigKind::kInfer;
  return true;
}

}  // namespace lf
