// A folder of entries by key: bounded, checked, shared by processes. An entry is a folder that is whole or absent.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/json.h"

namespace lf {

struct CacheOptions {
  std::filesystem::path folder;  // empty: no cache
  uint64_t most_bytes = 0;
};

/// LF_CACHE, or $XDG_CACHE_HOME/llamafactory, or ~/.cache/llamafactory; LF_CACHE_GB (20 when unset, 0 = no cache).
CacheOptions default_cache_options();

class CacheFolder {
 public:
  explicit CacheFolder(CacheOptions options) : options_(std::move(options)) {}

  bool enabled() const { return !options_.folder.empty() && options_.most_bytes > 0; }
  std::filesystem::path entry(const std::string& key) const { return options_.folder / key; }

  /// The description that `put` stored, after all files of the entry were checked (sizes and XXH3). Null when there is
  /// no such entry, or when it is damaged (then it is removed, with a warning). Marks the entry as used now.
  Json find(const std::string& key) const;
  /// `fill` writes files below the folder it is given and returns a description; the entry then appears at once, and
  /// the least recently used ones are removed until all fit. Failing is a warning, not an error.
  void put(const std::string& key, const std::function<Json(const std::filesystem::path&)>& fill) const;
  void remove(const std::string& key) const;

 private:
  void make_room(uint64_t bytes, const std::string& keep) const;

  CacheOptions options_;
};

}  // namespace lf
