// The rows of a data file on disk (.json, .jsonl, .txt), mapped into memory and parsed on demand from any thread.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/source/json_row.h"
#include "data/row_index.h"
#include "io/mapped_file.h"

namespace lf {

class RowFile {
 public:
  /// kIo when unreadable; kData when it is not made of rows; kUnsupported for other file types, by name.
  explicit RowFile(const std::filesystem::path& path);

  size_t size() const { return rows_.size(); }
  RowPlace place(size_t row) const;
  /// An object: the row's columns. Text files have the one column `text`. kData with file, row and byte.
  Json row(size_t row) const;

 private:
  std::string_view text() const;

  std::string name_;
  RowKind kind_;
  std::unique_ptr<MappedFile> map_;
  std::string copy_;  // when the file could not be mapped
  std::vector<RowSpan> rows_;
};

/// A file, or all files of a folder in the order of their names, one after another.
class RowSource {
 public:
  /// kData when nothing is there or the types differ (upstream's "File types should be identical.").
  explicit RowSource(const std::filesystem::path& path);

  size_t size() const { return first_.back(); }
  RowPlace place(size_t row) const;
  Json row(size_t row) const;

 private:
  std::pair<size_t, size_t> locate(size_t row) const;

  std::vector<RowFile> files_;
  std::vector<size_t> first_{0};  // row number at which each file begins; last: all rows
};

}  // namespace lf
