#include "adapters/module_match.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "model/decoder.h"

namespace lf {

namespace {
std::string last_part(const std::string& path) { return path.substr(path.rfind('.') + 1); }

bool means(const std::string& name, const std::string& path) { return path == name || path.ends_with("." + name); }

/// Last name parts of the modules that `wanted` accepts, each once.
template <class Wanted>
std::vector<std::string> last_parts(Module& model, const Wanted& wanted) {
  std::vector<std::string> out;
  for (const auto& [path, module] : model.named_modules()) {
    if (path.empty() || !wanted(*module)) continue;
    const std::string part = last_part(path);
    if (std::find(out.begin(), out.end(), part) == out.end()) out.push_back(part);
  }
  return out;
}

bool is_linear(Module& module) { return dynamic_cast<Linear*>(&module) != nullptr; }

/// Upstream leaves out the head, but takes GPT-NeoX's, which goes by another name.
bool is_output_head(Module& model, const std::string& path, Module& module) {
  if (path.find("lm_head") != std::string::npos) return true;
  auto* decoder = dynamic_cast<Decoder*>(&model);
  return decoder && &decoder->head() == &module && path != "embed_out";
}

void require_matches(Module& model, const std::string& name) {
  for (const auto& [path, module] : model.named_modules()) {
    if (!means(name, path)) continue;
    LF_CHECK(kUnsupported, is_linear(*module),
             "lora_target: '{}' is a module of kind {}; LoRA goes on linear layers (train others in full with "
             "additional_target)",
             name, module->kind());
    return;
  }
  const std::vector<std::string> known = last_parts(model, is_linear);
  throw_error(ErrorKind::kConfig, "lora_target: the model has no module '{}'{} (linear layers: {})", printable(name),
              did_you_mean(name, known), join(known, ", "));
}

bool covered(const std::string& path, const std::vector<std::string>& modules_to_save) {
  return std::any_of(modules_to_save.begin(), modules_to_save.end(), [&](const std::string& name) {
    return ("." + path + ".").find("." + name + ".") != std::string::npos;
  });
}
}  // namespace

std::vector<std::string> expand_targets(Module& model, const std::vector<std::string>& targets) {
  if (targets.size() != 1 || targets[0] != "all") return targets;
  std::vector<std::string> names;
  for (const auto& [path, module] : model.named_modules()) {
    if (!is_linear(*module) || is_output_head(model, path, *module)) continue;
    const std::string part = last_part(path);
    if (std::find(names.begin(), names.end(), part) == names.end()) names.push_back(part);
  }
  LF_CHECK(kConfig, !names.empty(), "lora_target: the model has no linear layers to adapt");
  return names;
}

std::vector<LinearTarget> match_linears(Module& model, const std::vector<std::string>& names,
                                        const std::vector<std::string>& modules_to_save) {
  LF_CHECK(kConfig, !names.empty(), "lora_target names no module");
  for (const std::string& name : names) require_matches(model, name);
  std::vector<LinearTarget> out;
  for (const auto& [path, module] : model.named_modules()) {
    Linear* linear = dynamic_cast<Linear*>(module);
    if (!linear || covered(path, modules_to_save)) continue;
    const std::string& own_path = path;
    if (std::any_of(names.begin(), names.end(), [&](const std::string& name) { return means(name, own_path); })) {
      out.push_back({path, linear});
    }
  }
  LF_CHECK(kConfig, !out.empty(), "lora_target: every module it names is trained in full by additional_target");
  return out;
}

std::vector<std::pair<std::string, Module*>> match_modules(Module& model, const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, Module*>> out;
  std::vector<bool> found(names.size(), false);
  for (const auto& [path, module] : model.named_modules()) {
    bool wanted = false;
    for (size_t i = 0; i < names.size(); ++i) {
      if (path.empty() || !path.ends_with(names[i])) continue;
      found[i] = wanted = true;
    }
    if (wanted) out.emplace_back(path, module);
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (found[i]) continue;
    const std::vector<std::string> known = last_parts(model, [](Module& module) { return true; });
    throw_error(ErrorKind::kConfig, "additional_target: the model has no module '{}'{} (known: {})",
                printable(names[i]), did_you_mean(names[i], known), join(known, ", "));
  }
  return out;
}

Linear* find_linear(Module& model, std::string_view path) {
  for (const auto& [name, module] : model.named_modules()) {
    if (name == path) return dynamic_cast<Linear*>(module);
  }
  return nullptr;
}

}  // namespace lf
