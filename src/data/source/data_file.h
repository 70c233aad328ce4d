// The files behind the paths of a dataset, and what their names say about them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "data/source/byte_reader.h"

namespace lf {

enum class FileType { kJson, kJsonLines, kCsv, kText, kParquet, kArrow };
enum class Compression { kNone, kGzip, kZstd };

struct DataFile {
  std::string name;     // for messages: path, or URI without secrets
  std::string address;  // path or URI
  FileType type = FileType::kJson;
  Compression compression = Compression::kNone;
  bool remote = false;
};

/// By the extension, .gz and .zst taken off first. kData ("Allowed file types: ...") when it is none of ours.
DataFile describe_file(const std::string& name);
bool is_row_file(const std::string& name);

/// All files behind `paths` (see SourceSpec), in order. kData when one names nothing, or when the types differ (json
/// and jsonl count as one, as upstream reads both alike).
std::vector<DataFile> list_data_files(const std::vector<std::string>& paths);

/// The text of a file, decompressed.
std::unique_ptr<ByteReader> open_bytes(const DataFile& file);

}  // namespace lf
