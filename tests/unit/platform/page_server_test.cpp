// The live preview's server over a real socket on loopback.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "platform/curl_http.hpp"
#include "platform/loopback_page_server.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("platform: a page is served on loopback alone, with a version that grows", "[platform][preview]") {
  LoopbackPageServer server;
  server.publish("<p>one</p>");
  auto const port = server.start(0);
  REQUIRE(port);
  FakeEnvironment environment;
  CurlHttp http(environment, "test");
  auto const get = [&](std::string const& path, std::string const& host = "") {
    HttpRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(*port) + path;
    if (!host.empty()) request.headers.push_back({"Host", host});
    auto const response = http.send(request);
    INFO((response ? "" : response.error().message));
    REQUIRE(response);
    return std::to_string(response->status) + " " + response->body;
  };
  CHECK(get("/") == "200 <p>one</p>");
  CHECK(get("/version") == "200 1");
  server.publish("<p>two</p>");
  CHECK(get("/") == "200 <p>two</p>");
  CHECK(get("/version") == "200 2");
  CHECK(get("/etc/passwd").substr(0, 3) == "404");
  CHECK(get("/", "evil.test").substr(0, 3) == "403");
  LoopbackPageServer second;
  auto const taken = second.start(*port);
  REQUIRE_FALSE(taken);
  CHECK(contains(taken.error().message, "cannot listen on port " + std::to_string(*port)));
}
