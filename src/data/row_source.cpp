#include "data/row_source.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/utf8.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

RowKind kind_of(const fs::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".json") return RowKind::kJson;
  if (extension == ".jsonl") return RowKind::kJsonLines;
  if (extension == ".txt") return RowKind::kText;
  const std::set<std::string> later = {".csv", ".parquet", ".arrow"};
  LF_CHECK(kUnsupported, !later.contains(extension),
           "{}: {} files are not available yet; convert it to .json or .jsonl", path.string(), extension.substr(1));
  throw_error(ErrorKind::kData, "{}: file type '{}' is not known. Allowed file types: json, jsonl, txt.", path.string(),
              printable(extension));
}

/// json and jsonl count as one type, as upstream reads both alike.
bool is_text(const fs::path& path) { return kind_of(path) == RowKind::kText; }

std::vector<fs::path> files_at(const fs::path& path) {
  std::error_code status;
  if (!fs::is_directory(path, status)) {
    LF_CHECK(kData, fs::exists(path, status), "File {} not found.", path.string());
    return {path};
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.path().filename().string().front() != '.') files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  LF_CHECK(kData, !files.empty(), "{}: the folder holds no files", path.string());
  for (const fs::path& file : files) {
    LF_CHECK(kData, is_text(file) == is_text(files.front()),
             "{}: File types should be identical, but {} stands beside {}", path.string(), file.filename().string(),
             files.front().filename().string());
  }
  return files;
}

}  // namespace

RowFile::RowFile(const fs::path& path) : name_(path.string()), kind_(kind_of(path)), map_(new MappedFile(path)) {
  if (map_->data() == nullptr && map_->size() > 0) {
    copy_.resize(map_->size());
    map_->read(0, copy_.data(), copy_.size());
  }
  rows_ = index_rows(text(), name_, kind_);
}

std::string_view RowFile::text() const {
  return map_->data() == nullptr ? std::string_view(copy_) : std::string_view(map_->data(), map_->size());
}

RowPlace RowFile::place(size_t row) const { return {name_, rows_[row].number, rows_[row].offset}; }

Json RowFile::row(size_t row) const {
  const std::string_view bytes = text().substr(rows_[row].offset, rows_[row].bytes);
  const RowPlace at = place(row);
  if (kind_ == RowKind::kText) {
    const size_t bad = find_invalid_utf8(bytes);
    LF_CHECK(kData, bad == std::string_view::npos, "{}, byte {}: not valid UTF-8", describe(at), at.offset + bad);
    return Json{{"text", std::string(bytes)}};
  }
  Json value = parse_json_row(bytes, at);
  if (value.is_string()) return Json{{"text", std::move(value)}};  // an array of texts
  LF_CHECK(kData, value.is_object(), "{}, byte {}: an object with columns was needed but it is {} {}", describe(at),
           at.offset, value.is_array() ? "an" : "a", value.type_name());
  return value;
}

RowSource::RowSource(const fs::path& path) {
  for (const fs::path& file : files_at(path)) {
    files_.emplace_back(file);
    first_.push_back(first_.back() + files_.back().size());
  }
}

std::pair<size_t, size_t> RowSource::locate(size_t row) const {
  const auto file = std::upper_bound(first_.begin(), first_.end(), row) - first_.begin() - 1;
  return {static_cast<size_t>(file), row - first_[file]};
}

RowPlace RowSource::place(size_t row) const {
  const auto [file, at] = locate(row);
  return files_[file].place(at);
}

Json RowSource::row(size_t row) const {
  const auto [file, at] = locate(row);
  return files_[file].row(at);
}

}  // namespace lf
