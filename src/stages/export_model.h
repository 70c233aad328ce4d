// Export: base model and adapters merged, written as sharded safetensors with configuration, tokenizer and Modelfile.
#pragma once
#include "config/run_config.h"

namespace lf {

/// Writes config.model.export_dir. kConfig when it is not given; kIo when it cannot be written (nothing half-done is
/// left).
void export_model(const RunConfig& config);

}  // namespace lf
