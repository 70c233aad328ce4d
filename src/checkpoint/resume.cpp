#include "checkpoint/resume.h"

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/strings.h"
#include "checkpoint/retention.h"
#include "io/safetensors.h"

namespace lf {
namespace {

/// A checkpoint without manifest counts when its weights and trainer_state.json can be read. Returns its step.
int64_t check_foreign(const std::filesystem::path& folder) {
  const Json state = read_json(folder / "trainer_state.json");
  LF_CHECK(kFormat, state.is_object() && state.contains("global_step") && state["global_step"].is_number_integer(),
           "{}: has no 'global_step'", (folder / "trainer_state.json").string());
  std::error_code status;
  const bool adapter = std::filesystem::exists(folder / "adapter_model.safetensors", status);
  ModelWeights weights(folder, adapter ? "adapter_model" : "model");
  return state["global_step"].get<int64_t>();
}

/// kFormat, kIo when it cannot be used.
ResumePoint usable_point(const std::filesystem::path& folder, Verify verify) {
  const auto manifest = verify_manifest(folder, verify);
  return {folder, manifest ? manifest->step : check_foreign(folder), manifest.has_value()};
}

bool holds_weights(const std::filesystem::path& folder) {
  std::error_code status;
  for (const char* name : {"adapter_model.safetensors", "adapter_model.bin", "model.safetensors",
                           "model.safetensors.index.json", "pytorch_model.bin"}) {
    if (std::filesystem::is_regular_file(folder / name, status)) return true;
  }
  return false;
}

ResumePoint explicit_point(const std::string& text, Verify verify) {
  const std::filesystem::path folder(text);
  std::error_code status;
  LF_CHECK(kIo, std::filesystem::is_directory(folder, status), "resume_from_checkpoint: there is no folder {}", text);
  return usable_point(folder, verify);
}

/// The newest usable checkpoint; kFormat when there are some but none is usable.
std::optional<ResumePoint> newest_point(const ResumeRequest& request) {
  const auto point = find_resume_checkpoint(request.output_dir, request.verify);
  const size_t count = list_checkpoints(request.output_dir).size();
  LF_CHECK(kFormat, point || count == 0,
           "{}: none of its {} checkpoints can be read (see above); set overwrite_output_dir: true to start afresh",
           request.output_dir.string(), count);
  return point;
}

}  // namespace

std::optional<ResumePoint> find_resume_checkpoint(const std::filesystem::path& output_dir, Verify verify) {
  const std::vector<CheckpointEntry> all = list_checkpoints(output_dir);
  for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
    try {
      return usable_point(entry->folder, verify);
    } catch (const Error& error) {
      log_warn("checkpoint", "{} cannot be used: {}", entry->folder.filename().string(), error.what());
    }
  }
  return std::nullopt;
}

std::optional<ResumePoint> decide_resume(const ResumeRequest& request) {
  const std::string asked = request.resume_from_checkpoint.value_or("");
  const std::string word = to_lower(asked);
  if (!request.can_resume) {
    if (request.resume_from_checkpoint)
      log_warn("checkpoint", "resume_from_checkpoint has no effect in this stage: starting afresh");
    return std::nullopt;
  }
  if (word == "false" || word == "no") return std::nullopt;
  if (word == "true" || word == "yes") {
    const auto point = newest_point(request);
    LF_CHECK(kConfig, point, "resume_from_checkpoint: no valid checkpoint found in output directory ({})",
             request.output_dir.string());
    return point;
  }
  if (!asked.empty()) return explicit_point(asked, request.verify);
  if (request.overwrite_output_dir) return std::nullopt;
  const auto point = newest_point(request);
  LF_CHECK(kConfig, point || !holds_weights(request.output_dir),
           "output directory {} already exists and holds weights but no checkpoint; set overwrite_output_dir: true to "
           "overcome this",
           request.output_dir.string());
  if (point) {
    log_info("checkpoint", "to start afresh, change output_dir or set overwrite_output_dir: true");
  }
  return point;
}

}  // namespace lf
