// One file over the network into `<name>.incomplete`: resumed where an earlier try ended, verified, never too long.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "hub/ask.h"
#include "hub/digest.h"
#include "hub/http.h"
#include "hub/progress.h"

namespace lf {

struct Transfer {
  std::string name;               // for messages
  HttpRequest request;            // GET of the content; Range is added here
  std::optional<uint64_t> size;   // nullopt: what the answer says
  FileHash hash;                  // kNone: size only
  std::filesystem::path partial;  // `.incomplete` file; whoever calls holds its lock
};

/// When it returns, `transfer.partial` holds the whole, verified content; the size is returned. Otherwise it throws:
/// HubError when the network gave up (the partial file stays and is resumed next time) or the hub sent something else
/// than it announced (twice; the partial file is removed), kIo when the disk is full or cannot be written.
uint64_t run_transfer(HttpClient& client, const Transfer& transfer, const Subject& subject, const RetryPolicy& policy,
                      DownloadProgress* progress);

}  // namespace lf
