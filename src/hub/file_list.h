// What hubs answer about repositories: parsed and checked, never trusted.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "hub/digest.h"

namespace lf {

/// A file of a repository at one commit. `path` has passed check_repo_file.
struct RepoFile {
  std::string path;
  std::optional<uint64_t> size;  // bytes; nullopt = the hub does not say
  std::string blob_id;           // git's SHA-1 (of the pointer for LFS files); "" = unknown
  std::string sha256;            // of the content, for LFS files and on ModelScope; "" = unknown
  std::string xet_hash;          // kept for the cache's listing

  /// What the content must hash to.
  FileHash hash() const;
};

/// One page of GET /api/{models|datasets}/{id}/tree/{commit}?recursive=true (Hugging Face). kFormat with `where`.
std::vector<RepoFile> parse_hf_tree(std::string_view text, const std::string& where);
/// The commit in GET /api/{models|datasets}/{id}/revision/{revision}; kFormat when it is none.
std::string parse_hf_commit(std::string_view text, const std::string& where);

/// One page of ModelScope's GET /api/v1/{models|datasets}/{id}/repo/{files|tree}.
struct MsPage {
  std::vector<RepoFile> files;
  size_t entries = 0;  // files and folders, for the end of the pages
};
MsPage parse_ms_files(std::string_view text, const std::string& where);

/// Listing of a commit as the Python client keeps it (trees/<commit>.json, format_version 1).
std::string tree_cache_text(const std::vector<RepoFile>& files);
/// nullopt when it is of another format or broken: it is then asked for again.
std::optional<std::vector<RepoFile>> parse_tree_cache(std::string_view text);

}  // namespace lf
