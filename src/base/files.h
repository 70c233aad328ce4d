// Whole small files, and the places users keep things. Durable writes live in io/atomic_file.h.
#pragma once
#include <filesystem>
#include <string>

namespace lf {

/// Reads a whole file; kIo with path and reason otherwise. Refuses files above `max_bytes` (kFormat).
std::string read_file(const std::filesystem::path& path, uint64_t max_bytes = uint64_t{1} << 32);

}  // namespace lf
