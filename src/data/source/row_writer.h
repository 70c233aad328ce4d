// Rows into a file: jsonl, json, parquet or arrow (the stream format that datasets reads).
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"

namespace lf {

/// Columns and their types, learned from all rows before any is written (Parquet and Arrow need them).
class RowSchema {
 public:
  struct Type {
    enum class Kind { kNull, kBool, kWhole, kNumber, kText, kBytes, kList, kStruct };
    Kind kind = Kind::kNull;
    std::vector<std::pair<std::string, Type>> fields;  // of a struct, in the order of their first appearance
    std::vector<Type> element;                         // of a list: one
  };

  /// kData when a column holds different types ("column 'a.b' holds text here and a list before").
  void learn(const Json& row);
  const Type& root() const { return root_; }

 private:
  Type root_{Type::Kind::kStruct};
};

class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual void write(const Json& row) = 0;
  /// Puts the file in place under its name. Without it nothing is left behind.
  virtual void finish() = 0;
};

/// By the extension of `path`; kConfig for others. kIo when it cannot be written.
std::unique_ptr<RowWriter> write_rows(const std::filesystem::path& path, const RowSchema& schema);

}  // namespace lf
