// Which checkpoint a run goes on from: upstream's rule for `resume_from_checkpoint`, plus verification and falling
// back.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/manifest.h"

namespace lf {

struct ResumePoint {
  std::filesystem::path folder;
  int64_t step = 0;
  bool verified = false;  // false: no manifest (written by Python)
};

/// The newest checkpoint-N in `output_dir` that verifies; those that do not are logged with the file that failed.
std::optional<ResumePoint> find_resume_checkpoint(const std::filesystem::path& output_dir,
                                                  Verify verify = Verify::kAuto);

struct ResumeRequest {
  std::filesystem::path output_dir;
  std::optional<std::string> resume_from_checkpoint;  // unset, a folder, "true" (the newest; must exist) or "false"
  bool overwrite_output_dir = false;
  bool can_resume =
      true;  // false for stages that never resume (rm, ppo with full or freeze): a request is dropped with a warning
  Verify verify = Verify::kAuto;
};
/// nullopt: start afresh. kConfig when weights lie in output_dir without a checkpoint and nothing was asked for, or
/// when "true" finds nothing; kFormat, kIo when the folder asked for does not verify.
std::optional<ResumePoint> decide_resume(const ResumeRequest& request);

}  // namespace lf
