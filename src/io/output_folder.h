// A folder being filled with files: the one way in which models, adapters, tokenizers and checkpoints reach the disk.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/atomic_file.h"
#include "tensor/tensor.h"

namespace lf {

using NamedTensor = std::pair<std::string, Tensor>;
using SafetensorsMetadata = std::map<std::string, std::string>;

class OutputFolder {
 public:
  /// Creates the folder when absent. kReplace for folders that users look at, kFresh for one not yet published.
  explicit OutputFolder(std::filesystem::path folder, WriteMode mode = WriteMode::kReplace);
  virtual ~OutputFolder() = default;

  void write_text(const std::string& name, std::string_view text);
  /// One safetensors file; tensors of any dtype, device and layout.
  void write_tensors(const std::string& name, std::span<const NamedTensor> tensors,
                     const SafetensorsMetadata& metadata = {{"format", "pt"}});
  /// A file of another kind: `write` fills it.
  void write_file(const std::string& name, const std::function<void(DurableFile&)>& write);
  void copy_file(const std::filesystem::path& from, const std::string& name);
  /// Removes a file of an earlier save, if it is there.
  void remove_file(const std::string& name);

  const std::filesystem::path& path() const { return folder_; }
  /// What was written so far, in order.
  const std::vector<FileRecord>& records() const { return records_; }

 private:
  std::filesystem::path target(const std::string& name) const;
  void add(FileRecord record);

  std::filesystem::path folder_;
  WriteMode mode_;
  std::vector<FileRecord> records_;
};

}  // namespace lf
