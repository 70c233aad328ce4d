#include "model/loader.h"

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "io/mapped_file.h"
#include "io/safetensors.h"
#include "model/arch.h"
#include "model/mixture_of_depths.h"
#include "model/stored_tensors.h"
#include "tensor/dtype.h"
#include "tensor/dtype_choice.h"
#include "tensor/rng.h"

namespace lf {

namespace {
std::string shape_text(c10::IntArrayRef shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

/// Up to `limit` lines, then "... and n more".
std::string listed(const std::vector<std::string>& lines, size_t limit = 20) {
  std::string text;
  for (size_t i = 0; i < std::min(limit, lines.size()); ++i) text += "\n    " + lines[i];
  if (lines.size() > limit) text += fmt::format("\n    ... and {} more", lines.size() - limit);
  return text;
}

/// Tensors that checkpoints carry but no model of ours has: buffers of old versions, and the copy of a tied head.
bool is_ignorable(const std::string& name, const ModelSpec& spec) {
  for (const std::string& pattern : spec.unused_tensors) {
    if (pattern.starts_with('*') ? name.ends_with(pattern.substr(1)) : name.starts_with(pattern)) return true;
  }
  return name.ends_with("rotary_emb.inv_freq") || name.ends_with("rotary_pos_emb.inv_freq") ||
         name.ends_with("attn.masked_bias") || name.ends_with("attn.bias") || name.ends_with("attention.masked_bias") ||
         name.ends_with("attention.bias") || (spec.tied_embeddings && name == spec.names.head + ".weight");
}

/// Where a checkpoint leaves out the base's prefix ("h.0..." for "transformer.h.0..."), as those saved from the bare
/// backbone do.
class StoredNames {
 public:
  /// `unrouted`: the checkpoint has none of the model's depth routers, nor their blocks' prefix.
  StoredNames(const ModelSpec& spec, const ModelWeights& weights, bool unrouted = false)
      : prefix_(spec.names.base + "."), unrouted_(unrouted) {
    for (const std::string& name : weights.names()) {
      if (name.starts_with(prefix_)) return;
    }
    bare_ = weights.contains(spec.names.embedding + ".weight");
  }
  std::string find(const std::string& given) const {
    const std::string name = unrouted_ ? unrouted_name(given) : given;
    return bare_ && name.starts_with(prefix_) ? name.substr(prefix_.size()) : name;
  }

 private:
  std::string prefix_;
  bool bare_ = false;
  const bool unrouted_;
};

std::string file_name(const ModelWeights& weights, const std::string& tensor) {
  return weights.file_of(tensor).path().filename().string();
}

/// Compares names and shapes; one error tells everything.
void check_tensors(const ModelSpec& spec, const ModelWeights& weights, const std::filesystem::path& folder) {
  std::vector<std::string> missing, unexpected, different;
  std::unordered_map<std::string, bool> known;
  const StoredNames names(spec, weights);
  for (TensorShape& want : spec.tensors()) {
    want.name = names.find(want.name);
    known[want.name] = true;
    if (!weights.contains(want.name)) {
      missing.push_back(fmt::format("{} {}", want.name, shape_text(want.shape)));
    } else if (std::vector<int64_t> shape = weights.info(want.name).shape; shape != want.shape) {
      different.push_back(fmt::format("{}: config.json says {}, {} has {}", want.name, shape_text(want.shape),
                                      file_name(weights, want.name), shape_text(shape)));
    }
  }
  for (const std::string& name : weights.names()) {
    if (!known.count(name) && !is_ignorable(name, spec)) {
      unexpected.push_back(
          fmt::format("{} {} in {}", printable(name), shape_text(weights.info(name).shape), file_name(weights, name)));
    }
  }
  if (missing.empty() && unexpected.empty() && different.empty()) return;
  std::string text;
  if (!missing.empty()) text += fmt::format("\n  missing ({}):{}", missing.size(), listed(missing));
  if (!unexpected.empty()) text += fmt::format("\n  unexpected ({}):{}", unexpected.size(), listed(unexpected));
  if (!different.empty()) text += fmt::format("\n  other shapes ({}):{}", different.size(), listed(different));
  throw_error(ErrorKind::kFormat, "{}: the weights do not fit config.json (model_type '{}'){}", folder.string(),
              spec.model_type, text);
}

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

/// normal(0, spread) of the numbers that one call of normal_ in fp32 gives, without an fp32 copy of all of them: the
/// generator fills blocks of 16. `scratch` is of kScratch numbers.
constexpr int64_t kBlock = 16, kScratch = kPieceElements + kBlock;
void fill_normal(Tensor& out, double spread, at::Generator& generator, const Tensor& scratch) {
  const Tensor target = out.view({-1});
  for (int64_t at = 0; at < target.numel();) {
    const int64_t left = target.numel() - at;
    const int64_t size = left < kScratch ? left : kPieceElements;
    target.narrow(0, at, size).copy_(scratch.narrow(0, 0, size).normal_(0, spread, generator));
    at += size;
  }
}

/// As Hugging Face initialises: normal(0, initializer_range), norms 1, biases and the padding row 0. Numbers are drawn
/// on the CPU in fp32, in module order.
void fill_randomly(Decoder& model, c10::ScalarType dtype, const LoadOptions& options) {
  at::NoGradGuard no_grad;
  at::Generator generator = make_generator(options.seed);
  const Tensor scratch = at::empty({kScratch}, at::kFloat);
  for (const NamedParameter& parameter : model.named_tensors()) {
    Tensor value = at::empty(parameter.tensor->sizes(), at::TensorOptions().dtype(dtype).device(options.device));
    if (const auto* norm = dynamic_cast<Norm*>(parameter.owner); norm && parameter.name.ends_with(".weight")) {
      value.fill_(1 - norm->spec().weight_offset);
    } else if (parameter.owner->initialize(parameter, value)) {
      // the module's own rule
    } else if (value.dim() == 1) {
      value.zero_();
    } else {
      fill_normal(value, model.spec().initializer_range, generator, scratch);
    }
    if (auto* embedding = dynamic_cast<Embedding*>(parameter.owner); embedding && embedding->padding_row()) {
      value[*embedding->padding_row()].zero_();
    }
    *parameter.tensor = value;
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

/// As transformers: a head that the checkpoint holds beside the embedding, with other values, is one of its own,
/// whatever tie_word_embeddings says (a merged adapter that trained only one of the two leaves such a model).
void untie_if_different(ModelSpec& spec, const ModelWeights& weights, const std::filesystem::path& folder) {
  const std::string head_name = spec.names.head + ".weight";
  const std::string embedding_name = fmt::format("{}.{}.weight", spec.names.base, spec.names.embedding);
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
  if (!options.train_from_scratch) check_tensors(spec, ModelWeights(folder, "model", options.allow_legacy_bin), folder);
}

LoadedModel load_model(const std::filesystem::path& folder, const LoadOptions& options) {
  Json config = read_config(folder, options);
  ModelSpec spec = describe(folder, config);
  check_depth_mode(options.depth, config, folder.string());
  if (options.train_from_scratch) return build_random_model(config, options);
  const ModelWeights weights(folder, "model", options.allow_legacy_bin);
  if (options.depth == DepthMode::kLoad) route_depth(spec);
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

std::optional<c10::ScalarType> config_dtype(const Json& config) {
  for (const char* key : {"dtype", "torch_dtype"}) {
    const std::string name = string_or(config, key, "");
    if (!name.empty() && name != "auto") return dtype_from_name(name, fmt::format("config.json: {}", key));
  }
  return std::nullopt;
}

}  // namespace lf
