// Which parameters `finetuning_type: freeze` trains: LLaMA-Factory's rules, which go by parts of parameter names.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/finetuning_options.h"

namespace lf {

class FreezeChoice {
 public:
  /// `names`: of all parameters; `layers`: number of blocks. kConfig when options.freeze_trainable_modules or
  /// options.freeze_extra_modules name what is not there (the message lists what is), when there are no blocks, and as
  /// expanded_blocks() says.
  FreezeChoice(std::span<const std::string> names, int64_t layers, const FinetuningOptions& options);

  /// Whether one of patterns() is part of the name.
  bool trains(std::string_view name) const;
  /// ".31.self_attn", ".31." (all modules), "lm_head" in the order of the options.
  const std::vector<std::string>& patterns() const { return patterns_; }

 private:
  std::vector<std::string> patterns_;
};

/// Name parts behind the block number ("self_attn"), each once, in order.
std::vector<std::string> modules_of_blocks(std::span<const std::string> names);
/// Owners of the parameters outside of blocks ("embed_tokens", "norm", "lm_head"), each once, in order.
std::vector<std::string> modules_outside_blocks(std::span<const std::string> names);

/// Positions of `added` blocks that block expansion (LLaMA-Pro, arXiv 2401.02415) spread over `layers`: the last of
/// each group of layers / added. kConfig when that is no whole number.
std::vector<int64_t> expanded_blocks(int64_t layers, int64_t added);

}  // namespace lf
