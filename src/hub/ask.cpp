#include "hub/ask.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "base/log.h"
#include "base/strings.h"
#include "hub/url.h"

namespace lf {
namespace {

constexpr int kMaxRedirects = 10;
constexpr const char* kCommitHeader = "X-Repo-Commit";

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string server_words(const HttpResponse& response) {
  const std::string message = response.headers.get("X-Error-Message");
  return message.empty() ? "" : ": " + printable(message, 300);
}

[[noreturn]] void throw_unauthorized(const HttpResponse& response, const Subject& subject) {
  const std::string token = subject.has_token ? "the token that was sent does not give access to it"
                                              : "without a token it cannot be told; give one by " + subject.token_hint;
  throw_hub(HubTrouble::kUnauthorized, "{} does not exist or is private: {} ({}{})", subject.what, token,
            response.text(), server_words(response));
}

[[noreturn]] void throw_gated(const HttpResponse& response, const Subject& subject) {
  throw_hub(HubTrouble::kGated, "{} is gated: accept its conditions at {}{} ({}{})", subject.what, subject.page,
            subject.has_token ? " with the account of your token" : ", then give a token by " + subject.token_hint,
            response.text(), server_words(response));
}

using Answer = std::function<Redirected()>;

/// Calls `once` until its answer is final.
HttpResponse with_retries(const Answer& once, const Subject& subject, const RetryPolicy& policy) {
  for (int attempt = 1;; ++attempt) {
    const Redirected answer = once();
    const bool status_again = !answer.fault && is_worth_retrying(answer.response.status);
    const bool fault_again = answer.fault && answer.fault->kind != TransferFault::Kind::kCertificate &&
                             answer.fault->kind != TransferFault::Kind::kTooLarge;
    if (!status_again && !answer.fault && answer.response.status < 400) return answer.response;
    const bool unreachable = answer.fault && answer.fault->kind == TransferFault::Kind::kUnreachable;
    const bool last =
        attempt >= (unreachable ? std::min(policy.attempts, 2) : policy.attempts);  // offline: say so soon
    const double wait = wait_before(attempt + 1, policy, answer.fault ? nullptr : &answer.response);
    if (last || wait > policy.most_wait || (!status_again && !fault_again)) {
      if (answer.fault) throw_fault(*answer.fault);
      throw_status(answer.response, subject);
    }
    log_debug("hub", "{}; next try in {} s", answer.fault ? answer.fault->message : answer.response.text(), wait);
    wait_seconds(wait);
  }
}

}  // namespace

double wait_before(int attempt, const RetryPolicy& policy, const HttpResponse* response) {
  if (response && (response->status == 429 || response->status == 503)) {
    if (const auto seconds = response->headers.number("Retry-After")) return static_cast<double>(*seconds);
  }
  return std::min(policy.longest_wait, policy.first_wait * std::pow(2.0, std::max(0, attempt - 2)));
}

bool is_worth_retrying(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

HttpLimits patient(HttpLimits limits) {
  limits.stall_seconds = std::max(limits.stall_seconds, 30.0);
  return limits;
}

void wait_seconds(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

void throw_fault(const TransferFault& fault) {
  const bool network = fault.kind != TransferFault::Kind::kTooLarge;
  throw_hub(network ? HubTrouble::kUnreachable : HubTrouble::kBadAnswer, "{}", fault.message);
}

void throw_status(const HttpResponse& response, const Subject& subject) {
  const std::string code = response.headers.get("X-Error-Code");
  const int status = response.status;
  if (code == "GatedRepo") throw_gated(response, subject);
  if (code == "RevisionNotFound")
    throw_hub(HubTrouble::kNoRevision, "{} has no such revision ({})", subject.what, response.text());
  if (code == "EntryNotFound")
    throw_hub(HubTrouble::kNoFile, "{} has no such file ({})", subject.what, response.text());
  if (status == 401 || status == 403) throw_unauthorized(response, subject);
  if (status == 404 || status == 410) {
    throw_hub(HubTrouble::kNoRepo, "{} was not found on the hub; check the name at {} ({}{})", subject.what,
              subject.page, response.text(), server_words(response));
  }
  if (status == 429) {
    const std::string after = response.headers.get("Retry-After");
    throw_hub(HubTrouble::kRateLimited, "{}: too many requests{} ({}){}", subject.what,
              after.empty() ? "" : "; the hub says to come back in " + printable(after, 60) + " s", response.text(),
              subject.has_token ? "" : "; with a token more are allowed (" + subject.token_hint + ")");
  }
  const HubTrouble trouble = status >= 500 ? HubTrouble::kServer : HubTrouble::kBadAnswer;
  throw_hub(trouble, "{}: {}{}", subject.what, response.text(), server_words(response));
}

Redirected send_following(HttpClient& client, HttpRequest request,
                          const std::function<bool(const HttpResponse&, const std::string&)>& follow,
                          const HeadSink& on_head, const BodySink& on_body) {
  for (int hops = 0;; ++hops) {
    Redirected result;
    const HeadSink head = [&](const HttpResponse& response) {
      return is_redirect(response.status) || !on_head || on_head(response);
    };
    result.fault = client.send(request, result.response, head, on_body);
    if (result.fault || !is_redirect(result.response.status)) return result;
    const std::string location = result.response.headers.get("Location");
    if (location.empty()) return result;
    const std::string target = resolve_url(request.url, location);
    if (!follow(result.response, target)) return result;
    if (hops == kMaxRedirects) {
      throw_hub(HubTrouble::kBadAnswer, "{}: more than {} redirects", url_for_messages(request.url), kMaxRedirects);
    }
    check_url(target);
    if (!same_origin(request.url, target)) {
      request.token.clear();
      request.token_cookie.clear();
    }
    request.url = target;
  }
}

HttpResponse ask(HttpClient& client, const HttpRequest& request, const Subject& subject, const RetryPolicy& policy) {
  const auto always = [](const HttpResponse&, const std::string&) { return true; };
  return with_retries([&] { return send_following(client, request, always); }, subject, policy);
}

HttpResponse ask_head(HttpClient& client, const HttpRequest& request, const Subject& subject,
                      const RetryPolicy& policy) {
  const auto inside = [&](const HttpResponse& redirect, const std::string& target) {
    return same_origin(redirect.url, target) || redirect.headers.get(kCommitHeader).empty();
  };
  return with_retries([&] { return send_following(client, request, inside); }, subject, policy);
}

}  // namespace lf
