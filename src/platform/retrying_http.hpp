// The decorator that waits: connect failures, rate limits and gateway errors, by the rules in docs/architecture.md.
// Pure over its ports, so tests never wait. A request whose fate is unknown is repeated only when Repeat::Safe.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "ports/clock.hpp"
#include "ports/http.hpp"
#include "ports/random.hpp"

namespace cml {

struct RetryPolicy {
  int max_attempts = 4;                          // For failures; waits for a rate limit count as well.
  std::chrono::seconds max_single_wait{600};     // A limit that lifts later than this is reported, not waited for.
  std::chrono::seconds secondary_wait{60};       // GitHub's advice for a secondary limit without any header.
  std::chrono::milliseconds first_backoff{500};  // Doubles; jitter adds up to half.
};

class RetryingHttp : public HttpClient {
 public:
  using Notify = std::function<void(std::string const& line)>;
  RetryingHttp(HttpClient& inner, Clock& clock, Random& random, Notify notify = {}, RetryPolicy policy = {})
      : inner_(inner), clock_(clock), random_(random), notify_(std::move(notify)), policy_(policy) {}
  Result<HttpResponse> send(HttpRequest const&) override;
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const&, int parallel) override;

 private:
  // How long to wait before sending again; nothing when the answer stands.
  std::optional<std::chrono::milliseconds> wait_before_repeat(HttpRequest const&, Result<HttpResponse> const&,
                                                              int attempt);
  std::chrono::milliseconds backoff(int attempt);
  void tell(HttpRequest const&, Result<HttpResponse> const&, std::chrono::milliseconds wait);

  HttpClient& inner_;
  Clock& clock_;
  Random& random_;
  Notify notify_;
  RetryPolicy policy_;
  std::map<std::string, std::chrono::system_clock::time_point> told_;  // By server.
};

}  // namespace cml
