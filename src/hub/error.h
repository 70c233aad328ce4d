// What goes wrong between us and a hub, sorted by what can be done about it.
#pragma once
#include "base/error.h"

namespace lf {

enum class HubTrouble {
  kUnreachable,   // name, connection, TLS, time-out, connection lost: the cache may help
  kServer,        // 5xx: the cache may help
  kRateLimited,   // 429, and waiting did not help: the cache may help
  kUnauthorized,  // 401, 403: the cache may help, else a token
  kGated,         // terms must be accepted on the page of the repository: the cache may help
  kNoRepo,        // 404: the cache may help (a repository that was removed)
  kNoRevision,    // the repository is there, the revision is not
  kNoFile,        // the revision is there, the file is not
  kOffline,       // HF_HUB_OFFLINE
  kBadAnswer,     // the hub contradicts itself, or an answer cannot be read
};

class HubError : public Error {
 public:
  HubError(HubTrouble trouble, ErrorKind kind, const std::string& message) : Error(kind, message), trouble_(trouble) {}
  HubTrouble trouble() const { return trouble_; }
  /// True when files that are already on this machine may be used instead.
  bool cache_may_help() const {
    return trouble_ != HubTrouble::kNoRevision && trouble_ != HubTrouble::kNoFile && trouble_ != HubTrouble::kBadAnswer;
  }

 private:
  HubTrouble trouble_;
};

/// throw_hub(HubTrouble::kServer, "{}: {}", url, status); the kind follows from the trouble.
template <class... Args>
[[noreturn]] void throw_hub(HubTrouble trouble, fmt::format_string<Args...> format, Args&&... args) {
  ErrorKind kind = ErrorKind::kIo;
  if (trouble == HubTrouble::kBadAnswer) kind = ErrorKind::kFormat;
  const bool request = trouble == HubTrouble::kUnauthorized || trouble == HubTrouble::kGated ||
                       trouble == HubTrouble::kNoRepo || trouble == HubTrouble::kNoRevision ||
                       trouble == HubTrouble::kNoFile || trouble == HubTrouble::kOffline;
  if (request) kind = ErrorKind::kConfig;
  throw HubError(trouble, kind, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace lf
