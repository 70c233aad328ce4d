#include "checkpoint/retention.h"

#include <charconv>

#include "base/error.h"
#include "base/log.h"
#include "checkpoint/manifest.h"

namespace lf {
namespace {

constexpr std::string_view kPrefix = "checkpoint-";
constexpr std::string_view kUnpublished = ".ckpt-";
constexpr std::string_view kTrash = ".trash-";

/// The number at the start of `text`, if digits are all it has up to `end`.
std::optional<int64_t> step_in(std::string_view text) {
  int64_t step = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), step);
  if (error != std::errc() || rest != text.data() + text.size() || text.empty() || text[0] == '-') return std::nullopt;
  return step;
}

void discard_checkpoint(const std::filesystem::path& output_dir, const CheckpointEntry& victim) {
  const auto trash = output_dir / (std::string(kTrash) + std::to_string(victim.step) + "-" + random_token());
  rename_path(victim.folder, trash);
  sync_folder(output_dir);
  std::error_code status;
  std::filesystem::remove_all(trash, status);
  if (status) log_warn("checkpoint", "{} could not be deleted: {}", trash.string(), status.message());
}

/// Publishes `folder` (.ckpt-N.tmp-...) when a run was killed between its last sync and the rename.
bool finish_publication(const std::filesystem::path& output_dir, const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  const size_t dot = name.find('.', kUnpublished.size());
  const auto step = step_in(std::string_view(name).substr(0, dot).substr(kUnpublished.size()));
  const auto target = output_dir / (std::string(kPrefix) + std::to_string(step.value_or(-1)));
  std::error_code status;
  if (!step || std::filesystem::exists(target, status)) return false;
  try {
    const auto manifest = verify_manifest(folder, Verify::kFull);
    if (!manifest || manifest->step != *step) return false;
    rename_path(folder, target);
    sync_folder(output_dir);
  } catch (const Error&) {
    return false;
  }
  log_info("checkpoint", "{} was complete when an earlier run ended; it is taken over", target.string());
  return true;
}

}  // namespace

std::vector<CheckpointEntry> list_checkpoints(const std::filesystem::path& output_dir) {
  std::vector<CheckpointEntry> found;
  std::error_code status;
  for (const auto& item : std::filesystem::directory_iterator(output_dir, status)) {
    const std::string name = item.path().filename().string();
    if (!name.starts_with(kPrefix) || !item.is_directory(status)) continue;
    if (const auto step = step_in(std::string_view(name).substr(kPrefix.size()))) found.push_back({*step, item.path()});
  }
  std::sort(found.begin(), found.end(),
            [](const CheckpointEntry& a, const CheckpointEntry& b) { return a.step < b.step; });
  return found;
}

void rotate_checkpoints(const std::filesystem::path& output_dir, std::optional<int64_t> limit,
                        std::optional<int64_t> best_step) {
  if (!limit || *limit <= 0) return;
  const std::vector<CheckpointEntry> all = list_checkpoints(output_dir);
  if (all.empty()) return;
  const int64_t newest = all.back().step;
  const bool best_is_older =
      best_step && *best_step != newest &&
      std::any_of(all.begin(), all.end(), [&](const auto& entry) { return entry.step == *best_step; });
  const size_t keep = std::max<size_t>(static_cast<size_t>(*limit), best_is_older ? 2 : 1);
  size_t remaining = all.size();
  for (const CheckpointEntry& entry : all) {
    if (remaining <= keep) return;
    if (entry.step == newest || entry.step == best_step) continue;
    try {
      discard_checkpoint(output_dir, entry);
    } catch (const Error& error) {
      log_warn("checkpoint", "an old checkpoint stays: {}", error.what());
    }
    --remaining;
  }
}

void clean_leftovers(const std::filesystem::path& output_dir) {
  std::vector<std::filesystem::path> leftovers;
  std::error_code status;
  for (const auto& item : std::filesystem::directory_iterator(output_dir, status)) {
    const std::string name = item.path().filename().string();
    const bool unpublished = name.starts_with(kUnpublished) && name.find(".tmp-") != std::string::npos;
    if (unpublished || name.starts_with(kTrash)) leftovers.push_back(item.path());
  }
  for (const auto& path : leftovers) {
    if (path.filename().string().starts_with(kUnpublished) && finish_publication(output_dir, path)) continue;
    std::filesystem::remove_all(path, status);
    if (status) {
      log_warn("checkpoint", "{} of an earlier run could not be deleted: {}", path.string(), status.message());
    } else {
      log_info("checkpoint", "removed {}, left by a run that was killed", path.string());
    }
  }
  remove_stale_temporaries(output_dir);
}

}  // namespace lf
