#include "platform/retrying_http.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// 429 always; 403 only when it says so (GitHub's primary and secondary limits).
bool is_rate_limited(HttpResponse const& response) {
  if (response.status == 429) return true;
  if (response.status != 403) return false;
  return !response.header("retry-after").empty() || response.header("x-ratelimit-remaining") == "0" ||
         contains(response.body, "secondary rate limit") || contains(response.body, "abuse detection");
}

}  // namespace

milliseconds RetryingHttp::backoff(int attempt) {
  milliseconds const base = policy_.first_backoff * (1 << std::min(attempt - 1, 8));
  auto const half = static_cast<std::uint64_t>(base.count()) / 2 + 1;
  return base + milliseconds(static_cast<long long>(random_.next() % half));
}

std::optional<milliseconds> RetryingHttp::wait_before_repeat(HttpRequest const& request,
                                                             Result<HttpResponse> const& answer, int attempt) {
  if (attempt >= policy_.max_attempts || request.repeat == Repeat::Never) return std::nullopt;
  if (!answer) {
    bool const repeat = answer.error().kind == ErrorKind::Unreachable ||
                        (answer.error().kind == ErrorKind::Network && request.repeat == Repeat::Safe);
    return repeat ? std::optional(backoff(attempt)) : std::nullopt;
  }
  HttpResponse const& response = answer.value();
  if (is_rate_limited(response)) {
    milliseconds wait = policy_.secondary_wait * (1 << (attempt - 1));
    if (auto const after = parse_integer(response.header("retry-after")); after && *after >= 0) {
      wait = seconds(*after);
    } else if (auto const reset = parse_integer(response.header("x-ratelimit-reset"));
               reset && response.header("x-ratelimit-remaining") == "0") {
      auto const now = std::chrono::duration_cast<seconds>(clock_.now().time_since_epoch()).count();
      wait = seconds(std::max<long long>(0, *reset - now) + 1);
    } else if (response.status == 429) {
      wait = backoff(attempt + 1);
    }
    if (wait > policy_.max_single_wait) return std::nullopt;
    return wait + milliseconds(static_cast<long long>(random_.next() % 250));
  }
  bool const gateway = response.status == 502 || response.status == 503 || response.status == 504;
  if (gateway && request.repeat == Repeat::Safe) {
    if (auto const after = parse_integer(response.header("retry-after")); after && *after >= 0) {
      if (seconds(*after) > policy_.max_single_wait) return std::nullopt;
      return seconds(*after);
    }
    return backoff(attempt);
  }
  return std::nullopt;
}

Result<HttpResponse> RetryingHttp::send(HttpRequest const& request) {
  auto answers = send_all({request}, 1);
  return std::move(answers.front());
}

std::vector<Result<HttpResponse>> RetryingHttp::send_all(std::vector<HttpRequest> const& requests, int parallel) {
  auto answers = inner_.send_all(requests, parallel);
  for (int attempt = 1; attempt < policy_.max_attempts; ++attempt) {
    std::vector<std::size_t> again;
    milliseconds longest{0};
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (auto const wait = wait_before_repeat(requests[i], answers[i], attempt)) {
        again.push_back(i);
        longest = std::max(longest, *wait);
      }
    }
    if (again.empty()) break;
    if (notify_) {
      HttpRequest const& first = requests[again.front()];
      auto const& answer = answers[again.front()];
      notify_((answer ? first.method + " " + safe_url(first.url) + " answered " + std::to_string(answer.value().status)
                      : answer.error().message) +
              "; trying again in " + std::to_string((longest.count() + 999) / 1000) + " s");
    }
    clock_.sleep_for(longest);
    std::vector<HttpRequest> repeated;
    for (std::size_t i : again) repeated.push_back(requests[i]);
    auto fresh = inner_.send_all(repeated, parallel);
    for (std::size_t i = 0; i < again.size(); ++i) answers[again[i]] = std::move(fresh[i]);
  }
  return answers;
}

}  // namespace cml
