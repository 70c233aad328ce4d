#include "hub/url.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "hub/http.h"

namespace lf {
namespace {

TEST(Url, origins_are_scheme_host_and_port) {
  EXPECT_EQ(url_origin("https://Hub.example/a?b"), "https://hub.example:443");
  EXPECT_TRUE(same_origin("https://hub.example/a", "https://hub.example:443/b"));
  for (const char* other : {"http://hub.example/a", "https://hub.example:444/", "https://hub.example.evil/",
                            "https://evil/hub.example", "https://hub.example@evil/"}) {
    EXPECT_FALSE(same_origin("https://hub.example/a", other)) << other;
  }
}

TEST(Url, plain_http_only_to_this_machine) {
  for (const char* good :
       {"https://hub.example", "http://127.0.0.1:80/x", "http://localhost:1", "http://[::1]:8000/"}) {
    EXPECT_NO_THROW(check_url(good)) << good;
  }
  for (const char* bad : {"http://hub.example", "http://127.0.0.1.evil.example/", "http://localhost.evil/", "ftp://x/",
                          "file:///etc/passwd", "https://user:pw@hub.example/", "https://token@hub.example/", "",
                          "hub.example", "http://10.0.0.1/"}) {
    EXPECT_THROW(check_url(bad), Error) << bad;
  }
}

TEST(Url, messages_hold_no_secrets) {
  EXPECT_EQ(url_for_messages("https://cdn/x?X-Amz-Signature=secret#a"), "https://cdn/x");
  EXPECT_EQ(url_for_messages("https://user:secret@cdn/x@y"), "https://cdn/x@y");
}

TEST(Url, redirects_are_resolved) {
  EXPECT_EQ(resolve_url("https://h/a/b?c", "/x y"), "https://h/x%20y");
  EXPECT_EQ(resolve_url("https://h/a/b", "https://o/z?q=%20"), "https://o/z?q=%20");
  EXPECT_EQ(resolve_url("https://h/a/b", "c"), "https://h/a/c");
  EXPECT_THROW(resolve_url("https://h/a", std::string("a\0b", 3)), Error);
}

TEST(Url, percent_encoding_is_pythons_quote) {
  EXPECT_EQ(percent_encode("refs/convert/parquet", ""), "refs%2Fconvert%2Fparquet");
  EXPECT_EQ(percent_encode("a b/\xe6\x95\xb0~.json"), "a%20b/%E6%95%B0~.json");
}

TEST(Http, next_page_of_a_link_header) {
  EXPECT_EQ(next_link("<https://h/a?cursor=x>; rel=\"next\""), "https://h/a?cursor=x");
  EXPECT_EQ(next_link("<https://h/1>; rel=\"prev\", <https://h/2>; rel=\"next\""), "https://h/2");
  for (const char* none : {"", "<", "<x", "<x>", "<x>; rel=prev", "; rel=next", "<a>; title=\"b\""})
    EXPECT_EQ(next_link(none), "") << none;
}

TEST(Http, headers_of_any_case_and_numbers) {
  HttpHeaders headers;
  headers.add(" Retry-After", " 12\r\n");
  headers.add("ETag", "\"a\"");
  headers.add("etag", "\"b\"");
  EXPECT_EQ(headers.get("retry-after"), "12");
  EXPECT_EQ(headers.number("RETRY-AFTER"), 12u);
  EXPECT_EQ(headers.get("Etag"), "\"b\"");
  for (const char* bad : {"", "-1", "1.5", "12x", "99999999999999999999999", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    HttpHeaders one;
    one.add("n", bad);
    EXPECT_EQ(one.number("n"), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace lf
