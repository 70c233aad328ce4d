#include "hub/file_list.h"

#include <map>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "hub/names.h"

namespace lf {
namespace {

constexpr size_t kMaxFiles = 2'000'000;

const Json* member(const Json& object, std::string_view key) {
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

std::string text_of(const Json& object, std::string_view key, const std::string& where) {
  const Json* value = member(object, key);
  if (!value) return "";
  LF_CHECK(kFormat, value->is_string(), "{}: {} must be text but is {}", where, key, value->type_name());
  return value->get<std::string>();
}

std::optional<uint64_t> size_of(const Json& object, std::string_view key, const std::string& where) {
  const Json* value = member(object, key);
  if (!value) return std::nullopt;
  LF_CHECK(kFormat, value->is_number_unsigned() && value->get<uint64_t>() < uint64_t{1} << 60,
           "{}: {} must be a number of bytes but is {}", where, key, printable(value->dump(), 60));
  return value->get<uint64_t>();
}

std::string hash_of(const Json& object, std::string_view key, size_t length, const std::string& where) {
  const std::string hex = to_lower(text_of(object, key, where));
  const bool good = hex.empty() || (length == 40 ? is_commit(hex) : is_sha256(hex));
  LF_CHECK(kFormat, good, "{}: {} must have {} hex digits but is '{}'", where, key, length, printable(hex, 80));
  return hex;
}

const Json& checked_list(const Json& list, const std::string& where) {
  LF_CHECK(kFormat, list.is_array(), "{}: a list of files was needed but it is {}", where, list.type_name());
  LF_CHECK(kFormat, list.size() <= kMaxFiles, "{}: more than {} files", where, kMaxFiles);
  return list;
}

RepoFile hf_file(const Json& entry, const std::string& where) {
  RepoFile file;
  file.path = text_of(entry, "path", where);
  check_repo_file(file.path);
  const std::string at = where + ": " + file.path;
  file.size = size_of(entry, "size", at);
  file.blob_id = hash_of(entry, "oid", 40, at);
  file.xet_hash = hash_of(entry, "xetHash", 64, at);
  if (const Json* lfs = member(entry, "lfs")) {
    LF_CHECK(kFormat, lfs->is_object(), "{}: lfs must be an object but is {}", at, lfs->type_name());
    file.sha256 = hash_of(*lfs, "oid", 64, at + ": lfs");
    if (const auto size = size_of(*lfs, "size", at + ": lfs")) file.size = size;
  }
  return file;
}

/// Two names that are one file on disk, or a file that is also a folder, cannot be stored.
void check_distinct(const std::vector<RepoFile>& files, const std::string& where) {
  std::set<std::string_view> names;
  for (const RepoFile& file : files) {
    LF_CHECK(kFormat, names.insert(file.path).second, "{}: the file '{}' appears twice", where, printable(file.path));
  }
  for (const RepoFile& file : files) {
    for (size_t slash = file.path.find('/'); slash != std::string::npos; slash = file.path.find('/', slash + 1)) {
      LF_CHECK(kFormat, !names.count(std::string_view(file.path).substr(0, slash)), "{}: '{}' is a file and a folder",
               where, printable(file.path.substr(0, slash)));
    }
  }
}

RepoFile ms_file(const Json& entry, const std::string& path, const std::string& where) {
  RepoFile file;
  file.path = path;
  check_repo_file(file.path);
  file.size = size_of(entry, entry.contains("Size") ? "Size" : "size", where + ": " + path);
  file.sha256 = hash_of(entry, entry.contains("Sha256") ? "Sha256" : "sha256", 64, where + ": " + path);
  // The listing says 0 for empty files and for unknown sizes alike.
  if (file.size == 0 && file.sha256 != text_sha256("")) file.size = std::nullopt;
  return file;
}

std::string first_text(const Json& entry, std::initializer_list<const char*> keys, const std::string& where) {
  for (const char* key : keys) {
    if (std::string text = text_of(entry, key, where); !text.empty()) return text;
  }
  return "";
}

}  // namespace

FileHash RepoFile::hash() const {
  if (!sha256.empty()) return {FileHash::Kind::kSha256, sha256};
  if (!blob_id.empty()) return {FileHash::Kind::kGitSha1, blob_id};
  return {};
}

std::vector<RepoFile> parse_hf_tree(std::string_view text, const std::string& where) {
  const Json json = parse_json(text, where, {.max_depth = 16});
  std::vector<RepoFile> files;
  for (const Json& entry : checked_list(json, where)) {
    LF_CHECK(kFormat, entry.is_object(), "{}: an entry is {}", where, entry.type_name());
    if (text_of(entry, "type", where) == "file") files.push_back(hf_file(entry, where));
  }
  check_distinct(files, where);
  return files;
}

std::string parse_hf_commit(std::string_view text, const std::string& where) {
  const Json json = parse_json(text, where, {.max_depth = 64, .allow_duplicate_keys = true});
  LF_CHECK(kFormat, json.is_object(), "{}: an object was needed but it is {}", where, json.type_name());
  const std::string sha = text_of(json, "sha", where);
  LF_CHECK(kFormat, is_commit(sha), "{}: sha must be a commit but is '{}'", where, printable(sha, 80));
  return sha;
}

MsPage parse_ms_files(std::string_view text, const std::string& where) {
  const Json json = parse_json(text, where, {.max_depth = 32, .allow_duplicate_keys = true});
  const Json* data = json.is_object() ? member(json, "Data") : &json;
  if (json.is_object() && (!data || json.value("Success", Json(true)) == Json(false))) {
    throw_error(ErrorKind::kFormat, "{}: the hub says: {}", where,
                printable(first_text(json, {"Message", "message"}, where), 300));
  }
  const Json* list = data;
  if (data->is_object()) list = member(*data, data->contains("Files") ? "Files" : "files");
  MsPage page;
  if (!list) return page;
  for (const Json& entry : checked_list(*list, where)) {
    LF_CHECK(kFormat, entry.is_object(), "{}: an entry is {}", where, entry.type_name());
    ++page.entries;
    const std::string path = first_text(entry, {"Path", "path", "Name"}, where);
    if (first_text(entry, {"Type", "type"}, where) != "tree") page.files.push_back(ms_file(entry, path, where));
  }
  check_distinct(page.files, where);
  return page;
}

std::string tree_cache_text(const std::vector<RepoFile>& files) {
  std::map<std::string, const RepoFile*> sorted;
  for (const RepoFile& file : files) sorted[file.path] = &file;
  Json entries = Json::object();
  for (const auto& [path, file] : sorted) {
    Json entry = {{"size", file->size.value_or(0)}, {"blob_id", file->blob_id}};
    if (!file->sha256.empty()) {
      entry["lfs_sha256"] = file->sha256;
      entry["lfs_size"] = file->size.value_or(0);
    }
    if (!file->xet_hash.empty()) entry["xet_hash"] = file->xet_hash;
    entries[path] = std::move(entry);
  }
  return Json{{"format_version", 1}, {"files", std::move(entries)}}.dump(1);
}

std::optional<std::vector<RepoFile>> parse_tree_cache(std::string_view text) try {
  const std::string where = "tree listing";
  const Json json = parse_json(text, where, {.max_depth = 8});
  const Json* files = json.is_object() ? member(json, "files") : nullptr;
  if (!files || !files->is_object() || json.value("format_version", Json(0)) != Json(1)) return std::nullopt;
  std::vector<RepoFile> list;
  for (const auto& [path, entry] : files->items()) {
    check_repo_file(path);
    if (!entry.is_object()) return std::nullopt;
    RepoFile file{.path = path, .size = size_of(entry, "size", where)};
    file.blob_id = hash_of(entry, "blob_id", 40, where);
    file.sha256 = hash_of(entry, "lfs_sha256", 64, where);
    if (!file.sha256.empty()) file.size = size_of(entry, "lfs_size", where);
    file.xet_hash = hash_of(entry, "xet_hash", 64, where);
    list.push_back(std::move(file));
  }
  check_distinct(list, where);
  return list;
} catch (const Error&) {
  return std::nullopt;
}

}  // namespace lf
