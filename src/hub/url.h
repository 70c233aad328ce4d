// Addresses: parsed by libcurl, compared by origin, never shown with what may be a secret in them.
#pragma once
#include <string>
#include <string_view>

namespace lf {

/// "https://host:443" in lower case, port always given; kFormat when `url` is not an absolute http(s) address.
std::string url_origin(const std::string& url);
bool same_origin(const std::string& a, const std::string& b);
/// `location` (absolute or relative) seen from `base`; kFormat when that is no address.
std::string resolve_url(const std::string& base, const std::string& location);
/// Refuses (kConfig) what may not be talked to: other schemes than https, http except to this machine (loopback), and
/// user:password@.
void check_url(const std::string& url);
/// For messages: without query and fragment (signed addresses carry keys there).
std::string url_for_messages(const std::string& url);
/// Python's urllib.parse.quote(text, safe=safe).
std::string percent_encode(std::string_view text, std::string_view safe = "/");

}  // namespace lf
