// Tensor names of PEFT's adapter files.
#pragma once
#include <string>
#include <string_view>

namespace lf {

struct PeftName {
  enum class Part { kA, kB, kWhole };  // a factor of a linear layer, or a parameter of the model
  Part part = Part::kWhole;
  std::string path;  // of the linear layer, or the parameter's checkpoint name
};

/// Reads "base_model.model.<path>.lora_A.weight" and the like, with or without an adapter name; `where` names the file.
/// kFormat for names of another kind, kUnsupported for parts of other methods (DoRA magnitudes, embedding factors,
/// biases).
PeftName parse_peft_name(std::string_view name, const std::string& where);

std::string peft_name(const PeftName& name);

}  // namespace lf
