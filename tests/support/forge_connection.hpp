// One of our forges with the real HTTP client and a clock that does not wait, against a server of the test's own.
#pragma once

#include <memory>
#include <string>

#include "forge/registry.hpp"
#include "platform/curl_http.hpp"
#include "platform/retrying_http.hpp"
#include "support/fakes.hpp"

namespace cml::test {

struct ForgeConnection {
  ForgeConnection(std::unique_ptr<Forge> (*make)(ForgeSetup const&), Repository repository, std::string api_url,
                  std::string token = "good-token", std::map<std::string, std::string> variables = {})
      : environment(std::move(variables)) {
    setup.repository = std::move(repository);
    setup.api_url = std::move(api_url);
    setup.token = Secret(std::move(token));
    setup.http = &http;
    setup.clock = &clock;
    setup.random = &random;
    forge = make(setup);
  }
  FakeEnvironment environment;
  FakeClock clock;
  ZeroRandom random;
  CurlHttp curl{environment, "cml/test", {std::chrono::seconds(5), std::chrono::seconds(1)}};
  RetryingHttp http{curl, clock, random};
  ForgeSetup setup;
  std::unique_ptr<Forge> forge;
};

}  // namespace cml::test
