#include "adapters/lora_set.h"

#include <map>

#include "adapters/peft_names.h"
#include "base/error.h"
#include "base/strings.h"
#include "io/mapped_file.h"
#include "io/safetensors.h"
#include "io/torch_bin.h"

namespace lf {

namespace {
constexpr const char* kConfigFile = "adapter_config.json";
constexpr const char* kTensorFile = "adapter_model.safetensors";
constexpr const char* kPickleFile = "adapter_model.bin";
constexpr const char* kSetName = "default";

std::filesystem::path tensor_file(const std::filesystem::path& folder, bool allow_legacy_bin) {
  std::error_code status;
  LF_CHECK(kIo, std::filesystem::is_directory(folder, status), "adapter folder '{}' does not exist", folder.string());
  LF_CHECK(kIo, std::filesystem::exists(folder / kConfigFile, status), "'{}' holds no {}: it is not an adapter",
           folder.string(), kConfigFile);
  const std::filesystem::path file = folder / kTensorFile, pickle = folder / kPickleFile;
  if (std::filesystem::exists(file, status)) return file;
  const bool pickled = std::filesystem::exists(pickle, status);
  LF_CHECK(kUnsupported, !pickled || allow_legacy_bin,
           "'{}' holds only {}, a pickle. allow_legacy_bin: true reads its tensors without running anything in it; or "
           "load it with peft and save it again with save_pretrained(..., safe_serialization=True)",
           folder.string(), kPickleFile);
  LF_CHECK(kIo, pickled, "'{}' holds no {}", folder.string(), kTensorFile);
  return pickle;
}

std::unique_ptr<TensorFile> open_tensors(const std::filesystem::path& file) {
  if (file.filename() == kPickleFile) return std::make_unique<TorchBinFile>(file);
  return std::make_unique<SafetensorsFile>(file);
}

std::string shape_text(c10::IntArrayRef shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

/// What to do where an adapter was trained with more tokens than the model has.
const char* vocabulary_hint(const std::string& name, const Tensor& from, const Tensor& to) {
  const bool matrix = from.dim() == 2 && to.dim() == 2 && from.size(1) == to.size(1) && from.size(0) > to.size(0);
  const bool rows = name.find("lm_head") != std::string::npos || name.find("embed") != std::string::npos;
  return matrix && rows ? " (was it trained with new tokens? Give the same add_tokens, add_special_tokens, "
                          "new_special_tokens_config or resize_vocab)"
                        : "";
}

void copy_checked(const Tensor& from, Tensor& to, const std::string& name, const std::string& where) {
  at::NoGradGuard no_grad;
  LF_CHECK(kFormat, from.sizes() == to.sizes(), "{}: '{}' has shape {} but the model needs {}{}", where, name,
           shape_text(from.sizes()), shape_text(to.sizes()), vocabulary_hint(name, from, to));
  LF_CHECK(kFormat, from.is_floating_point(), "{}: '{}' holds no floating-point numbers", where, name);
  to.copy_(from);
}

/// The factors of a file by layer, shapes checked against the model and the configuration.
std::map<std::string, LoraFactors> read_factors(Module& model, const LoraConfig& config, const TensorFile& file) {
  const std::string where = file.path().string();
  std::map<std::string, LoraFactors> factors;
  for (const std::string& name : file.names()) {
    const PeftName parsed = parse_peft_name(name, where);
    if (parsed.part != PeftName::Part::kA && parsed.part != PeftName::Part::kB) continue;
    LoraFactors& layer = factors[parsed.path];
    (parsed.part == PeftName::Part::kA ? layer.a : layer.b) = file.tensor(name).to(at::kFloat, false, /*copy=*/true);
  }
  for (auto& [path, layer] : factors) {
    LF_CHECK(kFormat, layer.a.defined() && layer.b.defined(), "{}: one of the two factors of '{}' is missing", where,
             path);
    const Linear* linear = find_linear(model, path);
    LF_CHECK(kFormat, linear, "{}: the model has no linear layer '{}'; was this adapter made for another model?", where,
             printable(path));
    const int64_t r = config.rank(path);
    const bool fits = layer.a.sizes() == c10::IntArrayRef{r, linear->in_features()} &&
                      layer.b.sizes() == c10::IntArrayRef{linear->out_features(), r};
    LF_CHECK(kFormat, fits,
             "{}: the factors of '{}' have shapes {} and {} but rank {} on this model needs [{}, {}] and [{}, {}]",
             where, path, shape_text(layer.a.sizes()), shape_text(layer.b.sizes()), r, r, linear->in_features(),
             linear->out_features(), r);
  }
  LF_CHECK(kFormat, !factors.empty(), "{}: no LoRA factors in this file", where);
  return factors;
}

/// Model parameters that a file holds without their being trained (an embedding that had been enlarged).
void replace_weights(Module& model, const TensorFile& file, const FullCopies& copies) {
  const std::string where = file.path().string();
  std::map<std::string, Tensor*> parameters;
  for (const NamedParameter& parameter : model.named_parameters()) parameters[parameter.name] = parameter.tensor;
  for (const FullCopies::Copy& copy : copies.all()) parameters.erase(copy.name);
  for (const std::string& name : file.names()) {
    const PeftName parsed = parse_peft_name(name, where);
    const bool copied = std::any_of(copies.all().begin(), copies.all().end(),
                                    [&](const FullCopies::Copy& copy) { return copy.name == parsed.path; });
    if (parsed.part != PeftName::Part::kWhole || copied) continue;
    const auto found = parameters.find(parsed.path);
    LF_CHECK(kFormat, found != parameters.end(), "{}: the model has no parameter '{}'", where, printable(parsed.path));
    Tensor replaced = at::empty(found->second->sizes(), found->second->options().requires_grad(false));
    copy_checked(file.tensor(name), replaced, parsed.path, where);
    *found->second = replaced;
  }
}
}  // namespace

std::filesystem::path adapter_path(const std::string& path, const ModelOptions& model_options) {
  return model_options.adapter_folder ? std::filesystem::path(path) / *model_options.adapter_folder
                                      : std::filesystem::path(path);
}

std::unique_ptr<LoraSet> LoraSet::create(Module& model, const LoraConfig::Options& config, const Options& options) {
  LoraConfig::Options resolved = config;
  resolved.target_modules = expand_targets(model, config.target_modules);
  std::unique_ptr<LoraSet> set(new LoraSet(model, LoraConfig(resolved)));
  set->saved_too_ = options.saved_too;
  for (const LinearTarget& target : match_linears(model, resolved.target_modules, resolved.modules_to_save)) {
    const auto rounding = target.linear->weight().defined() ? target.linear->weight().scalar_type() : at::kFloat;
    set->attach(target,
                initial_factors(target.linear->in_features(), target.linear->out_features(), resolved.rank, rounding,
                                options.generator),
                options.trainable);
  }
  set->copies_ = std::make_unique<FullCopies>(model, resolved.modules_to_save, options.wide_copies, options.trainable);
  return set;
}

std::unique_ptr<LoraSet> LoraSet::from_folder(Module& model, const std::filesystem::path& folder,
                                              const Options& options) {
  const auto tensors = open_tensors(tensor_file(folder, options.allow_legacy_bin));
  const TensorFile& file = *tensors;
  const std::filesystem::path config_file = folder / kConfigFile;
  std::unique_ptr<LoraSet> set(new LoraSet(model, LoraConfig(read_json(config_file), config_file.string())));
  set->saved_too_ = options.saved_too;
  std::map<std::string, LoraFactors> factors = read_factors(model, set->config_, file);
  for (const auto& [path, module] : model.named_modules()) {
    const auto found = factors.find(path);
    if (found == factors.end()) continue;
    set->attach({path, dynamic_cast<Linear*>(module)}, std::move(found->second), options.trainable);
  }
  const bool wide = options.trainable && options.wide_copies;
  set->copies_ = std::make_unique<FullCopies>(model, set->config_.modules_to_save(), wide, options.trainable);
  replace_weights(model, file, *set->copies_);
  set->take(file, /*complete=*/true);
  return set;
}

void LoraSet::attach(const LinearTarget& target, LoraFactors factors, bool trainable) {
  const c10::Device device = target.linear->weight().defined() ? target.linear->weight().device() : at::kCPU;
  auto layer = std::make_shared<LoraLayer>(kSetName, factors.a.to(device).requires_grad_(trainable),
                                           factors.b.to(device).requires_grad_(trainable), config_.scale(target.path),
                                           config_.dropout());
  target.linear->add_adapter(layer);
  if (target.linear->is_transposed()) config_.set_fan_in_fan_out(true);
  layers_.push_back({target.path, target.linear, std::move(layer)});
}

std::vector<NamedTensor> LoraSet::tensors() {
  std::vector<NamedTensor> out;
  for (Layer& layer : layers_) {
    out.emplace_back(peft_name({PeftName::Part::kA, layer.path}), layer.lora->a());
    out.emplace_back(peft_name({PeftName::Part::kB, layer.path}), layer.lora->b());
  }
  for (FullCopies::Copy& copy : copies_->all()) {
    out.emplace_back(peft_name({PeftName::Part::kWhole, copy.name}), copy.tensor);
  }
  return out;
}

std::vector<NamedTensor> LoraSet::trainable() {
  std::vector<NamedTensor> out = tensors();
  std::erase_if(out, [](const NamedTensor& entry) { return !entry.second.requires_grad(); });
  return out;
}

void LoraSet::write(OutputFolder& folder) {
  folder.write_text(kConfigFile, config_.text());
  std::vector<NamedTensor> saved = tensors();
  for (const NamedParameter& parameter : model_.named_parameters()) {
    const bool wanted = std::find(saved_too_.begin(), saved_too_.end(), parameter.name) != saved_too_.end();
    const bool copied = std::any_of(copies_->all().begin(), copies_->all().end(),
                                    [&](const FullCopies::Copy& copy) { return copy.name == parameter.name; });
    if (wanted && !copied) saved.emplace_back(peft_name({PeftName::Part::kWhole, parameter.name}), *parameter.tensor);
  }
  for (NamedTensor& entry : saved) entry.second = entry.second.detach();
  folder.write_tensors(kTensorFile, saved);
}

void LoraSet::load(const std::filesystem::path& folder) { load_tensors(tensor_file(folder, false)); }

void LoraSet::load_tensors(const std::filesystem::path& path, bool complete) { take(SafetensorsFile(path), complete); }

void LoraSet::take(const TensorFile& file, bool complete) {
  const std::string path = file.path().string();
  std::map<std::string, Tensor> own;
  for (const auto& [name, tensor] : tensors()) own.emplace(name, tensor);
  for (const std::string& name : file.names()) {
    const PeftName parsed = parse_peft_name(name, path);
    if (parsed.part == PeftName::Part::kOriginal) continue;
    const std::string plain = peft_name(parsed);
    const auto found = own.find(plain);
    if (found == own.end()) {
      LF_CHECK(kFormat, parsed.part == PeftName::Part::kWhole, "{}: the adapter of this run has no '{}'", path,
               printable(plain));
      continue;
    }
    copy_checked(file.tensor(name), found->second, plain, path);
    own.erase(found);
  }
  LF_CHECK(kFormat, !complete || own.empty(), "{}: '{}' is missing{}", path, own.begin()->first,
           own.size() > 1 ? fmt::format(", and {} more", own.size() - 1) : "");
}

void LoraSet::set_enabled(bool enabled) {
  for (Layer& layer : layers_) layer.linear->set_adapters_enabled(enabled);
  copies_->set_enabled(enabled);
}

int64_t LoraSet::extra_parameters() const {
  int64_t count = 0;
  for (const Layer& layer : layers_) count += layer.lora->a().numel() + layer.lora->b().numel();
  for (const FullCopies::Copy& copy : copies_->all()) count += copy.original.numel();
  return count;
}

void LoraSet::merge() {
  at::NoGradGuard no_grad;
  for (Layer& layer : layers_) {
    LF_CHECK(kUnsupported, !layer.linear->storage(), "'{}' is quantised; its adapter cannot be merged", layer.path);
    Tensor& weight = layer.linear->weight();
    const Tensor before = weight;
    weight = layer.lora->delta().add_(before.detach()).to(before.scalar_type());
    drop_mapped_pages(before.const_data_ptr(), before.nbytes());
    std::erase(layer.linear->adapters(), layer.lora);
  }
  layers_.clear();
  copies_->merge();
}

}  // namespace lf
