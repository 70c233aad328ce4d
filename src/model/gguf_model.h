// A model in llama.cpp's terms: names, layout and metadata of its tensors in a GGUF file, as llama.cpp's converter
// (convert_hf_to_gguf.py) writes them. Families: llama, mistral, qwen2, qwen3, gemma, gemma2, gemma3_text.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "io/gguf.h"
#include "io/output_folder.h"

namespace lf {

struct GgufModel {
  GgufMetadata metadata;  // the architecture's keys ("llama.context_length" ...), without general.* and tokenizer.*
  std::vector<GgufTensor> tensors;
  std::vector<std::string> warnings;  // what llama.cpp leaves out of such a model
};

/// llama.cpp's name of the architecture. kUnsupported, with the families there are, for others.
std::string gguf_architecture(const Json& config);
/// All that can be known before weights are read; kUnsupported where llama.cpp cannot express the model.
void check_gguf_config(const Json& config);

/// `config`: config.json of the model; `tensors`: its state_dict under Hugging Face's names. Matrices become `type`,
/// vectors and norms F32, as llama.cpp needs them; rows that Q8_0 does not fit become F16. kUnsupported for tensors
/// that the family does not have there.
GgufModel describe_gguf(const Json& config, std::span<const NamedTensor> tensors, GgufType type);

}  // namespace lf
