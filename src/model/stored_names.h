// Names of tensors as one checkpoint holds them, and whether it holds what a model needs.
#pragma once
#include <filesystem>
#include <string>

#include "io/safetensors.h"
#include "model/spec.h"

namespace lf {

/// Checkpoints may leave out the base's prefix ("h.0..." for "transformer.h.0...", as those saved from the bare
/// backbone do), or spell a name in another way (ModelSpec::other_names).
class StoredNames {
 public:
  /// `unrouted`: the checkpoint has none of the model's depth routers, nor their blocks' prefix
  /// (model/mixture_of_depths.h).
  StoredNames(const ModelSpec& spec, const ModelWeights& weights, bool unrouted = false);
  /// What the checkpoint calls the tensor `name`; the name itself where it has none.
  std::string find(const std::string& name) const;

 private:
  const ModelSpec& spec_;
  const ModelWeights& weights_;
  std::string prefix_;
  bool bare_ = false;
  const bool unrouted_;
};

/// Compares names and shapes; one error (kFormat) tells everything that is missing, unexpected or of another shape.
void check_tensors(const ModelSpec& spec, const ModelWeights& weights, const std::filesystem::path& folder);

}  // namespace lf
