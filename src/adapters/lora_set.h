// A LoRA adapter on a model: factors on linear layers, full copies of further modules, and PEFT's folder format.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/full_copies.h"
#include "adapters/lora_config.h"
#include "adapters/lora_layer.h"
#include "adapters/module_match.h"
#include "adapters/tuning.h"
#include "io/tensor_file.h"

namespace lf {

class LoraSet final : public Tuning {
 public:
  struct Options {
    bool trainable = true;
    bool allow_legacy_bin = false;  // adapter_model.bin where there is no safetensors file
    bool wide_copies = true;        // full copies in fp32; false keeps the type of the model (pure_bf16)
    std::optional<at::Generator> generator;
    std::vector<std::string> saved_too =
        {};  // parameters of the model that write() adds, as PEFT adds a grown embedding
  };

  /// A fresh adapter. config.target_modules() may be {"all"}. kConfig, kUnsupported as match_linears() says.
  static std::unique_ptr<LoraSet> create(Module& model, const LoraConfig::Options& config, const Options& options);
  /// An adapter that PEFT or this program wrote. kIo when there is none, kUnsupported when there is only
  /// adapter_model.bin and options do not allow it, kFormat when it
  /// does not fit the model, kUnsupported as LoraConfig says.
  static std::unique_ptr<LoraSet> from_folder(Module& model, const std::filesystem::path& folder,
                                              const Options& options);

  std::vector<NamedTensor> trainable() override;
  bool is_adapter() const override { return true; }
  void write(OutputFolder& folder) override;
  void load(const std::filesystem::path& folder) override;
  void set_enabled(bool enabled) override;
  int64_t extra_parameters() const override;

  /// Takes factors and copies from one safetensors file (PEFT's names, with or without an adapter name such as
  /// ".default"). `complete`: every tensor of the set must be there. kFormat otherwise, and for names or shapes that do
  /// not fit.
  void load_tensors(const std::filesystem::path& file, bool complete = true);
  /// Adds the adapter to the weights and takes it off the model: (weight + delta) in fp32, rounded to the weight's
  /// type. The set is empty afterwards.
  void merge();

  const LoraConfig& config() const { return config_; }
  size_t layer_count() const { return layers_.size(); }

 private:
  struct Layer {
    std::string path;
    Linear* linear = nullptr;
    std::shared_ptr<LoraLayer> lora;
  };
  LoraSet(Module& model, LoraConfig config) : model_(model), config_(std::move(config)) {}
  void attach(const LinearTarget& target, LoraFactors factors, bool trainable);
  void take(const TensorFile& file, bool complete);
  std::vector<NamedTensor> tensors();

  Module& model_;
  LoraConfig config_;
  std::vector<std::string> saved_too_;
  std::vector<Layer> layers_;
  std::unique_ptr<FullCopies> copies_;
};

/// `path`, or its subfolder model_options.adapter_folder.
std::filesystem::path adapter_path(const std::string& path, const ModelOptions& model_options);

}  // namespace lf
