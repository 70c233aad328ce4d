// The cache of the Hugging Face hub ("Hub Local Cache", huggingface_hub 1.33): per repository blobs/<etag>,
// refs/<revision>, snapshots/<commit>/<file> as relative links into blobs, .no_exist/<commit>/<file>,
// trees/<commit>.json; beside the repositories .locks/<repository>/<etag>.lock and CACHEDIR.TAG.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hub/file_list.h"
#include "hub/repo.h"

namespace lf {

class HfCache {
 public:
  HfCache(std::filesystem::path cache, RepoType type, const std::string& id, bool symlinks);

  /// models--owner--name or datasets--owner--name.
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path snapshot(const std::string& commit) const { return folder_ / "snapshots" / commit; }
  std::filesystem::path blob(const std::string& etag) const { return folder_ / "blobs" / etag; }
  std::filesystem::path lock(const std::string& etag) const;

  /// The commit `revision` stood for when it was last downloaded: itself when it is one, else what refs/ says.
  std::optional<std::string> commit_of(const std::string& revision) const;
  void write_ref(const std::string& revision, const std::string& commit) const;
  std::optional<std::vector<RepoFile>> tree(const std::string& commit) const;
  void write_tree(const std::string& commit, const std::vector<RepoFile>& files) const;
  /// Notes that `name` is not in `commit`: offline clients then need not ask.
  void write_absent(const std::string& commit, const std::string& name) const;
  void write_tag() const;
  /// snapshots/<commit>/<name> -> blobs/<etag>; where links are not possible the blob is moved (`fresh`) or copied
  /// there.
  void link(const std::string& commit, const std::string& name, const std::string& etag, bool fresh) const;

 private:
  std::filesystem::path cache_, folder_;
  bool symlinks_;
};

}  // namespace lf
