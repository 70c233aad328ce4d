// Writing safetensors as the reference library does (same bytes): tensors sorted by dtype size, then name; header
// padded to 8 bytes. Tensors are streamed one by one, so no second copy of a model exists in memory.
#pragma once
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/atomic_file.h"
#include "io/output_folder.h"
#include "tensor/tensor.h"

namespace lf {

/// Streams a whole safetensors file into `file` (not committed).
void write_safetensors(DurableFile& file, std::span<const NamedTensor> tensors,
                       const SafetensorsMetadata& metadata = {{"format", "pt"}});
/// Writes `path` durably.
FileRecord write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                             const SafetensorsMetadata& metadata = {{"format", "pt"}});

/// Bytes of the data part of `tensors`.
uint64_t tensor_bytes(std::span<const NamedTensor> tensors);

/// Writes `stem`.safetensors, or `stem`-00001-of-0000N.safetensors and `stem`.safetensors.index.json when the tensors
/// need more than `max_shard_bytes`, split in the given order as Hugging Face does. Weight files of an earlier save
/// that no longer belong are removed at the end.
void write_sharded_safetensors(OutputFolder& folder, std::span<const NamedTensor> tensors, uint64_t max_shard_bytes,
                               const std::string& stem = "model",
                               const SafetensorsMetadata& metadata = {{"format", "pt"}});

}  // namespace lf
