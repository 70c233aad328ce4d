// TensorBoard event files: TFRecord frames around hand-encoded Event messages (tensorflow/core/util/event.proto).
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/json.h"

namespace lf {

struct TensorBoardOptions {
  std::filesystem::path output_dir;
  std::filesystem::path logging_dir;  // empty: TENSORBOARD_LOGGING_DIR, else output_dir/runs/<date>_<host>
  int64_t resume_step = 0;            // > 0: TensorBoard forgets later points of earlier files in the same folder
};

class TensorBoardWriter {
 public:
  /// Creates the folder and the event file; kIo.
  explicit TensorBoardWriter(const TensorBoardOptions& options);
  ~TensorBoardWriter();
  TensorBoardWriter(const TensorBoardWriter&) = delete;
  TensorBoardWriter& operator=(const TensorBoardWriter&) = delete;

  /// Numbers as scalars (train/loss, train/grad_norm, eval/loss, ... as transformers names them), strings as texts.
  /// A failing disk is reported once by a warning; training goes on.
  void log(const Json& logs, int64_t step);
  void add_scalar(std::string_view tag, double value, int64_t step);
  void add_text(std::string_view tag, std::string_view text, int64_t step = 0);

  const std::filesystem::path& path() const { return path_; }

 private:
  void write_event(const std::string& event);

  std::filesystem::path path_;
  int fd_ = -1;
  bool failed_ = false;
};

/// "eval_loss" -> "eval/loss", "test_x" -> "test/x", others "train/<key>".
std::string tensorboard_tag(std::string_view key);
/// CRC-32C (Castagnoli) of `bytes`.
uint32_t crc32c(std::string_view bytes);

}  // namespace lf
