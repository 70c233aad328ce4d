// Next-token prediction, the task of stages pt and sft: model, head and loss for the loop, and the folder a user gets.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "config/run_config.h"
#include "model/loader.h"
#include "tokenizer/tokenizer.h"
#include "train/task.h"

namespace lf {

struct CausalLmOptions {
  bool gradient_checkpointing = true;
  double label_smoothing = 0;
  double neftune_alpha = 0;
  bool compute_accuracy = false;
  double shift_ratio = 0;  // of shifted sparse attention, in training
};

/// Writes what is trained (adapter or whole model) into a folder, and takes it back.
class TrainedWeights {
 public:
  virtual ~TrainedWeights() = default;
  virtual std::vector<NamedTensor> tensors() = 0;
  virtual void write(OutputFolder& folder) = 0;
  virtual void load(const std::filesystem::path& folder) = 0;
};

class CausalLmTask final : public TrainTask {
 public:
  /// All must outlive the task.
  CausalLmTask(Decoder& model, const Tokenizer& tokenizer, TrainedWeights& weights, CausalLmOptions options)
      : model_(model), tokenizer_(tokenizer), weights_(weights), options_(options) {}

  void set_training(bool training) override;
  LossOutput loss(const Batch& batch) override;
  std::vector<NamedTensor> trained_tensors() override { return weights_.tensors(); }
  Json state() const override {
    return model_.depth_passes() == 0 ? Json::object() : Json{{"depth_passes", model_.depth_passes()}};
  }
  void restore(const Json& state) override { model_.set_depth_passes(state.value("depth_passes", int64_t{0})); }
  void write_model(OutputFolder& folder) override;
  void load_model(const std::filesystem::path& folder) override { weights_.load(folder); }

 private:
  at::Device batch_device();

  Decoder& model_;
  bool training_ = false;
  const Tokenizer& tokenizer_;
  TrainedWeights& weights_;
  CausalLmOptions options_;
};

}  // namespace lf
