#include "platform/retrying_http.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"

namespace cml {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// GitHub's GraphQL answers 200 with an error of this type. Inside a string the quotes would be escaped.
bool is_limited_query(HttpRequest const& request, HttpResponse const& response) {
  constexpr std::string_view kEnd = "/graphql";
  std::string_view const url = request.url;
  return response.status == 200 && url.size() > kEnd.size() && url.substr(url.size() - kEnd.size()) == kEnd &&
         (contains(response.body, "\"type\":\"RATE_LIMITED\"") ||
          contains(response.body, "\"type\": \"RATE_LIMITED\""));
}

// 429 always; 403 only when it says so (GitHub's primary and secondary limits).
bool is_rate_limited(HttpRequest const& request, HttpResponse const& response) {
  if (response.status == 429 || is_limited_query(request, response)) return true;
  if (response.status != 403) return false;
  return !response.header("retry-after").empty() || response.header("x-ratelimit-remaining") == "0" ||
         contains(response.body, "secondary rate limit") || contains(response.body, "abuse detection");
}

// A number of seconds as a header has it, at most `kLongest`: what is larger means "not today", whatever its size.
constexpr long long kLongest = 100LL * 365 * 86400;
std::optional<long long> seconds_in(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return std::min(parse_integer(text).value_or(kLongest), kLongest);
}

// Retry-After: seconds, or a date.
std::optional<seconds> retry_after(HttpResponse const& response, std::chrono::system_clock::time_point now) {
  std::string_view const text = response.header("retry-after");
  if (auto const count = seconds_in(text)) return seconds(*count);
  auto const date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::max(seconds(0), std::chrono::duration_cast<seconds>(*date - std::chrono::floor<seconds>(now)));
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
  if (is_rate_limited(request, response)) {
    milliseconds wait = policy_.secondary_wait * (1 << (attempt - 1));
    if (auto const after = retry_after(response, clock_.now())) {
      wait = *after;
    } else if (auto const reset = seconds_in(response.header("x-ratelimit-reset"));
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
    auto const after = retry_after(response, clock_.now());
    if (after && *after > policy_.max_single_wait) return std::nullopt;
    return after ? milliseconds(*after) : backoff(attempt);
  }
  return std::nullopt;
}

// A server that is away for hours is asked every few seconds, but told of once a minute.
void RetryingHttp::tell(HttpRequest const& request, Result<HttpResponse> const& answer, milliseconds wait) {
  constexpr seconds kSilence{60};
  if (!notify_) return;
  auto const url = parse_url(request.url);
  auto const [at, fresh] = told_.try_emplace(url ? url->origin() : "", clock_.now());
  if (!fresh && clock_.now() - at->second < kSilence) return;
  at->second = clock_.now();
  notify_((answer ? request.method + " " + safe_url(request.url) + " answered " + std::to_string(answer->status)
                  : answer.error().message) +
          "; trying again in " + std::to_string((wait.count() + 999) / 1000) + " s");
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
    tell(requests[again.front()], answers[again.front()], longest);
    clock_.sleep_for(longest);
    std::vector<HttpRequest> repeated;
    for (std::size_t i : again) repeated.push_back(requests[i]);
    auto fresh = inner_.send_all(repeated, parallel);
    for (std::size_t i = 0; i < again.size(); ++i) answers[again[i]] = std::move(fresh[i]);
  }
  return answers;
}

}  // namespace cml
