#include "stages/export_model.h"

#include "base/error.h"
#include "base/log.h"
#include "checkpoint/export.h"
#include "checkpoint/model_files.h"
#include "io/safetensors_writer.h"
#include "io/tensor_file.h"
#include "model/gguf_model.h"
#include "stages/chat_session.h"
#include "stages/gguf/export_gguf.h"
#include "stages/local_models.h"
#include "stages/run_vocabulary.h"
#include "stages/trainable_model.h"
#include "tensor/device.h"
#include "tensor/dtype.h"
#include "tensor/dtype_choice.h"

namespace lf {
namespace {

constexpr uint64_t kGigabyte = 1'000'000'000;

/// infer_dtype when given; otherwise the checkpoint's, where fp32 becomes the narrow type of the machine's GPU
/// (upstream's rule). nullopt: every tensor as it is.
std::optional<c10::ScalarType> export_dtype(const RunConfig& config, std::span<const NamedTensor> tensors) {
  if (config.model.infer_dtype != "auto") return dtype_from_name(config.model.infer_dtype, "infer_dtype");
  const c10::ScalarType stored = main_dtype(tensors), chosen = exported_dtype(stored, gpu_narrow_types());
  return chosen == stored ? std::nullopt : std::optional(chosen);
}

/// The model under its own name: the last part of export_dir.
std::string export_name(const std::string& export_dir) {
  std::filesystem::path folder = std::filesystem::absolute(export_dir).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  return folder.filename().empty() ? "model" : folder.filename().string();
}

/// What export_gguf asks for; empty for none.
std::optional<GgufExport> gguf_request(const RunConfig& config) {
  if (config.model.export_gguf == "none") return std::nullopt;
  return GgufExport{.type = gguf_type_of(config.model.export_gguf),
                    .name = export_name(*config.model.export_dir),
                    .source = config.model.folder()};
}

/// Templates with single tokens have no form in Ollama's language; the model is exported all the same.
void write_modelfile(OutputFolder& out, const Template& chat_template, const Tokenizer& tokenizer) {
  try {
    out.write_text("Modelfile", chat_template.ollama_modelfile(tokenizer));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUnsupported) throw;
    log_warn("export", "no Modelfile is written: {}", error.what());
  }
}

}  // namespace

void export_model(const RunConfig& given) {
  LF_CHECK(kConfig, given.model.export_dir.has_value(), "export needs export_dir: the folder to write the model to");
  LF_CHECK(kConfig, given.model.export_size > 0, "export_size must be positive (GB of one shard) but is {}",
           given.model.export_size);
  const RunConfig config = with_local_models(given);
  const std::optional<GgufExport> gguf = gguf_request(config);
  LF_CHECK(kUnsupported, !gguf || !config.model.mixture_of_depths,
           "export_gguf is not available for a mixture of depths: GGUF has no form for its routers");
  if (gguf) check_gguf_config(read_json(std::filesystem::path(config.model.folder()) / "config.json"));
  InferenceModel model = load_inference_model(config, working_device(config.model.export_device == "cpu"));
  model.tokenizer->set_padding_side("left");

  std::vector<NamedTensor> tensors = model.loaded.model->state_dict();
  if (const auto dtype = export_dtype(config, tensors)) {
    log_info("export", "Convert model dtype to: {}.", dtype_name(*dtype));
    for (auto& [name, tensor] : tensors) {
      if (tensor.scalar_type() != *dtype) tensor = copied_in_pieces(tensor, *dtype, tensor.device());
    }
  }
  ModelFilesOptions files{.source = config.model.folder(),
                          .max_shard_bytes = static_cast<uint64_t>(config.model.export_size) * kGigabyte,
                          .head = model.loaded.spec.names.head,
                          .config_overrides = config_changes(config.model.folder(), model.vocabulary,
                                                             depth_mode(config.model) == DepthMode::kConvert)};
  uint64_t expected = tensor_bytes(tensors);
  for (const auto& [name, tensor] : tensors) expected += gguf ? gguf_bytes(tensor, gguf->type) : 0;
  publish_folder({.folder = *config.model.export_dir, .expected_bytes = expected}, [&](OutputFolder& out) {
    write_model_files(out, tensors, files);
    for (const auto& [name, text] : model.tokenizer->files()) out.write_text(name, text);
    write_modelfile(out, *model.chat_template, *model.tokenizer);
    if (gguf) export_gguf(out, model.loaded.config, tensors, *model.tokenizer, *gguf);
  });
  log_info("export", "{} parameters written to {}", model.loaded.spec.parameter_count(), *config.model.export_dir);
}

}  // namespace lf
