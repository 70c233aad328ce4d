#include "data/source/glob.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "base/strings.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

bool matches(std::span<const std::string> pattern, std::span<const std::string> path) {
  if (pattern.empty()) return path.empty();
  if (pattern[0] == "**") {
    if (pattern.size() == 1) {  // everything below, but nothing hidden
      return std::none_of(path.begin(), path.end(), [](const std::string& name) { return name.starts_with('.'); });
    }
    for (size_t i = 0; i <= path.size(); ++i) {
      if (matches(pattern.subspan(1), path.subspan(i))) return true;
      if (i < path.size() && path[i].starts_with('.')) break;
    }
    return false;
  }
  return !path.empty() && fnmatch(pattern[0].c_str(), path[0].c_str(), FNM_PERIOD) == 0 &&
         matches(pattern.subspan(1), path.subspan(1));
}

}  // namespace

bool has_wildcards(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

bool matches_glob(const std::string& pattern, const std::string& path) {
  return matches(split(pattern, '/'), split(path, '/'));
}

std::vector<std::string> expand_glob(const std::string& pattern) {
  fs::path base;
  fs::path rest;
  bool wild = false;
  for (const fs::path& part : fs::path(pattern)) {
    wild = wild || has_wildcards(part.string());
    (wild ? rest : base) /= part;
  }
  const fs::path root = base.empty() ? fs::path(".") : base;
  std::vector<std::string> files;
  std::error_code status;
  fs::recursive_directory_iterator walk(root, fs::directory_options::skip_permission_denied, status);
  for (; !status && walk != fs::recursive_directory_iterator(); walk.increment(status)) {
    std::error_code kind;
    if (!walk->is_regular_file(kind)) continue;
    const std::string relative = walk->path().lexically_relative(root).generic_string();
    if (matches_glob(rest.generic_string(), relative)) files.push_back((base / relative).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace lf
