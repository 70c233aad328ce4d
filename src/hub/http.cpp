#include "hub/http.h"

#include <curl/curl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <exception>
#include <mutex>

#include "base/error.h"
#include "base/strings.h"
#include "hub/url.h"

namespace lf {
namespace {

constexpr long kStallBytes = 512;
constexpr size_t kMaxHeaderBytes = size_t{256} << 10;

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

/// A bundle the user names as Python's clients know it; else the system's.
const char* ca_bundle() {
  for (const char* name : {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
    const char* path = std::getenv(name);
    if (path && *path && access(path, R_OK) == 0) return path;
  }
  return nullptr;
}

TransferFault fault_of(CURLcode code, const char* detail, const std::string& url, const std::string& host) {
  using Kind = TransferFault::Kind;
  const std::string reason = *detail ? detail : curl_easy_strerror(code);
  const std::string where = url_for_messages(url);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return {Kind::kUnreachable, fmt::format("{} cannot be reached: {}", host, printable(reason))};
    case CURLE_OPERATION_TIMEDOUT:
      return {Kind::kTimeout, fmt::format("{}: too slow: {}", where, printable(reason))};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return {Kind::kCertificate,
              fmt::format("{}: its TLS certificate cannot be verified: {} (a proxy of your own? name its CA bundle in "
                          "SSL_CERT_FILE)",
                          host, printable(reason))};
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
      return {Kind::kCut, fmt::format("{}: the connection broke: {}", where, printable(reason))};
    default:
      return {Kind::kOther, fmt::format("{}: {}", where, printable(reason))};
  }
}

}  // namespace

void HttpHeaders::add(std::string_view name, std::string_view value) {
  fields_.emplace_back(to_lower(trim(name)), std::string(trim(value)));
}

std::string HttpHeaders::get(std::string_view name) const {
  const std::string wanted = to_lower(name);
  for (auto it = fields_.rbegin(); it != fields_.rend(); ++it) {
    if (it->first == wanted) return it->second;
  }
  return "";
}

std::optional<uint64_t> HttpHeaders::number(std::string_view name) const {
  const std::string text = get(name);
  uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string HttpResponse::text() const { return fmt::format("HTTP {} from {}", status, url_for_messages(url)); }

struct HttpClient::State {
  CURL* handle = nullptr;
  HttpLimits limits;
  char detail[CURL_ERROR_SIZE] = "";

  // One transfer.
  HttpResponse* response = nullptr;
  const HeadSink* on_head = nullptr;
  const BodySink* on_body = nullptr;
  size_t header_bytes = 0;
  bool head_done = false, stopped = false, too_large = false;
  std::exception_ptr thrown;

  ~State() { curl_easy_cleanup(handle); }

  template <class Value>
  void set(CURLoption option, Value value) {
    LF_CHECK(kInternal, curl_easy_setopt(handle, option, value) == CURLE_OK, "libcurl refuses option {}",
             static_cast<int>(option));
  }

  /// Runs what may throw inside a C callback.
  template <class Body>
  bool guarded(Body body) {
    try {
      return body();
    } catch (...) {
      thrown = std::current_exception();
      return false;
    }
  }

  bool finish_head() {
    if (head_done) return true;
    head_done = true;
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    response->status = static_cast<int>(status);
    if (!*on_head) return true;
    stopped = !guarded([&] { return (*on_head)(*response); });
    return !stopped;
  }

  static size_t take_header(const char* data, size_t size, size_t count, void* self) {
    State& state = *static_cast<State*>(self);
    const std::string_view line(data, size * count);
    state.header_bytes += line.size();
    if (state.header_bytes > kMaxHeaderBytes) {
      state.too_large = true;
      return 0;
    }
    if (line.starts_with("HTTP/")) state.response->headers.clear();  // the last answer counts (100, proxy CONNECT)
    const size_t colon = line.find(':');
    if (colon != line.npos) state.response->headers.add(line.substr(0, colon), line.substr(colon + 1));
    return line.size();
  }

  static size_t take_body(const char* data, size_t size, size_t count, void* self) {
    State& state = *static_cast<State*>(self);
    const std::string_view piece(data, size * count);
    if (!state.finish_head()) return 0;
    const bool good = state.response->status >= 200 && state.response->status < 300;
    if (good && *state.on_body) {
      state.stopped = !state.guarded([&] { return (*state.on_body)(piece); });
      return state.stopped ? 0 : piece.size();
    }
    const uint64_t most = good ? state.limits.max_body : uint64_t{64} << 10;
    if (state.response->body.size() + piece.size() > most) {
      state.too_large = good;
      state.stopped = !good;  // of an error page the start is enough
      return 0;
    }
    state.response->body.append(piece);
    return piece.size();
  }

  void set_common() {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, detail);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (const char* bundle = ca_bundle()) set(CURLOPT_CAINFO, bundle);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_seconds * 1000));
    set(CURLOPT_LOW_SPEED_LIMIT, kStallBytes);
    set(CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(limits.stall_seconds)));
    set(CURLOPT_HEADERFUNCTION, &State::take_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &State::take_body);
    set(CURLOPT_WRITEDATA, this);
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 256L << 10);  // a wish: a handle in use may keep its buffer
    set(CURLOPT_TCP_KEEPALIVE, 1L);
  }

  /// libcurl reads http_proxy only in lower case; the Python clients also know HTTP_PROXY.
  void set_proxy(const std::string& url) {
    const char* upper = std::getenv("HTTP_PROXY");
    const char* lower = std::getenv("http_proxy");
    if (url.starts_with("http:") && upper && *upper && !lower) set(CURLOPT_PROXY, upper);
  }
};

HttpClient::HttpClient(HttpLimits limits) : state_(std::make_unique<State>()) {
  start_curl();
  state_->limits = limits;
  state_->handle = curl_easy_init();
  LF_CHECK(kResource, state_->handle, "libcurl cannot be started");
}
HttpClient::~HttpClient() = default;

std::optional<TransferFault> HttpClient::send(const HttpRequest& request, HttpResponse& response,
                                              const HeadSink& on_head, const BodySink& on_body) {
  check_url(request.url);
  State& state = *state_;
  response = HttpResponse{.url = request.url};
  curl_easy_reset(state.handle);  // keeps the connections
  state.set_common();
  state.set_proxy(request.url);
  state.response = &response;
  state.on_head = &on_head;
  state.on_body = &on_body;
  state.header_bytes = 0;
  state.head_done = state.stopped = state.too_large = false;
  state.thrown = nullptr;
  state.detail[0] = '\0';
  state.set(CURLOPT_URL, request.url.c_str());
  if (request.method == "HEAD") state.set(CURLOPT_NOBODY, 1L);

  curl_slist* list = nullptr;
  auto add = [&](const std::string& line) { list = curl_slist_append(list, line.c_str()); };
  add("User-Agent: llamafactory-cli/" LF_VERSION "; libcurl");
  add("Accept: */*");
  for (const auto& [name, value] : request.headers) add(name + ": " + value);
  if (!request.token.empty()) {
    add("Authorization: Bearer " + request.token);
    if (!request.token_cookie.empty()) add("Cookie: " + request.token_cookie + "=" + request.token);
  }
  state.set(CURLOPT_HTTPHEADER, list);
  const CURLcode code = curl_easy_perform(state.handle);
  curl_slist_free_all(list);

  if (state.thrown) std::rethrow_exception(state.thrown);
  if (code == CURLE_OK) state.finish_head();
  if (state.thrown) std::rethrow_exception(state.thrown);
  if (state.too_large) {
    return TransferFault{TransferFault::Kind::kTooLarge,
                         fmt::format("{}: the answer is too large", url_for_messages(request.url))};
  }
  if (code == CURLE_OK || state.stopped) return std::nullopt;
  return fault_of(code, state.detail, request.url, url_origin(request.url));
}

std::string next_link(std::string_view link_header) {
  size_t at = 0;
  while ((at = link_header.find('<', at)) != link_header.npos) {
    const size_t end = link_header.find('>', at);
    if (end == link_header.npos) return "";
    const std::string_view address = link_header.substr(at + 1, end - at - 1);
    const size_t next = link_header.find('<', end);
    const std::string parameters =
        to_lower(link_header.substr(end + 1, next == link_header.npos ? next : next - end - 1));
    if (parameters.find("rel=\"next\"") != std::string::npos || parameters.find("rel=next") != std::string::npos) {
      return std::string(address);
    }
    at = end;
  }
  return "";
}

}  // namespace lf
