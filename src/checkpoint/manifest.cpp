#include "checkpoint/manifest.h"

#include <openssl/evp.h>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/strings.h"

namespace lf {
namespace {

constexpr std::string_view kSeal = "  \"sha256\": \"";
constexpr size_t kDigestHex = 64;
constexpr uint64_t kAutoHashBytes = 20'000'000'000;

/// Where the digest stands in a sealed text; kFormat when the text does not end with one.
size_t seal_position(const std::string& text, const std::string& where) {
  const std::string tail = "\"\n}\n";
  const size_t at = text.size() - std::min(text.size(), kDigestHex + tail.size());
  LF_CHECK(kFormat,
           at >= kSeal.size() && text.ends_with(tail) && text.compare(at - kSeal.size(), kSeal.size(), kSeal) == 0,
           "{}: does not end with its own sha256 (cut off?)", where);
  return at;
}

FileRecord parse_file(const Json& row, const std::string& where) {
  LF_CHECK(kFormat, row.is_object() && row.contains("path") && row.contains("size") && row.contains("xxh3"),
           "{}: a file entry lacks path, size or xxh3", where);
  FileRecord record{row["path"].get<std::string>(), row["size"].get<uint64_t>(), row["xxh3"].get<std::string>()};
  LF_CHECK(kFormat, is_plain_file_name(record.name), "{}: '{}' is not a plain file name", where,
           printable(record.name));
  return record;
}

void verify_file(const std::filesystem::path& folder, const FileRecord& want, bool hashes) {
  const auto path = folder / want.name;
  std::error_code status;
  LF_CHECK(kFormat, std::filesystem::is_regular_file(path, status), "{}: is missing", path.string());
  const uint64_t size = std::filesystem::file_size(path, status);
  LF_CHECK(kFormat, !status && size == want.size, "{}: has {} bytes but {} lists {}", path.string(), size,
           kManifestName, want.size);
  if (!hashes) return;
  const FileRecord found = record_of_file(path);
  LF_CHECK(kFormat, found.xxh3 == want.xxh3, "{}: its content is damaged (hash {} but {} lists {})", path.string(),
           found.xxh3, kManifestName, want.xxh3);
}

}  // namespace

std::string sha256_hex(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  LF_ASSERT(EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha256(), nullptr) == 1);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string format_manifest(const Manifest& manifest) {
  Json files = Json::array();
  for (const FileRecord& file : manifest.files)
    files.push_back({{"path", file.name}, {"size", file.size}, {"xxh3", file.xxh3}});
  Json json;
  json["version"] = manifest.version;
  json["step"] = manifest.step;
  json["world"] = manifest.world;
  json["config_sha256"] = manifest.config_sha256;
  json["parent"] = manifest.parent;
  json["files"] = std::move(files);
  json["sha256"] = std::string(kDigestHex, '0');
  std::string text = json.dump(2) + "\n";
  return text.replace(seal_position(text, kManifestName), kDigestHex, sha256_hex(text));
}

Manifest parse_manifest(const std::string& text, const std::string& where) {
  const size_t at = seal_position(text, where);
  std::string unsealed = text;
  unsealed.replace(at, kDigestHex, kDigestHex, '0');
  LF_CHECK(kFormat, sha256_hex(unsealed) == text.substr(at, kDigestHex),
           "{}: its content does not match its own sha256", where);
  const Json json = parse_json(text, where);
  Manifest manifest;
  try {
    manifest.version = json.at("version").get<int>();
    LF_CHECK(kFormat, manifest.version == 1, "{}: version {} is not known (1 is)", where, manifest.version);
    manifest.step = json.at("step").get<int64_t>();
    manifest.world = json.at("world").get<int>();
    manifest.config_sha256 = json.at("config_sha256").get<std::string>();
    manifest.parent = json.at("parent").get<std::string>();
    for (const Json& row : json.at("files")) manifest.files.push_back(parse_file(row, where));
  } catch (const nlohmann::json::exception& error) {
    throw_error(ErrorKind::kFormat, "{}: {}", where, error.what());
  }
  return manifest;
}

std::optional<Manifest> verify_manifest(const std::filesystem::path& folder, Verify verify) {
  const auto path = folder / kManifestName;
  std::error_code status;
  if (!std::filesystem::exists(path, status)) return std::nullopt;
  Manifest manifest = parse_manifest(read_file(path, 64'000'000), path.string());
  uint64_t total = 0;
  for (const FileRecord& file : manifest.files) total += file.size;
  const bool hashes = verify == Verify::kFull || (verify == Verify::kAuto && total <= kAutoHashBytes);
  for (const FileRecord& file : manifest.files) verify_file(folder, file, hashes);
  return manifest;
}

}  // namespace lf
