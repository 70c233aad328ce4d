// `export`: merge adapters into a model and write it as a folder that transformers and Ollama read.
#include "cli/arguments.h"
#include "cli/command.h"
#include "stages/export_model.h"

namespace lf {
namespace {

int run_export(std::span<const std::string> args) {
  const std::optional<RunConfig> config = parse_or_help("export", ConfigKind::kInfer, args);
  if (config) export_model(*config);
  return 0;
}

}  // namespace

extern const CommandEntry entry_export;
constinit const CommandEntry entry_export{"export", "merge adapters and write the model",
                                          "export CONFIG.yaml export_dir=FOLDER [key=value ...]", run_export};

}  // namespace lf
