// Questions to a hub: requests that are tried again where that helps, follow redirects without carrying the token to
// another host, and turn answers into errors that say what to do.
#pragma once
#include <functional>
#include <string>

#include "hub/error.h"
#include "hub/http.h"

namespace lf {

struct RetryPolicy {
  int attempts = 5;
  double first_wait = 1;    // seconds; doubled each time
  double longest_wait = 8;  // without Retry-After
  double most_wait = 120;   // Retry-After above this is an error instead
};

/// How long to wait before attempt number `attempt` (2, 3, ...): the Retry-After of `response` if it has one.
double wait_before(int attempt, const RetryPolicy& policy, const HttpResponse* response);
/// True for 408, 429, 500, 502, 503 and 504.
bool is_worth_retrying(int status);
void wait_seconds(double seconds);

/// What a question is about, for messages and for the page that a user should visit.
struct Subject {
  std::string what;        // "model org/name"
  std::string page;        // address of its page
  std::string token_hint;  // "hf_hub_token or HF_TOKEN"
  bool has_token = false;
};

/// Limits for questions whose answer a hub may have to think about (lists of large repositories).
HttpLimits patient(HttpLimits limits);

/// kUnreachable, kBadAnswer ... for a fault.
[[noreturn]] void throw_fault(const TransferFault& fault);
/// For an answer with status 400 and above.
[[noreturn]] void throw_status(const HttpResponse& response, const Subject& subject);

/// One request with redirects (at most 10). Whether a redirect is followed is `follow`'s to say; the token and its
/// cookie go only to the origin of the first address, and are never sent again once a redirect left it.
struct Redirected {
  HttpResponse response;  // the last answer: 2xx, 4xx, 5xx, or the redirect that was not followed
  std::optional<TransferFault> fault;
};
Redirected send_following(HttpClient& client, HttpRequest request,
                          const std::function<bool(const HttpResponse& redirect, const std::string& target)>& follow,
                          const HeadSink& on_head = {}, const BodySink& on_body = {});

/// GET of a small answer (JSON), tried again up to policy.attempts times. Throws HubError when nothing good came.
HttpResponse ask(HttpClient& client, const HttpRequest& request, const Subject& subject, const RetryPolicy& policy);
/// HEAD that stops at redirects to other hosts that already say what is asked (X-Repo-Commit).
HttpResponse ask_head(HttpClient& client, const HttpRequest& request, const Subject& subject,
                      const RetryPolicy& policy);

}  // namespace lf
