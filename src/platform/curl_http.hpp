// HTTP over libcurl: kept connections, parallel transfers, proxies and CA bundle from the environment, capped bodies,
// redirects that never carry a credential to another origin. Retries are the business of RetryingHttp.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ports/environment.hpp"
#include "ports/http.hpp"

namespace cml {

struct CurlPatience {
  std::chrono::seconds connect{20};
  std::chrono::seconds stall{30};  // A transfer slower than 16 bytes a second for so long is given up (slow loris).
};

// Services of the cloud's own for the machine we run on: a proxy would ask about itself, if it could at all.
bool goes_around_proxies(std::string_view url);

class CurlHttp : public HttpClient {
 public:
  // `warn` is told, once, when the authorities that are trusted are out of date.
  explicit CurlHttp(Environment const& environment, std::string user_agent, CurlPatience patience = {},
                    std::function<void(std::string const&)> warn = {});
  ~CurlHttp() override;
  Result<HttpResponse> send(HttpRequest const&) override;
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const&, int parallel) override;
  // A file of authorities that are trusted besides the others; `named_by` is what told of it, for messages
  // ("http.sslCAInfo").
  void trust(std::string pem_file, std::string named_by);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cml
