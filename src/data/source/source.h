// Rows of datasets, whatever the file type: by number (RowTable) or one after another (RowStream).
//
// A row is an object: column -> value. Files of the types json, jsonl, csv, parquet, arrow and txt; all but parquet and
// arrow also with .gz or .zst behind. Errors have two kinds with a meaning:
//   kData    this one row is bad (not JSON, not UTF-8, not an object, too long ...); the other rows can still be read.
//   kFormat  the file is broken from here on (or kIo: it cannot be read).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/source/row_place.h"

namespace lf {

/// What is to be read.
struct SourceSpec {
  /// Files, folders (all files in them), glob patterns (*, ?, [..], ** = any folders), or URIs of Arrow's file systems
  /// (s3://, gs://, gcs://, file://), read one after another; inside folders and patterns in the order of the names.
  std::vector<std::string> paths;
  /// Part of the rows in datasets' notation: "" or "train" = all, "train[:100]", "train[10%:20%]", "train[-50:]".
  /// Tables only; streams refuse a part (kUnsupported), as datasets does.
  std::string split;
};

/// Rows by number. Thread-safe. Memory: an index of a few bytes a row; rows are read from the file, or from an unlinked
/// temporary file (in TMPDIR) where the file itself has no random access: compressed, remote, Parquet.
class RowTable {
 public:
  virtual ~RowTable() = default;
  virtual size_t size() const = 0;
  virtual RowPlace place(size_t row) const = 0;
  /// kData (naming file, row, byte) when this row cannot be read.
  virtual Json row(size_t row) const = 0;
};

/// Rows in order, in constant memory, without looking at the whole file first. Not thread-safe.
class RowStream {
 public:
  virtual ~RowStream() = default;
  /// False at the end. After kData the stream stands behind the bad row, whose place is in `place`: call again to go on
  /// without it.
  virtual bool next(Json& row, RowPlace& place) = 0;
  /// Where the next row is read: small, exact, can be stored. Compressed files are read again up to there by `seek`.
  virtual Json position() const = 0;
  /// kData when `position` is none of this source (other files, other shape).
  virtual void seek(const Json& position) = 0;
};

/// kData: nothing there ("File X not found."), "File types should be identical.", "Allowed file types: ..."; kIo;
/// kFormat when a file is not what its name says.
std::unique_ptr<RowTable> open_table(const SourceSpec& spec);
std::unique_ptr<RowStream> open_stream(const SourceSpec& spec);

}  // namespace lf
