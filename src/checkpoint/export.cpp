#include "checkpoint/export.h"

#include <set>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

bool is_absent_or_empty(const std::filesystem::path& folder) {
  std::error_code status;
  return !std::filesystem::exists(folder, status) || std::filesystem::is_empty(folder, status);
}

bool is_weights(const std::string& name) { return name.ends_with(".safetensors"); }

/// Weights first, then their index, then the rest: whoever reads meanwhile finds an index only over shards that are
/// there.
int move_order(const std::string& name) { return is_weights(name) ? 0 : name.ends_with(".index.json") ? 1 : 2; }

void remove_earlier_weights(const std::filesystem::path& folder, const std::set<std::string>& fresh) {
  std::error_code status;
  for (const auto& item : std::filesystem::directory_iterator(folder, status)) {
    const std::string name = item.path().filename().string();
    const bool model_file =
        name.starts_with("model") && (is_weights(name) || name.ends_with(".safetensors.index.json"));
    if (!model_file || fresh.count(name) || !item.is_regular_file(status)) continue;
    std::filesystem::remove(item.path(), status);
    LF_CHECK(kIo, !status, "{}: cannot be removed: {}", item.path().string(), status.message());
  }
}

void move_files(const OutputFolder& from, const std::filesystem::path& to) {
  std::vector<std::string> names;
  for (const FileRecord& record : from.records()) names.push_back(record.name);
  std::stable_sort(names.begin(), names.end(),
                   [](const std::string& a, const std::string& b) { return move_order(a) < move_order(b); });
  for (const std::string& name : names) rename_path(from.path() / name, to / name);
  remove_earlier_weights(to, std::set<std::string>(names.begin(), names.end()));
  sync_folder(to);
}

void put_in_place(const OutputFolder& from, const std::filesystem::path& to) {
  if (!is_absent_or_empty(to)) {
    move_files(from, to);
    return;
  }
  rename_path(from.path(), to);
  sync_folder(to.parent_path());
}

}  // namespace

void publish_folder(const PublishOptions& options, const std::function<void(OutputFolder&)>& write) {
  std::error_code status;
  auto target = std::filesystem::weakly_canonical(std::filesystem::absolute(options.folder), status);
  LF_CHECK(kIo, !status, "{}: {}", options.folder.string(), status.message());
  if (!target.has_filename()) target = target.parent_path();
  LF_CHECK(kIo, !std::filesystem::exists(target, status) || std::filesystem::is_directory(target, status),
           "{}: exists but is not a folder", target.string());
  create_folder(target.parent_path());
  require_free_space(target, options.expected_bytes, target.string());
  const bool whole = is_absent_or_empty(target);
  const auto temp = (whole ? target.parent_path() : target) / (".lf-tmp-" + random_token());
  try {
    OutputFolder folder(temp, WriteMode::kFresh);
    write(folder);
    sync_folder(temp);
    put_in_place(folder, target);
  } catch (...) {
    std::filesystem::remove_all(temp, status);
    throw;
  }
  std::filesystem::remove_all(temp, status);
}

}  // namespace lf
