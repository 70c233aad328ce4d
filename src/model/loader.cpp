#include "model/loader.h"

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "io/mapped_file.h"
#include "io/safetensors.h"
#include "model/arch.h"
#include "model/mixture_of_depths.h"
#include "model/random_weights.h"
#include "model/stored_names.h"
#include "model/stored_tensors.h"
#include "tensor/dtype.h"
#include "tensor/dtype_choice.h"

namespace lf {

namespace {
/// The type in which a stored tensor is held in memory.
c10::ScalarType wanted_dtype(const ModelWeights& weights, const std::string& name, const LoadOptions& options) {
  const c10::ScalarType stored = weights.info(name).dtype;
  LF_CHECK(kUnsupported, c10::isFloatingType(stored) && c10::elementSize(stored) >= 2,
           "{}: '{}' is of type {}, which is not available; expected float32, bfloat16 or float16",
           weights.file_of(name).path().string(), name, dtype_name(stored));
  return options.dtype.value_or(held_dtype(stored, options.device, gpu_narrow_types()));
}

/// A view of the file where nothing has to be converted, else a copy made in pieces.
Tensor loaded_tensor(const ModelWeights& weights, const std::string& name, const LoadOptions& options) {
  const c10::ScalarType wanted = wanted_dtype(weights, name, options);
  if (options.device.is_cpu() && wanted == weights.info(name).dtype) return weights.tensor(name);
  return weights.copy(name, wanted, options.device);
}

/// A parameter that checkpoints hold in parts or transposed: copied into memory of its own, part by part.
Tensor gathered(const NamedParameter& parameter, const ModelWeights& weights, const StoredNames& names,
                const LoadOptions& options) {
  Tensor whole;
  NamedParameter target = parameter;
  target.tensor = &whole;
  for (size_t i = 0; const StoredTensor& wanted : stored_tensors(parameter)) {
    const std::string name = names.find(wanted.name);
    if (!whole.defined()) {
      const auto kind = at::TensorOptions(options.device).dtype(wanted_dtype(weights, name, options));
      whole = at::empty(parameter.tensor->sizes(), kind);
    }
    const Tensor part = weights.tensor(name);
    stored_tensors(target)[i++].view.copy_(part);
    drop_mapped_pages(part.const_data_ptr(), part.nbytes());
  }
  return whole;
}

void load_weights(Decoder& model, const ModelWeights& weights, const LoadOptions& options) {
  const StoredNames names(model.spec(), weights, options.depth == DepthMode::kConvert);
  for (const NamedParameter& parameter : model.named_tensors()) {
    if (options.depth == DepthMode::kConvert && is_router(parameter)) continue;
    *parameter.tensor = is_stored_as_is(parameter) ? loaded_tensor(weights, names.find(parameter.name), options)
                                                   : gathered(parameter, weights, names, options);
  }
}

Json overridden(Json config, const Json& overrides) {
  for (const auto& [key, value] : overrides.items()) config[key] = value;
  return config;
}

LoadedModel build(ModelSpec spec, Json config) {
  LoadedModel loaded{.spec = std::move(spec), .config = std::move(config)};
  loaded.model = std::make_unique<Decoder>(loaded.spec);
  return loaded;
}

Json read_config(const std::filesystem::path& folder, const LoadOptions& options) {
  LF_CHECK(kIo, std::filesystem::exists(folder), "model folder '{}' does not exist", folder.string());
  LF_CHECK(kIo, std::filesystem::is_directory(folder),
           "'{}' is not a folder; a model folder with config.json was expected", folder.string());
  LF_CHECK(kIo, std::filesystem::exists(folder / "config.json"), "'{}' has no config.json; it is not a model folder{}",
           folder.string(),
           std::filesystem::exists(folder / "adapter_config.json")
               ? " (it holds an adapter: give it as adapter_name_or_path, and the base model as model_name_or_path)"
               : "");
  return overridden(read_json(folder / "config.json"), options.config_overrides);
}

/// describe_model(), with the folder in messages.
ModelSpec describe(const std::filesystem::path& folder, const Json& config) {
  try {
    return describe_model(config);
  } catch (const Error& error) {
    const std::string_view reason = error.what();
    throw_error(error.kind(), "{}/{}{}", folder.string(),
                reason.starts_with("config.json") ? "" : "config.json: ", reason);
  }
}

/// Tensors that a checkpoint may hold or not.
void carry_what_is_stored(ModelSpec& spec, const ModelWeights& weights) {
  for (TensorShape& tensor : spec.carried_if_stored) {
    if (weights.contains(fmt::format("{}.{}", spec.names.base, tensor.name))) spec.carried.push_back(tensor);
  }
  spec.carried_if_stored.clear();
}

/// As transformers: a head that the checkpoint holds beside the embedding, with other values, is one of its own,
/// whatever tie_word_embeddings says (a merged adapter that trained only one of the two leaves such a model).
void untie_if_different(ModelSpec& spec, const ModelWeights& weights, const std::filesystem::path& folder) {
  const std::string head_name = spec.names.head + ".weight";
  const std::string embedding_name =
      StoredNames(spec, weights).find(fmt::format("{}.{}.weight", spec.names.base, spec.names.embedding));
  if (!spec.tied_embeddings || !weights.contains(head_name) || !weights.contains(embedding_name)) return;
  const Tensor head = weights.tensor(head_name), embedding = weights.tensor(embedding_name);
  const bool same = at::equal(head, embedding);
  for (const Tensor& read : {head, embedding}) drop_mapped_pages(read.const_data_ptr(), read.nbytes());
  if (same) return;
  log_warn("model", "{}: tie_word_embeddings is true, but {} differs from {}: they are not tied", folder.string(),
           head_name, embedding_name);
  spec.tied_embeddings = false;
}
}  // namespace

void check_model_folder(const std::filesystem::path& folder, const LoadOptions& options) {
  const Json config = read_config(folder, options);
  ModelSpec spec = describe(folder, config);
  check_depth_mode(options.depth, config, folder.string());
  if (options.depth == DepthMode::kLoad) route_depth(spec);
  if (options.train_from_scratch) return;
  const ModelWeights weights(folder, "model", options.allow_legacy_bin);
  carry_what_is_stored(spec, weights);
  check_tensors(spec, weights, folder);
}

LoadedModel load_model(const std::filesystem::path& folder, const LoadOptions& options) {
  Json config = read_config(folder, options);
  ModelSpec spec = describe(folder, config);
  check_depth_mode(options.depth, config, folder.string());
  if (options.train_from_scratch) return build_random_model(config, options);
  const ModelWeights weights(folder, "model", options.allow_legacy_bin);
  if (options.depth == DepthMode::kLoad) route_depth(spec);
  carry_what_is_stored(spec, weights);
  untie_if_different(spec, weights, folder);
  check_tensors(spec, weights, folder);
  if (options.depth == DepthMode::kConvert) route_depth(spec);
  LoadedModel loaded = build(std::move(spec), std::move(config));
  load_weights(*loaded.model, weights, options);
  if (options.depth == DepthMode::kConvert) fill_routers(*loaded.model, options.seed);
  return loaded;
}

LoadedModel build_random_model(const Json& config, const LoadOptions& options) {
  ModelSpec spec = describe_model(config);
  check_depth_mode(options.depth, config, "config.json");
  if (options.depth != DepthMode::kNone) route_depth(spec);
  LoadedModel loaded = build(std::move(spec), config);
  fill_randomly(*loaded.model, options.dtype ? *options.dtype : config_dtype(config).value_or(at::kFloat), options);
  if (options.depth != DepthMode::kNone) fill_routers(*loaded.model, options.seed);
  return loaded;
}

void make_trainable(const NamedParameter& parameter, std::optional<c10::ScalarType> dtype) {
  at::NoGradGuard no_grad;
  Tensor& tensor = *parameter.tensor;
  tensor = copied_in_pieces(tensor, dtype.value_or(tensor.scalar_type()), tensor.device());
  tensor.requires_grad_(true);
}

std::optional<c10::ScalarType> config_dtype(const Json& config) {
  for (const char* key : {"dtype", "torch_dtype"}) {
    const std::string name = string_or(config, key, "");
    if (!name.empty() && name != "auto") return dtype_from_name(name, fmt::format("config.json: {}", key));
  }
  return std::nullopt;
}

}  // namespace lf
