// Reading model files: one safetensors file, or a model folder (one file, or shards with an index), by memory map
// without copies.
#pragma once
#include <c10/core/ScalarType.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/safetensors_header.h"
#include "io/tensor_file.h"
#include "tensor/tensor.h"

namespace lf {

class MappedFile;

/// A file opened read-only. Tensors are views of a private map that lives as long as any of them: writing to one
/// changes memory, never the file. On network mounts (where a shrinking file would kill the process) tensors are read
/// instead.
class SafetensorsFile final : public TensorFile {
 public:
  /// kIo when the file cannot be opened, kFormat when it is not a valid safetensors file.
  explicit SafetensorsFile(const std::filesystem::path& path);

  /// In file order (by offset).
  const std::vector<std::string>& names() const override { return names_; }
  bool contains(std::string_view name) const override;
  /// kFormat with near names when absent; kUnsupported for dtypes that libtorch lacks (F4, F6).
  TensorInfo info(std::string_view name) const override;
  Tensor tensor(std::string_view name) const override;
  Tensor copy(std::string_view name, c10::ScalarType dtype, c10::Device device) const override;
  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
  const std::filesystem::path& path() const override { return path_; }
  uint64_t file_bytes() const { return file_bytes_; }

 private:
  const SafetensorsEntry& entry(std::string_view name) const;

  std::filesystem::path path_;
  SafetensorsHeader header_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, size_t> index_;
  uint64_t file_bytes_ = 0;
  std::shared_ptr<MappedFile> file_;
};

/// All tensors of a model folder: model.safetensors, or model.safetensors.index.json with its shards; where there is
/// neither and it is allowed, pytorch_model.bin or pytorch_model.bin.index.json (io/torch_bin.h).
class ModelWeights {
 public:
  /// kIo when there are no weights or a shard is missing (named); kFormat when index and shards disagree. Pickle-only
  /// folders are refused with advice (kUnsupported) unless `allow_legacy_bin`. `stem` is "model" or, e.g.,
  /// "adapter_model".
  explicit ModelWeights(const std::filesystem::path& folder, const std::string& stem = "model",
                        bool allow_legacy_bin = false);

  /// In index order, or file order for a single file.
  const std::vector<std::string>& names() const { return names_; }
  bool contains(std::string_view name) const { return owner_.count(std::string(name)) > 0; }
  TensorInfo info(std::string_view name) const { return file_of(name).info(name); }
  Tensor tensor(std::string_view name) const { return file_of(name).tensor(name); }
  /// See TensorFile::copy().
  Tensor copy(std::string_view name, c10::ScalarType dtype, c10::Device device) const {
    return file_of(name).copy(name, dtype, device);
  }
  const TensorFile& file_of(std::string_view name) const;
  /// Bytes of all tensors.
  uint64_t total_bytes() const;

 private:
  bool open(const std::string& stem, const std::string& extension);
  void open_single(const std::filesystem::path& file, const std::string& extension);
  void open_index(const std::filesystem::path& index_file, const std::string& extension);

  std::filesystem::path folder_;
  std::vector<std::unique_ptr<TensorFile>> files_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, const TensorFile*> owner_;
};

}  // namespace lf
