// Tensor names of PEFT's adapter files.
#pragma once
#include <string>
#include <string_view>

namespace lf {

struct PeftName {
  /// A factor of a linear layer, a parameter of the model, or the model's own value of a parameter that was trained
  /// (PEFT saves it beside the trained one where the vocabulary grew; there is nothing to take from it).
  enum class Part { kA, kB, kWhole, kOriginal };
  Part part = Part::kWhole;
  std::string path;  // of the linear layer, or the parameter's checkpoint name
};

/// Reads "base_model.model.<path>.lora_A.weight" and the like, with or without an adapter name; `where` names the file.
/// kFormat for names of another kind, kUnsupported for parts of other methods (DoRA magnitudes, embedding factors,
/// biases).
PeftName parse_peft_name(std::string_view name, const std::string& where);

std::string peft_name(const PeftName& name);

}  // namespace lf
