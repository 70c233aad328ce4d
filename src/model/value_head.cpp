#include "model/value_head.h"

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "io/safetensors.h"
#include "io/torch_bin.h"

namespace lf {
namespace {

constexpr const char* kPrefix = "v_head.";

/// The file of values in `folder`; null when there is none.
std::unique_ptr<TensorFile> open_values(const std::filesystem::path& folder, bool allow_legacy_bin) {
  std::error_code absent;
  const std::filesystem::path file = folder / ValueHead::kTensorFile, pickle = folder / ValueHead::kPickleFile;
  if (std::filesystem::exists(file, absent)) return std::make_unique<SafetensorsFile>(file);
  if (!std::filesystem::exists(pickle, absent)) return nullptr;
  LF_CHECK(kUnsupported, allow_legacy_bin,
           "'{}' holds its value head only as {}, a pickle. allow_legacy_bin: true reads its tensors without running "
           "anything in it",
           folder.string(), ValueHead::kPickleFile);
  return std::make_unique<TorchBinFile>(pickle);
}

void check_names(const TensorFile& file, const std::vector<NamedTensor>& wanted) {
  const std::string where = file.path().string();
  for (const auto& [name, tensor] : wanted) {
    LF_CHECK(kFormat, file.contains(name), "{}: '{}' is missing", where, name);
    const std::vector<int64_t> shape = file.info(name).shape;
    LF_CHECK(kFormat, tensor.sizes() == c10::IntArrayRef(shape),
             "{}: '{}' has shape [{}], but hidden states of this model need [{}]", where, name, fmt::join(shape, ", "),
             fmt::join(tensor.sizes(), ", "));
    LF_CHECK(kFormat, c10::isFloatingType(file.info(name).dtype), "{}: '{}' holds no floating-point numbers", where,
             name);
  }
  for (const std::string& name : file.names()) {
    const bool known =
        std::any_of(wanted.begin(), wanted.end(), [&](const NamedTensor& entry) { return entry.first == name; });
    LF_CHECK(kFormat, known, "{}: '{}' is no part of a value head", where, printable(name));
  }
}

Tensor uniform(std::vector<int64_t> shape, int64_t inputs, const std::optional<at::Generator>& generator) {
  const double bound = 1 / std::sqrt(static_cast<double>(inputs));
  return at::empty(shape, at::kFloat).uniform_(-bound, bound, generator);
}

}  // namespace

ValueHead::ValueHead(const Options& options) : dropout_(options.dropout) {
  LF_ASSERT(options.width > 0 && options.dropout >= 0 && options.dropout < 1);
  at::NoGradGuard no_grad;
  weight_ = uniform({1, options.width}, options.width, options.generator);
  bias_ = uniform({1}, options.width, options.generator);
  register_parameter("summary.weight", weight_);
  register_parameter("summary.bias", bias_);
  to(options.device);
}

Tensor ValueHead::forward(const Tensor& hidden) const {
  const Tensor kept = training_ && dropout_ > 0 ? at::dropout(hidden, dropout_, true) : hidden;
  return at::linear(kept.to(weight_.device(), weight_.scalar_type()), weight_, bias_).squeeze(-1);
}

void ValueHead::to(c10::Device device) {
  at::NoGradGuard no_grad;
  for (Tensor* tensor : {&weight_, &bias_}) {
    const bool trainable = tensor->requires_grad();
    *tensor = tensor->detach().to(device);
    tensor->requires_grad_(trainable);
  }
}

void ValueHead::set_trainable(bool trainable) {
  weight_.requires_grad_(trainable);
  bias_.requires_grad_(trainable);
}

std::vector<NamedTensor> ValueHead::tensors() const {
  return {{std::string(kPrefix) + "summary.weight", weight_}, {std::string(kPrefix) + "summary.bias", bias_}};
}

void ValueHead::write(OutputFolder& folder) const {
  std::vector<NamedTensor> saved = tensors();
  for (NamedTensor& entry : saved) entry.second = entry.second.detach();
  folder.write_tensors(kTensorFile, saved);
}

bool ValueHead::load(const std::filesystem::path& folder, bool allow_legacy_bin) {
  const std::unique_ptr<TensorFile> file = open_values(folder, allow_legacy_bin);
  if (!file) {
    log_info("model", "Provided path ({}) does not contain value head weights.", folder.string());
    log_info("model", "Ignore the above message if you are not resuming the training of a value head model.");
    return false;
  }
  at::NoGradGuard no_grad;
  std::vector<NamedTensor> own = tensors();
  check_names(*file, own);
  for (auto& [name, tensor] : own) tensor.copy_(file->tensor(name));
  log_info("model", "Loaded valuehead from checkpoint: {}", folder.string());
  return true;
}

ValueHead::Options value_head_options(Decoder& model, const Json& config) {
  const ModelSpec& spec = model.spec();
  ValueHead::Options options;
  options.width = spec.embedding_width > 0 ? spec.embedding_width : spec.hidden_size;
  options.device = model.embedding().weight().device();
  if (const auto found = config.find("summary_dropout_prob"); found != config.end()) {
    const bool none = found->is_null() || (found->is_boolean() && !found->get<bool>());
    LF_CHECK(kConfig, none || found->is_number(), "config.json: summary_dropout_prob must be a number but is {}",
             printable(found->dump(), 60));
    options.dropout = none ? 0 : found->get<double>();
  }
  LF_CHECK(kConfig, options.dropout >= 0 && options.dropout < 1,
           "config.json: summary_dropout_prob must be from 0 and below 1 but is {}", options.dropout);
  return options;
}

}  // namespace lf
