#include "stages/block_probe.h"

#include <sys/mman.h>

#include <map>

#include "adapters/lora_set.h"
#include "base/error.h"
#include "model/loader.h"
#include "tensor/cpu_memory.h"
#include "tensor/precision.h"
#include "tensor/rng.h"

namespace lf {
namespace {

/// Operations that a probe may take: about a second.
constexpr double kOperations = 1.5e11;
constexpr int64_t kShortest = 64, kVocabulary = 128;
/// Smaller weights get values of their own, so that routers of mixtures spread the tokens.
constexpr int64_t kSmallWeight = int64_t{1} << 20;

/// Zeros that many weights share: pages that are only read take no memory.
class SharedZeros {
 public:
  explicit SharedZeros(size_t bytes) : bytes_(std::max<size_t>(bytes, 1)) {
    at_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    LF_CHECK(kResource, at_ != MAP_FAILED, "not enough memory: {} bytes of address space could not be had", bytes_);
  }
  ~SharedZeros() { munmap(at_, bytes_); }
  SharedZeros(const SharedZeros&) = delete;
  SharedZeros& operator=(const SharedZeros&) = delete;
  Tensor tensor(c10::IntArrayRef sizes, c10::ScalarType type) { return at::from_blob(at_, sizes, type); }

 private:
  size_t bytes_;
  void* at_;
};

/// One weight of a block as the run has it: what blocks of one kind have in common.
struct Weight {
  std::vector<int64_t> shape;
  c10::ScalarType type = at::kFloat;
  bool trained = false;
  auto operator<=>(const Weight&) const = default;
};

struct Factors {  // of low-rank adapters: module within the block -> rank
  std::map<std::string, int64_t> ranks;
  auto operator<=>(const Factors&) const = default;
};

/// What makes blocks need the same memory.
struct Kind {
  std::map<std::string, Weight> weights;  // by the name within the block
  Factors factors;
  int64_t window = 0, rope = 0;
  bool trained() const {
    return !factors.ranks.empty() ||
           std::any_of(weights.begin(), weights.end(), [](const auto& entry) { return entry.second.trained; });
  }
  auto operator<=>(const Kind&) const = default;
};

std::string block_prefix(const ModelSpec& spec, size_t block) {
  const std::string base = spec.names.base.empty() ? "" : spec.names.base + ".";
  return fmt::format("{}{}.{}.", base, spec.names.layers, block);
}

Weight weight_of(const NamedParameter& parameter) {
  const Tensor& tensor = *parameter.tensor;
  return {tensor.sizes().vec(), tensor.scalar_type(), tensor.requires_grad()};
}

/// Adapters by the module that they are on; from "base_model.model.<path>.lora_A.weight", of shape (rank, inputs).
std::map<std::string, int64_t> adapter_ranks(Tuning& tuning) {
  std::map<std::string, int64_t> ranks;
  constexpr std::string_view kPeft = "base_model.model.";
  for (const auto& [name, tensor] : tuning.trainable()) {
    const size_t factor = name.find(".lora_A");
    if (factor == name.npos) continue;
    const size_t start = name.starts_with(kPeft) ? kPeft.size() : 0;
    ranks[name.substr(start, factor - start)] = tensor.size(0);
  }
  return ranks;
}

std::vector<Kind> kinds_of(const BlockProbe& probe) {
  const ModelSpec& spec = probe.model.spec();
  const std::map<std::string, int64_t> ranks = adapter_ranks(probe.tuning);
  std::vector<Kind> kinds;
  for (size_t i = 0; DecoderLayer * layer : probe.model.layers()) {
    Kind kind{.window = spec.layers[i].window, .rope = spec.layers[i].rope};
    for (const NamedParameter& parameter : layer->named_tensors()) kind.weights[parameter.name] = weight_of(parameter);
    const std::string prefix = block_prefix(spec, i++);
    for (auto at = ranks.lower_bound(prefix); at != ranks.end() && at->first.starts_with(prefix); ++at)
      kind.factors.ranks[at->first.substr(prefix.size())] = at->second;
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

/// A decoder of few blocks: two of each kind, so that what one keeps is what the next finds more.
class SmallModel {
 public:
  SmallModel(const BlockProbe& probe, const std::vector<Kind>& kinds)
      : probe_(probe), zeros_(largest(probe.model)), model_(small_spec(probe.model.spec(), kinds)) {
    fill();
    attach();
    model_.train(true);
    for (DecoderLayer* layer : model_.layers()) layer->add_hook([this](Module& m, HookPoint at) { note(m, at); });
  }

  const std::vector<Kind>& kinds() const { return distinct_; }

  /// One forward and backward pass; what each kind of block needed.
  std::vector<BlockMemory> measure(int64_t rows, int64_t length) {
    const CountSmallBlocks counting;
    const ComputeDtype scope(probe_.compute_dtype);
    const at::AutoGradMode recording(true);
    points_.assign(2 * distinct_.size(), {});
    TokenStream stream{at::arange(rows * length, at::kLong) % model_.spec().vocab_size,
                       at::arange(length, at::kLong).repeat({rows}),
                       {}};
    for (int64_t row = 0; row <= rows; ++row) stream.bounds.push_back(row * length);
    Tensor hidden = model_.forward(stream, nullptr, {.shift_ratio = probe_.shift_ratio});
    hidden.backward(at::zeros_like(hidden));
    std::vector<BlockMemory> out;
    for (size_t i = 0; i < distinct_.size(); ++i) out.push_back(memory_of(i));
    clear_gradients();
    return out;
  }

  double parameters() const { return parameters_; }

 private:
  struct Points {
    double before_forward = 0, forward_peak = 0, before_backward = 0, backward_peak = 0;
    bool forward = false, backward = false;  // running
  };

  static size_t largest(Decoder& model) {
    size_t bytes = 0;
    for (const NamedParameter& parameter : model.named_tensors()) bytes = std::max(bytes, parameter.tensor->nbytes());
    return 2 * bytes;  // float32 where the model has 16 bits
  }

  ModelSpec small_spec(const ModelSpec& spec, const std::vector<Kind>& kinds) {
    ModelSpec small = spec;
    small.layers.clear();
    for (size_t i = 0; i < kinds.size(); ++i) {
      if (std::find(distinct_.begin(), distinct_.end(), kinds[i]) != distinct_.end()) continue;
      distinct_.push_back(kinds[i]);
      small.layers.insert(small.layers.end(), 2, spec.layers[i]);
    }
    small.vocab_size = std::min(spec.vocab_size, kVocabulary);
    if (spec.pad_token.value_or(0) >= small.vocab_size) small.pad_token.reset();
    small.unused_tokens.clear();
    small.carried.clear();
    small.longest_sequence = 0;
    return small;
  }

  void fill() {
    const c10::ScalarType type = probe_.model.embedding().weight().scalar_type();
    for (const NamedParameter& parameter : model_.named_tensors())
      *parameter.tensor = zeros_.tensor(parameter.tensor->sizes(), type);
    for (size_t i = 0; DecoderLayer * layer : model_.layers()) {
      const Kind& kind = distinct_[i++ / 2];
      for (const NamedParameter& parameter : layer->named_tensors()) {
        const Weight& weight = kind.weights.at(parameter.name);
        *parameter.tensor = value_of(weight);
        if (weight.trained) make_trainable(parameter, weight.type);
        parameters_ += static_cast<double>(parameter.tensor->numel());
      }
    }
    // Gradients arrive at the first block, too.
    Tensor& embedding = model_.embedding().weight();
    embedding = at::randn(embedding.sizes(), generator_, embedding.options()).requires_grad_(true);
  }

  Tensor value_of(const Weight& weight) {
    const int64_t numbers = c10::multiply_integers(weight.shape);
    if (numbers > kSmallWeight) return zeros_.tensor(weight.shape, weight.type);
    const auto kind = at::TensorOptions().dtype(weight.type);
    return weight.shape.size() == 1 ? at::ones(weight.shape, kind) : at::randn(weight.shape, generator_, kind) * 0.1;
  }

  void attach() {
    LoraConfig::Options config{.dropout = probe_.lora_dropout};
    for (size_t i = 0; i < 2 * distinct_.size(); ++i) {
      for (const auto& [module, rank] : distinct_[i / 2].factors.ranks) {
        config.target_modules.push_back(block_prefix(model_.spec(), i) + module);
        config.rank = rank;
      }
    }
    if (config.target_modules.empty()) return;
    adapter_ = LoraSet::create(model_, config, {.trainable = true});
  }

  void note(Module& module, HookPoint at) {
    const std::vector<DecoderLayer*> layers = model_.layers();
    const size_t index = std::find(layers.begin(), layers.end(), &module) - layers.begin();
    Points& points = points_[index];
    const auto live = static_cast<double>(cpu_memory().live), most = static_cast<double>(cpu_memory().most_live);
    for (Points& running : points_) {
      if (running.forward) running.forward_peak = std::max(running.forward_peak, most - running.before_forward);
      if (running.backward) running.backward_peak = std::max(running.backward_peak, most - running.before_backward);
    }
    if (at == HookPoint::kBeforeForward) points.before_forward = live;
    if (at == HookPoint::kBeforeBackward) points.before_backward = live;
    if (at == HookPoint::kBeforeForward || at == HookPoint::kAfterForward) {
      points.forward = at == HookPoint::kBeforeForward;
    } else {
      points.backward = at == HookPoint::kBeforeBackward;
    }
    reset_most_live();
  }

  BlockMemory memory_of(size_t kind) const {
    const Points &first = points_[2 * kind], &second = points_[2 * kind + 1];
    BlockMemory out;
    out.trained = distinct_[kind].trained();
    out.kept = second.before_forward - first.before_forward;
    out.forward_peak = second.forward_peak;
    out.backward_peak = second.backward_peak;
    return out;
  }

  void clear_gradients() {
    for (const NamedParameter& parameter : model_.named_parameters()) parameter.tensor->mutable_grad() = Tensor();
    if (!adapter_) return;
    for (auto& [name, tensor] : adapter_->trainable()) tensor.mutable_grad() = Tensor();
  }

  const BlockProbe& probe_;
  at::Generator generator_ = make_generator(1);
  std::vector<Kind> distinct_;
  SharedZeros zeros_;
  Decoder model_;
  std::unique_ptr<LoraSet> adapter_;
  std::vector<Points> points_;
  double parameters_ = 0;
};

/// The parabola through three values at n/4, n/2 and n, at `length`, for `rows` rows of which each was one value.
double continued(const std::array<double, 3>& values, double n, double rows, double length) {
  const double h = n / 4;
  double square = ((values[2] - values[1]) / (2 * h) - (values[1] - values[0]) / h) / (3 * h);
  if (std::abs(square * n * n) < 1e-3 * values[2]) square = 0;
  const double slope = square == 0 ? (values[2] - values[0]) / (3 * h) : (values[1] - values[0]) / h - square * 3 * h;
  const double constant = values[2] - slope * n - square * n * n;
  return constant + rows * (slope * length + square * length * length);
}

std::vector<BlockMemory> measured(SmallModel& model, const BlockProbe& probe) {
  const double affordable = kOperations / (6 * std::max(1.0, model.parameters()));
  if (affordable >= static_cast<double>(probe.rows * probe.length)) return model.measure(probe.rows, probe.length);
  const int64_t n = std::min(probe.length, std::max(kShortest, static_cast<int64_t>(affordable) / 4 * 4));
  std::array<std::vector<BlockMemory>, 3> at = {model.measure(1, n / 4), model.measure(1, n / 2), model.measure(1, n)};
  std::vector<BlockMemory> out = at[2];
  for (size_t i = 0; i < out.size(); ++i) {
    for (double BlockMemory::*part : {&BlockMemory::kept, &BlockMemory::forward_peak, &BlockMemory::backward_peak}) {
      out[i].*part = continued({at[0][i].*part, at[1][i].*part, at[2][i].*part}, static_cast<double>(n),
                               static_cast<double>(probe.rows), static_cast<double>(probe.length));
    }
  }
  return out;
}

}  // namespace

std::vector<BlockMemory> probe_blocks(const BlockProbe& probe) {
  const std::vector<Kind> kinds = kinds_of(probe);
  SmallModel small(probe, kinds);
  const std::vector<BlockMemory> distinct = measured(small, probe);
  std::vector<BlockMemory> blocks;
  for (const Kind& kind : kinds)
    blocks.push_back(distinct[std::find(small.kinds().begin(), small.kinds().end(), kind) - small.kinds().begin()]);
  return blocks;
}

}  // namespace lf
