#include "stages/estimate.h"

#include <unistd.h>

#include <fstream>
#include <numeric>

#include "adapters/tuning.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "io/safetensors.h"
#include "model/arch.h"
#include "model/loader.h"
#include "model/mixture_of_depths.h"
#include "stages/block_probe.h"
#include "stages/local_models.h"
#include "stages/run_setup.h"
#include "stages/run_tokenizer.h"
#include "stages/trainable_model.h"
#include "tensor/cpu_memory.h"
#include "tensor/dtype.h"
#include "train/trainer.h"

namespace lf {
namespace {

/// What a run takes beside tensors and what is resident already: pages of libraries at first use, worker threads,
/// tokenizer, rows (measured: a run of a model of one megabyte).
constexpr uint64_t kRunBytes = 48'000'000;

std::optional<ModelWeights> local_weights(const RunConfig& config) {
  const std::filesystem::path folder = config.model.folder();
  std::error_code status;
  for (const char* name : {"model.safetensors", "model.safetensors.index.json"}) {
    if (std::filesystem::exists(folder / name, status)) return ModelWeights(folder);
  }
  return std::nullopt;
}

/// The dtype in which `name` will be loaded.
c10::ScalarType loaded_type(const RunConfig& config, const std::optional<ModelWeights>& weights, const Json& json,
                            const std::string& name) {
  if (config.model.train_from_scratch) return at::kFloat;
  if (weights && weights->contains(name)) return weights->info(name).dtype;
  return config_dtype(json).value_or(at::kFloat);
}

/// The model without memory for its weights, in the dtypes that it will be loaded in.
std::unique_ptr<Decoder> weightless_model(const RunConfig& config, const ModelSpec& spec, const Json& json) {
  auto model = std::make_unique<Decoder>(spec);
  const std::optional<ModelWeights> weights = local_weights(config);
  for (const NamedParameter& parameter : model->named_parameters()) {
    const auto type = loaded_type(config, weights, json, parameter.name);
    *parameter.tensor = at::empty(parameter.tensor->sizes(), at::TensorOptions(at::kMeta).dtype(type));
  }
  return model;
}

/// Bytes of each parameter, in the order of the module tree.
std::vector<uint64_t> parameter_bytes(Module& model) {
  std::vector<uint64_t> bytes;
  for (const NamedParameter& parameter : model.named_parameters()) bytes.push_back(parameter.tensor->nbytes());
  return bytes;
}

/// Rows of a mapped embedding that no token of the tokenizer reads, where nothing else reads the whole of it.
uint64_t unread_bytes(const RunConfig& config, Decoder& model) {
  if (model.spec().tied_embeddings || config.finetuning.finetuning_type != "lora") return 0;
  const Tensor& table = model.embedding().weight();
  try {
    const int64_t used = std::min(table.size(0), static_cast<int64_t>(load_run_tokenizer(config).tokenizer->size()));
    return table.nbytes() / static_cast<uint64_t>(table.size(0)) * static_cast<uint64_t>(table.size(0) - used);
  } catch (const Error&) {  // an estimate needs no tokenizer; training will say what is wrong with it
    return 0;
  }
}

/// Of the weights as they were stored, those that training copies took the place of.
uint64_t replaced_bytes(Module& model, const std::vector<uint64_t>& stored) {
  uint64_t bytes = 0;
  for (size_t i = 0; const NamedParameter& parameter : model.named_parameters()) {
    bytes += parameter.tensor->requires_grad() ? stored[i] : 0;
    ++i;
  }
  return bytes;
}

/// Bytes of state for each byte of parameters: an update of a small one tells.
double optimizer_ratio(const TrainingOptions& options) {
  Tensor probe = at::zeros({64, 64}, at::kFloat).requires_grad_(true);
  const auto optimizer = optimizer_of(options, {{"probe.weight", probe}});
  probe.mutable_grad() = at::ones_like(probe);
  optimizer->step();
  double bytes = 0;
  for (const auto& [name, tensor] : optimizer->state())
    bytes += tensor.numel() > 1 ? static_cast<double>(tensor.nbytes()) : 0;
  return bytes / static_cast<double>(probe.nbytes());
}

struct Trained {
  int64_t parameters = 0;
  uint64_t bytes = 0, largest = 0;
};

Trained trained_parts(const std::vector<NamedTensor>& tensors) {
  Trained out;
  for (const auto& [name, tensor] : tensors) {
    out.parameters += tensor.numel();
    out.bytes += tensor.nbytes();
    out.largest = std::max<uint64_t>(out.largest, tensor.nbytes());
  }
  return out;
}

/// The widest type among the model's trained weights (adapters apart) and its embedding: hidden states take it on where
/// products are not in a type of their own.
c10::ScalarType stream_type(Decoder& model) {
  c10::ScalarType type = model.embedding().weight().scalar_type();
  for (const NamedParameter& parameter : model.named_parameters()) {
    if (parameter.tensor->requires_grad()) type = c10::promoteTypes(type, parameter.tensor->scalar_type());
  }
  return type;
}

/// Of hidden states: with products in a type of their own, the embedding's.
c10::ScalarType hidden_type(Decoder& model, const RunConfig& config) {
  return training_compute_dtype(config) ? model.embedding().weight().scalar_type() : stream_type(model);
}

/// Keys and values of one token in all layers of attention, as the cache of generation holds them.
uint64_t cache_bytes(const ModelSpec& spec, int bytes) {
  uint64_t sum = 0;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const AttentionSpec& attention = spec.attention_of(i);
    if (!spec.layers[i].mixer) sum += static_cast<uint64_t>(2 * attention.kv_heads * attention.head_dim * bytes);
  }
  return sum;
}

/// `backward`: share of the blocks that the backward pass goes through.
double training_flops(double forward, double backward, int64_t trainable, int64_t parameters, bool recompute) {
  // Backward: gradients of inputs (as much as forward), and of weights where they are trained.
  const double weights =
      parameters > 0 ? std::min(1.0, static_cast<double>(trainable) / static_cast<double>(parameters)) : 0;
  return forward * (1 + weights + backward * (recompute ? 2 : 1));
}

uint64_t proc_bytes(const char* file, std::string_view name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name)) return std::strtoull(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
  }
  return 0;
}

/// Of a model that a hub has, only the small files.
RunConfig with_local_configuration(RunConfig config) {
  const bool scratch = config.model.train_from_scratch;
  config.model.train_from_scratch = true;
  config = with_local_models(std::move(config));
  config.model.train_from_scratch = scratch;
  return config;
}

}  // namespace

uint64_t resident_memory() { return proc_bytes("/proc/self/status", "VmRSS:"); }
uint64_t peak_memory() { return proc_bytes("/proc/self/status", "VmHWM:"); }

RunEstimate estimate_run(const RunConfig& given) {
  use_cpu_pool();
  const uint64_t process = resident_memory() + kRunBytes;
  const RunConfig config = with_local_configuration(given);
  const LoadOptions options = load_options(config, config.data.cutoff_len);
  Json json = read_json(std::filesystem::path(config.model.folder()) / "config.json");
  for (const auto& [key, value] : options.config_overrides.items()) json[key] = value;
  ModelSpec spec = describe_model(json);
  check_depth_mode(options.depth, json, config.model.folder());
  if (options.depth != DepthMode::kNone) route_depth(spec);
  const std::unique_ptr<Decoder> model = weightless_model(config, spec, json);

  TrainingMemoryInput in;
  const std::vector<uint64_t> stored = parameter_bytes(*model);
  in.stored = std::accumulate(stored.begin(), stored.end(), uint64_t{0}) - unread_bytes(config, *model);
  const auto tuning = start_tuning({.model = *model, .model_options = config.model, .options = config.finetuning});
  const c10::ScalarType hidden = hidden_type(*model, config);
  in.stream_bytes = static_cast<int>(c10::elementSize(hidden));
  const Trained trained = trained_parts(tuning->trainable());
  in.process = process;
  in.replaced = tuning->is_adapter() ? 0 : replaced_bytes(*model, stored);
  in.trainable = in.gradients = trained.bytes;
  in.largest_trainable = trained.largest;
  in.optimizer_ratio = optimizer_ratio(config.training);
  in.embedding_trained = model->embedding().weight().requires_grad();
  in.head_trained = model->head().weight().requires_grad();
  in.tied = spec.tied_embeddings;
  in.hidden_size = spec.hidden_size;
  in.vocab_size = spec.vocab_size;
  in.recompute = config.recompute_activations();
  in.accumulates = config.training.gradient_accumulation_steps > 1;
  in.tokens = config.training.per_device_train_batch_size * config.data.cutoff_len;
  const BlockProbe probe{.model = *model,
                         .tuning = *tuning,
                         .lora_dropout = config.finetuning.lora_dropout,
                         .compute_dtype = training_compute_dtype(config),
                         .stream = hidden,
                         .shift_ratio = task_options(config, spec).shift_ratio,
                         .rows = config.training.per_device_train_batch_size,
                         .length = config.data.cutoff_len};
  in.blocks = probe_blocks(probe);
  in.loss = probe_loss(probe);

  RunEstimate out;
  out.model_type = spec.model_type;
  out.parameters = spec.parameter_count();
  out.trainable = trained.parameters;
  out.forward_flops = spec.forward_flops_per_token(config.data.cutoff_len);
  out.training_flops =
      training_flops(out.forward_flops, backward_share(in), out.trainable, out.parameters, in.recompute);
  out.tokens = in.tokens;
  out.recompute = in.recompute;
  out.memory = training_memory(in);
  out.memory.allocator = cpu_pool_slack(out.memory.peak().second);
  out.cache_bytes_per_token = cache_bytes(spec, in.stream_bytes);
  return out;
}

}  // namespace lf
