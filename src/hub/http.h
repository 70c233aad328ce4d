// HTTP requests over libcurl: one at a time, no redirects, TLS verified. What to do about answers is decided above.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lf {

class HttpHeaders {
 public:
  void add(std::string_view name, std::string_view value);
  void clear() { fields_.clear(); }
  /// The last value of `name` (any case), or "".
  std::string get(std::string_view name) const;
  /// get() as a whole number; nullopt when absent or anything else.
  std::optional<uint64_t> number(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;  // names in lower case
};

struct HttpRequest {
  std::string method = "GET";  // or HEAD
  std::string url;             // checked (check_url)
  std::vector<std::pair<std::string, std::string>> headers;
  std::string token;         // sent as Authorization: Bearer when not empty, to the origin of `url` only
  std::string token_cookie;  // name of a cookie that carries the token too (ModelScope); empty = none
};

struct HttpResponse {
  int status = 0;
  std::string url;  // that answered
  HttpHeaders headers;
  std::string body;  // at most max_body bytes; empty when a sink took them
  /// "HTTP 503 from https://host/path"
  std::string text() const;
};

struct HttpLimits {
  double connect_seconds = 10;
  double stall_seconds = 10;  // fewer than kStallBytes a second for so long ends the transfer
  uint64_t max_body = uint64_t{64} << 20;
};

/// A transfer that did not come to its end.
struct TransferFault {
  enum class Kind { kUnreachable, kTimeout, kCut, kCertificate, kTooLarge, kOther };
  Kind kind;
  std::string message;
};

/// Called once, when all headers are there; false stops the transfer (no fault).
using HeadSink = std::function<bool(const HttpResponse&)>;
/// Called with each piece of a 2xx body; false stops the transfer (no fault). May throw; the exception passes on.
using BodySink = std::function<bool(std::string_view)>;

/// One connection cache, not thread-safe: one client per thread.
class HttpClient {
 public:
  explicit HttpClient(HttpLimits limits);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// The answer, whatever its status; a fault when none came, or the body was cut off (`response` then holds the head).
  std::optional<TransferFault> send(const HttpRequest& request, HttpResponse& response, const HeadSink& on_head = {},
                                    const BodySink& on_body = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The address behind rel="next" of a Link header, or "".
std::string next_link(std::string_view link_header);

}  // namespace lf
