// A head that gives every token one number, for reward models and PPO: trl's ValueHead, with LLaMA-Factory's files.
#pragma once
#include <ATen/core/Generator.h>
#include <c10/core/Device.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "io/output_folder.h"
#include "model/decoder.h"
#include "tensor/module.h"

namespace lf {

class ValueHead final : public Module {
 public:
  static constexpr const char* kTensorFile = "value_head.safetensors";
  static constexpr const char* kPickleFile = "value_head.bin";

  struct Options {
    int64_t width = 0;     // D of the hidden states
    double dropout = 0.1;  // on the hidden states in training
    c10::Device device = c10::Device(c10::DeviceType::CPU);
    std::optional<at::Generator> generator;  // of initial values; the CPU's default generator when absent
  };
  /// fp32 parameters `summary.weight` (1 D) and `summary.bias` (1), drawn as torch.nn.Linear draws them, number for
  /// number, on the CPU. They do not require gradients.
  explicit ValueHead(const Options& options);
  std::string_view kind() const override { return "ValueHead"; }
  double flops_per_token(int64_t) const override { return 2.0 * static_cast<double>(weight_.size(1)); }
  void set_training(bool training) override { training_ = training; }

  /// hidden: N D, as Decoder::forward() gives it, in any dtype -> values: N, in the dtype of the parameters (fp32),
  /// also under a narrower ComputeDtype. Gradients flow to both.
  Tensor forward(const Tensor& hidden) const;

  void to(c10::Device device);
  /// For parameters that are leaves: whether they require gradients.
  void set_trainable(bool trainable);
  /// ("v_head.summary.weight", ...), as files name them; the tensors themselves.
  std::vector<NamedTensor> tensors() const;

  /// Writes value_head.safetensors.
  void write(OutputFolder& folder) const;
  /// Takes the values of value_head.safetensors or, where there is none and it is allowed, value_head.bin. False when
  /// there is neither. kUnsupported when there is only the .bin and it is not allowed; kFormat for other names or
  /// shapes than these two tensors'.
  bool load(const std::filesystem::path& folder, bool allow_legacy_bin = false);

 private:
  Tensor weight_, bias_;
  double dropout_;
  bool training_ = false;
};

/// The options of a value head on this model: the width of its hidden states, its device, and the dropout that
/// config.json names as summary_dropout_prob (kConfig when that is no probability; trl's 0.1 when it is absent).
ValueHead::Options value_head_options(Decoder& model, const Json& config);

}  // namespace lf
