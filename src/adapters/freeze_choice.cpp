#include "adapters/freeze_choice.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

void add_once(std::vector<std::string>& out, std::string_view name) {
  if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
}

/// The part after the last `mark`, as Python's split(mark)[-1]: marks that overlap count once.
std::string_view behind_last(std::string_view name, std::string_view mark) {
  for (size_t at = name.find(mark); at != name.npos; at = name.find(mark)) name = name.substr(at + mark.size());
  return name;
}

std::string_view up_to_dot(std::string_view text) { return text.substr(0, text.find('.')); }

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Whether a part between two dots is a number: parameters of blocks, experts and the like.
bool is_numbered(const std::vector<std::string>& parts) {
  for (size_t i = 1; i + 1 < parts.size(); ++i) {
    if (is_number(parts[i])) return true;
  }
  return false;
}

std::vector<int64_t> range(int64_t begin, int64_t end) {
  std::vector<int64_t> out;
  for (int64_t i = begin; i < end; ++i) out.push_back(i);
  return out;
}

std::vector<int64_t> trained_blocks(int64_t layers, const FinetuningOptions& options) {
  const int64_t wanted = options.freeze_trainable_layers;
  if (options.use_llama_pro) return expanded_blocks(layers, wanted);
  if (wanted > 0) return range(std::max<int64_t>(0, layers - wanted), layers);
  return range(0, wanted < -layers ? layers : -wanted);
}

void require(const std::string& name, const std::vector<std::string>& known, std::string_view key) {
  LF_CHECK(kConfig, std::find(known.begin(), known.end(), name) != known.end(),
           "{}: module '{}' is not found, please choose from {}{}", key, printable(name), join(known, ", "),
           did_you_mean(name, known));
}

}  // namespace

std::vector<std::string> modules_of_blocks(std::span<const std::string> names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    for (std::string_view mark : {".0.", ".1."}) {  // some models have a wrapper around every other block
      if (name.find(mark) == name.npos) continue;
      add_once(out, up_to_dot(behind_last(name, mark)));
      break;
    }
  }
  return out;
}

std::vector<std::string> modules_outside_blocks(std::span<const std::string> names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    const std::vector<std::string> parts = split(name, '.');
    if (parts.size() > 1 && !is_numbered(parts)) add_once(out, parts[parts.size() - 2]);
  }
  return out;
}

std::vector<int64_t> expanded_blocks(int64_t layers, int64_t added) {
  LF_CHECK(kConfig, added > 0 && layers % added == 0,
           "use_llama_pro: the model's {} blocks should be divisible by freeze_trainable_layers, the number of added "
           "ones, which is {}",
           layers, added);
  std::vector<int64_t> out;
  const int64_t stride = layers / added;
  for (int64_t i = stride - 1; i < layers; i += stride) out.push_back(i);
  return out;
}

FreezeChoice::FreezeChoice(std::span<const std::string> names, int64_t layers, const FinetuningOptions& options) {
  LF_CHECK(kConfig, layers > 0, "finetuning_type: freeze needs a model with blocks, and this one has none");
  const std::vector<int64_t> blocks = trained_blocks(layers, options);
  const std::vector<std::string> inner = modules_of_blocks(names);
  for (const std::string& module : options.freeze_trainable_modules) {
    const bool all = module == "all";
    if (!all) require(module, inner, "freeze_trainable_modules");
    for (int64_t block : blocks) patterns_.push_back(fmt::format(".{}.{}", block, all ? "" : module));
  }
  const std::vector<std::string> outer = modules_outside_blocks(names);
  for (const std::string& module : options.freeze_extra_modules) {
    require(module, outer, "freeze_extra_modules");
    patterns_.push_back(module);
  }
}

bool FreezeChoice::trains(std::string_view name) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const std::string& pattern) { return name.find(pattern) != name.npos; });
}

}  // namespace lf
