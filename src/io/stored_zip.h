// The directory of a zip archive whose members are stored, not compressed, as torch.save writes them. Torch-free, so
// that it can be fuzzed alone. Format: PKWARE APPNOTE 6.3.10, with zip64.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lf {

struct ZipMember {
  std::string name;
  uint64_t offset = 0;  // of its bytes, from the start of the file
  uint64_t size = 0;
  uint32_t crc = 0;
};

/// Reads exactly `bytes` at `offset`; called only within the size of the file.
using ReadAt = std::function<void(uint64_t offset, void* out, uint64_t bytes)>;

/// Members in the order of the directory. kFormat when it is no zip archive or contradicts itself (sizes, places
/// outside the file, names given twice, local headers that differ); kUnsupported for members that are compressed or
/// encrypted and for archives in several files.
std::vector<ZipMember> read_stored_zip(const ReadAt& read, uint64_t file_size, const std::string& where);

}  // namespace lf
