// MANIFEST.json of a checkpoint: the files with sizes and XXH3-128 hashes, and the SHA-256 of itself as its last line.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/atomic_file.h"

namespace lf {

inline constexpr const char* kManifestName = "MANIFEST.json";

struct Manifest {
  int version = 1;
  int64_t step = 0;
  int world = 1;              // processes of the run
  std::string config_sha256;  // of training_args.yaml
  std::string parent;         // the newest checkpoint before this one, or ""
  std::vector<FileRecord> files;
};

/// The text of the file, sealed with its own hash.
std::string format_manifest(const Manifest& manifest);
/// kFormat when the seal is broken, a field is missing or a path leaves the folder.
Manifest parse_manifest(const std::string& text, const std::string& where);

enum class Verify {
  kSizes,  // files exist with the right size
  kAuto,   // hashes too up to 20 GB
  kFull,   // hashes always
};

/// kFormat or kIo naming the first file that fails. nullopt: there is no manifest (a checkpoint written by Python).
std::optional<Manifest> verify_manifest(const std::filesystem::path& folder, Verify verify = Verify::kAuto);

/// Lower-case hex.
std::string sha256_hex(std::string_view text);

}  // namespace lf
