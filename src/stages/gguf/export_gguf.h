// A model and its tokenizer as one GGUF file, for llama.cpp and what is built on it.
#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "base/json.h"
#include "io/gguf.h"
#include "io/output_folder.h"
#include "tokenizer/tokenizer.h"

namespace lf {

struct GgufExport {
  GgufType type = GgufType::kF16;
  std::string name;              // of the model: general.name and the file
  std::filesystem::path source;  // the base model's folder: tokenizer.model, generation_config.json
};

/// The values of `export_gguf`: f32, f16, bf16, q8_0.
GgufType gguf_type_of(const std::string& name);
/// "NAME-Q8_0.gguf".
std::string gguf_file_name(const GgufExport& options);

/// Writes gguf_file_name() into `out`. `tensors`: the merged model under Hugging Face's names. Errors as
/// describe_gguf() and gguf_vocabulary(); what llama.cpp leaves out is logged.
void export_gguf(OutputFolder& out, const Json& config, std::span<const NamedTensor> tensors,
                 const Tokenizer& tokenizer, const GgufExport& options);

}  // namespace lf
