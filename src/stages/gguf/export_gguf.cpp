#include "stages/gguf/export_gguf.h"

#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "model/gguf_model.h"
#include "stages/gguf/vocabulary.h"

namespace lf {
namespace {

/// llama.cpp's number of the whole file's type.
uint32_t file_type(GgufType type) {
  switch (type) {
    case GgufType::kF32:
      return 0;
    case GgufType::kF16:
      return 1;
    case GgufType::kQ8_0:
      return 7;
    case GgufType::kBF16:
      return 32;
  }
  return 0;
}

/// "1.2B", "135M": at least two digits.
std::string size_label(std::span<const GgufTensor> tensors) {
  double parameters = 0;
  for (const GgufTensor& tensor : tensors) parameters += static_cast<double>(tensor.data.numel());
  const auto [unit, letter] = parameters > 1e12  ? std::pair(1e12, 'T')
                              : parameters > 1e9 ? std::pair(1e9, 'B')
                              : parameters > 1e6 ? std::pair(1e6, 'M')
                                                 : std::pair(1e3, 'K');
  const double scaled = parameters / unit;
  const double whole = std::nearbyint(scaled);
  return fmt::format("{:.{}f}{}", scaled, whole < 1 ? 2 : whole < 10 ? 1 : 0, letter);
}

/// Sampling settings that the model came with.
void add_sampling(const std::filesystem::path& source, GgufMetadata& out) {
  std::error_code status;
  if (!std::filesystem::exists(source / "generation_config.json", status)) return;
  const Json settings = read_json(source / "generation_config.json");
  const auto number = [&](const char* key) {
    const auto found = settings.find(key);
    return found != settings.end() && found->is_number() ? std::optional<double>(found->get<double>()) : std::nullopt;
  };
  if (const auto top_k = number("top_k")) out.emplace_back("general.sampling.top_k", static_cast<int32_t>(*top_k));
  const std::pair<const char*, const char*> numbers[] = {
      {"top_p", "top_p"}, {"min_p", "min_p"}, {"temperature", "temp"}, {"repetition_penalty", "penalty_repeat"}};
  for (const auto& [theirs, ours] : numbers) {
    if (const auto value = number(theirs))
      out.emplace_back(fmt::format("general.sampling.{}", ours), static_cast<float>(*value));
  }
}

GgufMetadata general_metadata(const Json& config, const GgufModel& model, const GgufExport& options) {
  GgufMetadata out;
  out.emplace_back("general.architecture", gguf_architecture(config));
  out.emplace_back("general.type", std::string("model"));
  add_sampling(options.source, out);
  out.emplace_back("general.name", options.name);
  out.emplace_back("general.size_label", size_label(model.tensors));
  return out;
}

int64_t embedding_rows(std::span<const NamedTensor> tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (name == "model.embed_tokens.weight") return tensor.size(0);
  }
  throw_error(ErrorKind::kUnsupported, "export_gguf: the model has no model.embed_tokens.weight");
}

}  // namespace

GgufType gguf_type_of(const std::string& name) {
  if (name == "f32") return GgufType::kF32;
  if (name == "f16") return GgufType::kF16;
  if (name == "bf16") return GgufType::kBF16;
  LF_CHECK(kConfig, name == "q8_0", "export_gguf must be f32, f16, bf16 or q8_0 but is '{}'", name);
  return GgufType::kQ8_0;
}

std::string gguf_file_name(const GgufExport& options) {
  return fmt::format("{}-{}.gguf", options.name, gguf_type_name(options.type));
}

void export_gguf(OutputFolder& out, const Json& config, std::span<const NamedTensor> tensors,
                 const Tokenizer& tokenizer, const GgufExport& options) {
  GgufModel model = describe_gguf(config, tensors, options.type);
  const GgufMetadata text = gguf_tokenizer_metadata(tokenizer, config, options.source, embedding_rows(tensors));
  GgufMetadata metadata = general_metadata(config, model, options);
  for (const auto& item : model.metadata) metadata.push_back(item);
  metadata.emplace_back("general.file_type", file_type(options.type));
  metadata.emplace_back("general.quantization_version", uint32_t{2});
  for (const auto& item : text) metadata.push_back(item);
  for (const std::string& warning : model.warnings) log_warn("export", "GGUF: {}", warning);
  const std::string name = gguf_file_name(options);
  out.write_file(name, [&](DurableFile& file) { write_gguf(file, metadata, model.tensors); });
  log_info("export", "{} written: {} tensors", name, model.tensors.size());
}

}  // namespace lf
