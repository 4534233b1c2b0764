// HTTP over libcurl: kept connections, parallel transfers, proxies and CA bundle from the environment, capped bodies,
// redirects that never carry a credential to another origin. Retries are the business of RetryingHttp.
#pragma once

#include <memory>

#include "ports/environment.hpp"
#include "ports/http.hpp"

namespace cml {

class CurlHttp : public HttpClient {
 public:
  explicit CurlHttp(Environment const& environment, std::string user_agent);
  ~CurlHttp() override;
  Result<HttpResponse> send(HttpRequest const&) override;
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const&, int parallel) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cml
