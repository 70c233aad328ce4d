#include "hub/url.h"

#include <curl/curl.h>

#include <memory>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Parsed = std::unique_ptr<CURLU, UrlDeleter>;

Parsed parse(const std::string& url) {
  Parsed parsed(curl_url());
  const bool clean = url.find('\0') == std::string::npos && url.size() < 16384;
  LF_CHECK(kFormat, clean && curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK,
           "'{}' is not an address", printable(url, 200));
  return parsed;
}

std::string part(const Parsed& parsed, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(parsed.get(), which, &text, flags) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

/// This machine, said literally. A name that merely resolves to 127.0.0.1 does not count.
bool is_loopback(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  if (!host.starts_with("127.")) return false;
  return host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

std::string url_origin(const std::string& url) {
  const Parsed parsed = parse(url);
  const std::string scheme = part(parsed, CURLUPART_SCHEME);
  LF_CHECK(kFormat, scheme == "http" || scheme == "https", "'{}' is not an http address", url_for_messages(url));
  return to_lower(scheme + "://" + part(parsed, CURLUPART_HOST) + ":" +
                  part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT));
}

bool same_origin(const std::string& a, const std::string& b) { return url_origin(a) == url_origin(b); }

std::string resolve_url(const std::string& base, const std::string& location) {
  const Parsed parsed = parse(base);
  const bool clean = location.find('\0') == std::string::npos && location.size() < 16384;
  const bool set = clean && curl_url_set(parsed.get(), CURLUPART_URL, location.c_str(), CURLU_URLENCODE) == CURLUE_OK;
  LF_CHECK(kFormat, set, "{}: redirect to '{}', which is not an address", url_for_messages(base),
           printable(location, 200));
  return part(parsed, CURLUPART_URL);
}

void check_url(const std::string& url) {
  const Parsed parsed = parse(url);
  const std::string scheme = part(parsed, CURLUPART_SCHEME);
  LF_CHECK(kConfig, part(parsed, CURLUPART_USER).empty() && part(parsed, CURLUPART_PASSWORD).empty(),
           "{}: a name or password inside an address is refused; give a token", url_for_messages(url));
  if (scheme == "https") return;
  LF_CHECK(kConfig, scheme == "http", "{}: only https addresses are used", url_for_messages(url));
  LF_CHECK(kConfig, is_loopback(to_lower(part(parsed, CURLUPART_HOST))),
           "{}: plain http is only used to this machine (localhost); https is needed", url_for_messages(url));
}

std::string url_for_messages(const std::string& url) {
  std::string shown = url.substr(0, url.find_first_of("?#"));
  const size_t scheme = shown.find("://");
  const size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const size_t user = shown.substr(0, shown.find('/', host)).rfind('@');
  if (user != std::string::npos && user >= host) shown.erase(host, user - host + 1);
  return printable(shown, 300);
}

std::string percent_encode(std::string_view text, std::string_view safe) {
  std::string out;
  for (const unsigned char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                       c == '.' || c == '-' || c == '~' || (c != 0 && safe.find(static_cast<char>(c)) != safe.npos);
    out += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return out;
}

}  // namespace lf
