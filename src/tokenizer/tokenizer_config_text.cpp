// tokenizer_config.json as transformers 5 would write it.
#include <algorithm>
#include <array>

#include "base/strings.h"
#include "tokenizer/tokenizer_config.h"

namespace lf {

std::string TokenizerConfig::text() const {
  static constexpr double kNoLimit = 1e30;  // Python's "no limit" is int(1e30), which no 64-bit integer holds
  std::vector<std::pair<std::string, Json>> members;
  for (const auto& [key, value] : json_.items()) members.emplace_back(key, value);
  const auto put = [&](const std::string& key, Json value, bool keep_old = false) {
    const auto old =
        std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == key; });
    if (old == members.end())
      members.emplace_back(key, std::move(value));
    else if (!keep_old)
      old->second = std::move(value);
  };
  for (const auto& [key, token] : named_) put(key, token.content);
  for (const auto& [key, token] : {std::pair("eos_token", specials_.eos), std::pair("pad_token", specials_.pad)}) {
    if (!token.empty()) put(key, token);
  }
  put("backend", "tokenizers");
  put("is_local", true);
  put("local_files_only", true, true);
  put("model_max_length", kNoLimit, true);
  put("padding_side", "right", true);
  put("split_special_tokens", false, true);
  put("tokenizer_class", "PreTrainedTokenizerFast", true);
  if (!specials_.additional.empty()) put("extra_special_tokens", specials_.additional);
  static constexpr std::array kDropped = {
      "added_tokens_decoder", "additional_special_tokens", "chat_template", "name_or_path",
      "tokenizer_file",       "special_tokens_map_file",   "vocab_file",    "merges_file",
      "device_map",           "slow_tokenizer_class",      "files_loaded"};
  std::erase_if(members, [](const auto& member) {
    return std::find(kDropped.begin(), kDropped.end(), member.first) != kDropped.end();
  });
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Json sorted = Json::object();
  for (auto& [key, value] : members) sorted[key] = std::move(value);
  return replace_all(python_json(sorted, 2), "\"model_max_length\": 1e+30",
                     "\"model_max_length\": 1000000000000000019884624838656") +
         "\n";
}

}  // namespace lf
