#include "data/cache/cache_folder.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "io/atomic_file.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEntryFile = "entry.json";
constexpr const char* kTempPrefix = ".tmp-";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

uint64_t limit_from_environment() {
  const std::string text = variable("LF_CACHE_GB");
  if (text.empty()) return uint64_t{20} * 1000 * 1000 * 1000;
  char* end = nullptr;
  const double gigabytes = std::strtod(text.c_str(), &end);
  LF_CHECK(kConfig, end == text.c_str() + text.size() && gigabytes >= 0,
           "LF_CACHE_GB must be a number of gigabytes (0 = no cache) but is '{}'", printable(text));
  return static_cast<uint64_t>(gigabytes * 1e9);
}

/// Files of a folder with sizes and hashes, by relative path.
Json files_below(const fs::path& folder) {
  Json files = Json::array();
  for (const auto& item : fs::recursive_directory_iterator(folder)) {
    if (!item.is_regular_file()) continue;
    const FileRecord record = record_of_file(item.path());
    files.push_back(
        {{"name", fs::relative(item.path(), folder).string()}, {"size", record.size}, {"xxh3", record.xxh3}});
  }
  return files;
}

uint64_t bytes_of(const Json& entry) {
  uint64_t bytes = 0;
  for (const Json& file : entry.at("files")) bytes += file.at("size").get<uint64_t>();
  return bytes;
}

/// kFormat naming the file that is not what the entry says.
void verify(const fs::path& folder, const Json& entry) {
  for (const Json& file : entry.at("files")) {
    const fs::path path = folder / file.at("name").get<std::string>();
    std::error_code status;
    const bool same_size = fs::file_size(path, status) == file.at("size").get<uint64_t>() && !status;
    LF_CHECK(kFormat, same_size && record_of_file(path).xxh3 == file.at("xxh3").get<std::string>(),
             "{}: is not what was written", path.string());
  }
}

struct Used {
  fs::path folder;
  fs::file_time_type when;
  uint64_t bytes = 0;
};

/// Entries with their time of use; half-written ones of killed runs, once they are a day old, count as never used.
std::vector<Used> entries_of(const fs::path& folder) {
  std::vector<Used> entries;
  std::error_code status;
  for (const auto& item : fs::directory_iterator(folder, status)) {
    if (!item.is_directory(status)) continue;
    Used used{item.path(), fs::last_write_time(item.path() / kEntryFile, status)};
    const bool temporary = item.path().filename().string().starts_with(kTempPrefix);
    if (!temporary && !fs::exists(item.path() / kEntryFile, status)) continue;
    if (status || temporary) used.when = fs::last_write_time(item.path(), status);
    if (temporary && fs::file_time_type::clock::now() - used.when < std::chrono::hours(24)) continue;
    for (const auto& file : fs::recursive_directory_iterator(item.path(), status)) {
      std::error_code gone;
      const auto size = file.is_regular_file(gone) ? file.file_size(gone) : 0;
      if (!gone) used.bytes += size;
    }
    entries.push_back(std::move(used));
  }
  return entries;
}

/// Out of the way at once, then deleted: no other process sees half an entry.
void remove_entry(const fs::path& folder) {
  std::error_code ignored;
  const fs::path trash = folder.parent_path() / fmt::format("{}gone-{}", kTempPrefix, random_token());
  fs::rename(folder, trash, ignored);
  fs::remove_all(ignored ? folder : trash, ignored);
}

}  // namespace

CacheOptions default_cache_options() {
  const uint64_t most = limit_from_environment();
  if (const std::string folder = variable("LF_CACHE"); !folder.empty()) return {fs::path(folder) / "data", most};
  if (const std::string base = variable("XDG_CACHE_HOME"); !base.empty())
    return {fs::path(base) / "llamafactory" / "data", most};
  const std::string home = variable("HOME");
  if (home.empty()) return {};
  return {fs::path(home) / ".cache" / "llamafactory" / "data", most};
}

Json CacheFolder::find(const std::string& key) const {
  if (!enabled()) return nullptr;
  const fs::path folder = entry(key);
  std::error_code status;
  if (!fs::exists(folder / kEntryFile, status)) return nullptr;
  try {
    const Json found = read_json(folder / kEntryFile);
    verify(folder, found);
    fs::last_write_time(folder / kEntryFile, fs::file_time_type::clock::now(), status);
    return found.at("description");
  } catch (const std::exception& error) {
    log_warn("data", "cached data is damaged and is made anew: {}", error.what());
    remove(key);
    return nullptr;
  }
}

void CacheFolder::put(const std::string& key, const std::function<Json(const fs::path&)>& fill) const {
  if (!enabled()) return;
  fs::path temporary;
  try {
    create_folder(options_.folder);
    temporary = options_.folder / (kTempPrefix + random_token());
    create_folder(temporary);
    const Json description = fill(temporary);
    const Json whole = {{"files", files_below(temporary)}, {"description", description}};
    write_file_durably(temporary / kEntryFile, python_json(whole), WriteMode::kFresh);
    const uint64_t bytes = bytes_of(whole);
    if (bytes <= options_.most_bytes) {
      make_room(bytes, key);
      std::error_code taken;  // another process may have been faster
      fs::rename(temporary, entry(key), taken);
    }
  } catch (const std::exception& error) {
    log_warn("data", "prepared data could not be cached: {}", error.what());
  }
  std::error_code ignored;
  if (!temporary.empty()) fs::remove_all(temporary, ignored);
}

void CacheFolder::remove(const std::string& key) const {
  std::error_code status;
  if (enabled() && fs::exists(entry(key), status)) remove_entry(entry(key));
}

void CacheFolder::make_room(uint64_t bytes, const std::string& keep) const {
  std::vector<Used> entries = entries_of(options_.folder);
  std::sort(entries.begin(), entries.end(), [](const Used& a, const Used& b) { return a.when < b.when; });
  uint64_t total = bytes;
  for (const Used& used : entries) total += used.bytes;
  for (const Used& used : entries) {
    if (total <= options_.most_bytes) return;
    if (used.folder.filename() == keep) continue;
    remove_entry(used.folder);
    total -= used.bytes;
  }
}

}  // namespace lf
