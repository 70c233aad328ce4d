// Files of other file systems through Arrow: s3://, gs://, gcs:// and file:// URIs. S3 is started only when an s3 URI
// is used. Credentials: what the URI holds, else anonymous access, else the surroundings (environment, profile files,
// instance role).
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "data/source/byte_reader.h"

namespace lf {

/// "scheme://..."
bool is_remote(const std::string& name);
/// Without user, secret and query: for messages.
std::string shown_address(const std::string& uri);
/// The file, or the data files below a folder, sorted. kData when nothing is there; kIo with the reason (no network, no
/// credentials); kUnsupported for other schemes.
std::vector<std::string> list_remote_files(const std::string& uri);
std::unique_ptr<ByteReader> open_remote_bytes(const std::string& uri);

}  // namespace lf
