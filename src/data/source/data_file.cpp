#include "data/source/data_file.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/glob.h"
#include "data/source/remote_files.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, FileType> kTypes = {{"arrow", FileType::kArrow},     {"csv", FileType::kCsv},
                                                {"json", FileType::kJson},       {"jsonl", FileType::kJsonLines},
                                                {"parquet", FileType::kParquet}, {"txt", FileType::kText}};
constexpr std::string_view kAllowed = "Allowed file types: arrow,csv,json,jsonl,parquet,txt (and .gz or .zst of text).";

std::string take_extension(std::string& name) {
  const size_t dot = name.find_last_of("./");
  if (dot == std::string::npos || name[dot] == '/') return "";
  const std::string extension = to_lower(name.substr(dot + 1));
  name.resize(dot);
  return extension;
}

/// nullopt when the name says nothing that we read.
std::optional<DataFile> try_describe(const std::string& name) {
  DataFile file{name, name};
  file.remote = is_remote(name);
  if (file.remote) file.name = shown_address(name);
  std::string stem = file.remote ? name.substr(0, name.find('?')) : name;
  std::string extension = take_extension(stem);
  if (extension == "gz" || extension == "zst") {
    file.compression = extension == "gz" ? Compression::kGzip : Compression::kZstd;
    extension = take_extension(stem);
  }
  const auto type = kTypes.find(extension);
  if (type == kTypes.end()) return std::nullopt;
  file.type = type->second;
  const bool binary = file.type == FileType::kParquet || file.type == FileType::kArrow;
  if (binary && file.compression != Compression::kNone) return std::nullopt;
  return file;
}

FileType family(const DataFile& file) { return file.type == FileType::kJsonLines ? FileType::kJson : file.type; }

std::vector<std::string> files_in_folder(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().front() != '.') files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  LF_CHECK(kData, !files.empty(), "{}: the folder holds no files", folder.string());
  return files;
}

std::vector<std::string> expand(const std::string& path) {
  if (is_remote(path)) return list_remote_files(path);
  std::error_code status;
  if (fs::is_directory(path, status)) return files_in_folder(path);
  if (fs::exists(path, status)) return {path};
  if (has_wildcards(path)) {
    std::vector<std::string> files = expand_glob(path);
    LF_CHECK(kData, !files.empty(), "File {} not found. (no file fits the pattern)", path);
    return files;
  }
  throw_error(ErrorKind::kData, "File {} not found.", path);
}

}  // namespace

DataFile describe_file(const std::string& name) {
  const std::optional<DataFile> file = try_describe(name);
  LF_CHECK(kData, file, "{}: this type of file is not known. {}", name.substr(0, name.find('?')), kAllowed);
  return *file;
}

bool is_row_file(const std::string& name) { return try_describe(name).has_value(); }

std::vector<DataFile> list_data_files(const std::vector<std::string>& paths) {
  std::vector<DataFile> files;
  for (const std::string& path : paths) {
    for (const std::string& name : expand(path)) {
      std::error_code status;
      LF_CHECK(kData, is_remote(name) || !fs::is_directory(name, status),
               "{}: File types should be identical, but this is a folder inside a folder; a pattern such as {} reads "
               "files below",
               name, (fs::path(path) / "**/*.jsonl").string());
      files.push_back(describe_file(name));
    }
  }
  for (const DataFile& file : files) {
    LF_CHECK(kData, family(file) == family(files.front()), "File types should be identical, but {} stands beside {}",
             file.name, files.front().name);
  }
  return files;
}

std::unique_ptr<ByteReader> open_bytes(const DataFile& file) {
  std::unique_ptr<ByteReader> bytes = file.remote ? open_remote_bytes(file.address) : open_local_bytes(file.address);
  if (file.compression == Compression::kGzip) return gunzip_bytes(std::move(bytes), file.name);
  if (file.compression == Compression::kZstd) return unzstd_bytes(std::move(bytes), file.name);
  return bytes;
}

}  // namespace lf
