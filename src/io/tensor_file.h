// A file of named tensors, whatever its format: what loading needs of it.
#pragma once
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace lf {

struct TensorInfo {
  c10::ScalarType dtype = c10::ScalarType::Float;
  std::vector<int64_t> shape;
  uint64_t offset = 0;  // in the file, from its start
  uint64_t bytes = 0;
};

class TensorFile {
 public:
  virtual ~TensorFile() = default;

  /// In file order.
  virtual const std::vector<std::string>& names() const = 0;
  virtual bool contains(std::string_view name) const = 0;
  /// kFormat with near names when absent.
  virtual TensorInfo info(std::string_view name) const = 0;
  /// A view of the file where it is mapped (writing to it changes memory, never the file), else read.
  virtual Tensor tensor(std::string_view name) const = 0;
  /// A tensor with memory of its own. It is read and converted in pieces, and what was read of a map is given back, so
  /// that hardly more memory is used than the result has.
  virtual Tensor copy(std::string_view name, c10::ScalarType dtype, c10::Device device) const;
  virtual const std::filesystem::path& path() const = 0;
};

/// A contiguous tensor of its own with the values of `from`, as TensorFile::copy() makes it: pages of a mapped file
/// that `from` lies in are dropped behind the copy.
Tensor copied_in_pieces(const Tensor& from, c10::ScalarType dtype, c10::Device device);

/// Elements that are copied at a time.
inline constexpr int64_t kPieceElements = int64_t{1} << 20;

}  // namespace lf
