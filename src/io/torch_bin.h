// pytorch_model.bin and the like: a zip archive of storages with a pickle that says which tensor is a window of which.
// The pickle is read by a strict reader and never run (io/restricted_pickle.h). For old checkpoints, when asked.
#pragma once
#include <map>
#include <memory>
#include <unordered_map>

#include "io/state_dict_pickle.h"
#include "io/stored_zip.h"
#include "io/tensor_file.h"

namespace lf {

class MappedFile;

class TorchBinFile final : public TensorFile {
 public:
  /// kIo when the file cannot be opened; kFormat, kUnsupported as read_stored_zip() and read_state_dict_pickle() say,
  /// and for files of torch before 1.6 or from machines of the other byte order.
  explicit TorchBinFile(const std::filesystem::path& path);

  const std::vector<std::string>& names() const override { return names_; }
  bool contains(std::string_view name) const override { return index_.count(std::string(name)) > 0; }
  TensorInfo info(std::string_view name) const override;
  /// Contiguous, also where the file has it otherwise.
  Tensor tensor(std::string_view name) const override;
  const std::filesystem::path& path() const override { return path_; }

 private:
  /// Where its storage begins in the file.
  struct Entry {
    PickledTensor tensor;
    c10::ScalarType dtype = c10::ScalarType::Float;
    uint64_t start = 0;
  };
  const Entry& entry(std::string_view name) const;
  std::string read_member(const ZipMember& member) const;
  void add(PickledTensor tensor, const std::map<std::string, ZipMember>& members, const std::string& root);

  std::filesystem::path path_;
  std::shared_ptr<MappedFile> file_;
  std::vector<Entry> entries_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, size_t> index_;
};

}  // namespace lf
