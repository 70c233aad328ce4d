// AdamW (Loshchilov and Hutter, arXiv 1711.05101) with torch.optim.AdamW's arithmetic, bit for bit.
#pragma once
#include "optim/tensor_state.h"

namespace lf {

class AdamW : public TensorStateOptimizer {
 public:
  /// `fused`: one ATen kernel over lists of tensors (torch's fused=True); otherwise its plain twin, operation by
  /// operation.
  AdamW(std::vector<ParamGroup> groups, const OptimizerOptions& options, bool fused)
      : TensorStateOptimizer(std::move(groups), {"exp_avg", "exp_avg_sq"}), options_(options), fused_(fused) {}
  void step() override;

 private:
  void fused_step(ParamGroup& group);
  void plain_step(ParamGroup& group);

  OptimizerOptions options_;
  bool fused_;
};

}  // namespace lf
