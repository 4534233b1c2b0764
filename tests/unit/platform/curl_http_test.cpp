#include "platform/curl_http.hpp"

#include <catch2/catch.hpp>

#include <netdb.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <mutex>
#include <set>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "support/fakes.hpp"
#include "support/http_server.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct Fixture {
  FakeEnvironment environment;
  CurlHttp http{environment, "cml/test"};
};

}  // namespace

TEST_CASE("curl: method, headers, body and credential arrive, the answer comes back", "[platform][http]") {
  ServerRequest seen;
  HttpServer server([&](ServerRequest const& request) {
    seen = request;
    return ServerResponse{201, "made", {{"X-Thing", " yes "}}};
  });
  Fixture f;
  HttpRequest request{.method = "PATCH",
                      .url = server.url() + "/a?b=c",
                      .headers = {{"Content-Type", "application/json"}},
                      .body = "{}"};
  request.credential_header = "Authorization";
  request.credential = Secret("Bearer t");
  auto const answer = f.http.send(request);
  REQUIRE(answer);
  CHECK(answer->status == 201);
  CHECK(answer->body == "made");
  CHECK(answer->header("x-thing") == "yes");
  CHECK(seen.method == "PATCH");
  CHECK(seen.query == "b=c");
  CHECK(seen.body == "{}");
  CHECK(seen.header("authorization") == "Bearer t");
  CHECK(seen.header("expect") == "");
}

TEST_CASE("curl: a body goes to a file when it is whole, and nothing else does", "[platform][http]") {
  std::string const big(3'000'000, 'a');
  HttpServer server([&](ServerRequest const& request) {
    if (request.path == "/moved") return ServerResponse{302, "go there", {{"Location", "/big"}}};
    if (request.path == "/missing") return ServerResponse{404, "no such file", {}};
    ServerResponse response{200, request.path == "/empty" ? "" : big, {}};
    if (request.path == "/broken") response.fault = ServerResponse::Fault::TruncateBody;
    return response;
  });
  Fixture f;
  TemporaryFolder folder;
  auto const fetch = [&](std::string const& path, std::size_t cap = 10'000'000) {
    HttpRequest request{.url = server.url() + path};
    request.save_to = folder.path / path.substr(1);
    request.max_response_bytes = cap;
    return f.http.send(request);
  };
  auto const answer = fetch("/moved");
  REQUIRE(answer);
  CHECK(answer->body.empty());
  CHECK(answer->saved_sha256 == sha256_hex(big));
  CHECK(slurp(folder.path / "moved") == big);
  auto const missing = fetch("/missing");
  REQUIRE(missing);
  CHECK(missing->body == "no such file");
  CHECK(fetch("/broken").error().kind == ErrorKind::Network);
  CHECK(contains(fetch("/big", 1'000'000).error().message, "larger than 1000000 bytes"));
  REQUIRE(fetch("/empty"));
  CHECK(fetch("/no/such/folder").error().kind == ErrorKind::Io);
  std::set<std::string> names;
  for (auto const& entry : std::filesystem::directory_iterator(folder.path))
    names.insert(entry.path().filename().string());
  CHECK(names == std::set<std::string>{"moved", "empty"});
}

TEST_CASE("curl: a proxy of the request's own is used", "[platform][http]") {
  std::string asked;
  HttpServer proxy([&](ServerRequest const& request) {
    return asked = request.path, ServerResponse{200, "through", {}};
  });
  Fixture f;
  HttpRequest request{.url = "http://cluster.example.test/api"};
  request.proxy = proxy.url();
  auto const answer = f.http.send(request);
  REQUIRE(answer);
  CHECK(answer->body == "through");
  CHECK(asked == "http://cluster.example.test/api");
}

TEST_CASE("curl: the cloud's own services for its machines are never asked by way of a proxy", "[platform][http]") {
  for (std::string const url : {"http://169.254.169.254/latest/api/token", "http://169.254.170.2/v2/credentials",
                                "http://metadata.google.internal/computeMetadata/v1/"})
    CHECK(goes_around_proxies(url));
  for (std::string const url : {"https://169.254.example.test/", "http://10.169.254.1/", "https://api.github.com/",
                                "http://127.0.0.1/", "no address"})
    CHECK_FALSE(goes_around_proxies(url));
}

TEST_CASE("curl: many requests go at once, answered in the order asked", "[platform][http]") {
  HttpServer server([](ServerRequest const& request) { return ServerResponse{200, request.path, {}}; });
  server.latency = std::chrono::milliseconds(30);
  Fixture f;
  std::vector<HttpRequest> requests;
  for (int i = 0; i < 24; ++i) requests.push_back({.url = server.url() + "/" + std::to_string(i)});
  auto const start = std::chrono::steady_clock::now();
  auto const answers = f.http.send_all(requests, 8);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(24 * 30 / 2));
  for (int i = 0; i < 24; ++i) CHECK(answers[static_cast<std::size_t>(i)].value().body == "/" + std::to_string(i));
}

TEST_CASE("curl: redirects are followed for reads, never with a credential to another host, never for ever",
          "[platform][http]") {
  std::string credential = "unset";
  HttpServer other([&](ServerRequest const& request) {
    credential = request.header("private-token");
    return ServerResponse{200, "other", {}};
  });
  HttpServer server([&](ServerRequest const& request) {
    if (request.path == "/away") return ServerResponse{302, "", {{"Location", other.url() + "/x"}}};
    if (request.path == "/here") return ServerResponse{301, "", {{"Location", "/final"}}};
    if (request.path == "/loop") return ServerResponse{302, "", {{"Location", "/loop"}}};
    return ServerResponse{200, request.method + request.header("private-token"), {}};
  });
  Fixture f;
  auto const ask = [&](std::string const& path, std::string method = "GET") {
    HttpRequest request{.method = std::move(method), .url = server.url() + path};
    request.credential_header = "PRIVATE-TOKEN";
    request.credential = Secret("t");
    return f.http.send(request);
  };
  CHECK(ask("/away").value().body == "other");
  CHECK(credential == "");
  CHECK(ask("/here").value().body == "GETt");
  CHECK_FALSE(ask("/loop"));
  auto const refused = ask("/away", "POST");
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "redirect"));
}

TEST_CASE("curl: a request that must not be repeated goes out once, also on a kept connection that breaks",
          "[platform][http]") {
  for (std::string const body : {"{}", ""}) {
    for (Repeat const repeat : {Repeat::Unsafe, Repeat::Safe}) {
      std::mutex mutex;
      int posts = 0;
      HttpServer server([&](ServerRequest const& request) {
        std::lock_guard<std::mutex> const lock(mutex);
        ServerResponse response{200, "", {}};
        if (request.method == "POST" && ++posts == 1) response.fault = ServerResponse::Fault::CloseWithoutAnswer;
        return response;
      });
      Fixture f;
      REQUIRE(f.http.send({.url = server.url() + "/first"}));  // Its connection is kept.
      auto const answer = f.http.send({.method = "POST", .url = server.url() + "/x", .body = body, .repeat = repeat});
      if (repeat == Repeat::Safe) continue;  // libcurl may repeat it.
      REQUIRE_FALSE(answer);
      CHECK(answer.error().kind == ErrorKind::Network);
      CHECK(posts == 1);
    }
  }
}

TEST_CASE("curl: what is known about a failed request decides its kind", "[platform][http]") {
  HttpServer server([&](ServerRequest const& request) {
    ServerResponse response{200, std::string(100'000, 'x'), {}};
    if (request.path == "/reset") response.fault = ServerResponse::Fault::CloseWithoutAnswer;
    if (request.path == "/cut") response.fault = ServerResponse::Fault::TruncateBody;
    return response;
  });
  Fixture f;
  auto const kind_of = [&](std::string const& url) {
    auto const answer = f.http.send({.method = "POST", .url = url, .timeout = std::chrono::seconds(5)});
    REQUIRE_FALSE(answer);
    INFO(answer.error().message);
    CHECK(contains(answer.error().message, "POST " + url));
    return answer.error().kind;
  };
  CHECK(kind_of(server.url() + "/reset") == ErrorKind::Network);
  CHECK(kind_of(server.url() + "/cut") == ErrorKind::Network);
  CHECK(kind_of("http://127.0.0.1:1/nobody") == ErrorKind::Unreachable);
  CHECK(kind_of("http://no-such-host.invalid/") == ErrorKind::Unreachable);
  HttpRequest small{.url = server.url() + "/big"};
  small.max_response_bytes = 1000;
  CHECK(f.http.send(small).error().kind == ErrorKind::BadInput);
  CHECK(f.http.send({.url = "file:///etc/passwd"}).error().kind == ErrorKind::BadInput);
  HttpRequest injected{.url = server.url() + "/x"};
  injected.credential_header = "Authorization";
  injected.credential = Secret("a\r\nX-Evil: 1");
  CHECK(f.http.send(injected).error().kind == ErrorKind::Unauthorized);
}

TEST_CASE("curl: a policy holds for every redirect", "[platform][http]") {
  int internal = 0;
  HttpServer inside([&](ServerRequest const&) { return ++internal, ServerResponse{200, "INTERNAL", {}}; });
  HttpServer server([&](ServerRequest const& request) {
    if (request.path == "/pub/out") return ServerResponse{302, "", {{"Location", inside.url() + "/pub/x"}}};
    if (request.path == "/pub/up") return ServerResponse{302, "", {{"Location", "../secret"}}};
    if (request.path == "/pub/on") return ServerResponse{302, "", {{"Location", "./a/../b?c=d"}}};
    if (request.path == "/pub/odd") return ServerResponse{302, "", {{"Location", "http:/x"}}};
    return ServerResponse{200, request.path + "?" + request.query, {}};
  });
  Fixture f;
  auto const ask = [&](std::string const& url) {
    HttpRequest request{.url = url};
    request.policy = std::make_shared<UrlPolicy const>(std::vector<std::string>{server.url() + "/pub"});
    return f.http.send(request);
  };
  CHECK(ask(server.url() + "/pub/on").value().body == "/pub/b?c=d");
  for (std::string const path : {"/pub/out", "/pub/up"}) {
    auto const refused = ask(server.url() + path);
    INFO(path);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Forbidden);
    CHECK(contains(refused.error().message, "redirect"));
    CHECK(contains(refused.error().message, "--allow-url"));
  }
  CHECK_FALSE(ask(server.url() + "/pub/odd"));
  CHECK(ask(server.url() + "/other").error().kind == ErrorKind::Forbidden);
  CHECK(ask("http://127.0.0.1:" + std::to_string(server.port()) + "@127.0.0.1:" + std::to_string(inside.port()) +
            "/pub/x")
            .error()
            .kind == ErrorKind::Forbidden);
  CHECK(internal == 0);
}

namespace {

// A name of this machine that is not "localhost" but leads to a loopback address; empty where there is none.
std::string name_that_leads_home() {
  std::array<char, 256> own{};
  ::gethostname(own.data(), own.size() - 1);
  for (std::string const& name : {std::string(own.data()), std::string("ip6-localhost")}) {
    addrinfo* found = nullptr;
    if (name.empty() || is_local_host(name) || ::getaddrinfo(name.c_str(), nullptr, nullptr, &found) != 0) continue;
    std::array<char, 64> text{};
    ::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    ::freeaddrinfo(found);
    if (is_local_host(text.data())) return name;
  }
  return "";
}

}  // namespace

TEST_CASE("curl: under a policy a name that leads to this machine is not connected to", "[platform][http]") {
  int asked = 0;
  HttpServer server([&](ServerRequest const&) { return ++asked, ServerResponse{200, "INTERNAL", {}}; });
  std::string const name = name_that_leads_home();
  if (name.empty()) {
    WARN("no name of this machine leads to a loopback address: not tested");
    return;
  }
  Fixture f;
  std::string const url = "http://" + name + ":" + std::to_string(server.port()) + "/x";
  (void)f.http.send({.url = url});  // Without a policy: a kept connection, which must not be used below.
  asked = 0;
  HttpRequest request{.url = url};
  request.policy = std::make_shared<UrlPolicy const>(std::vector<std::string>{url});
  auto const refused = f.http.send(request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Forbidden);
  CHECK(contains(refused.error().message, "leads to"));
  CHECK(asked == 0);
  // A proxy on this machine is the user's own.
  HttpServer proxy([&](ServerRequest const&) { return ServerResponse{200, "through", {}}; });
  request.proxy = proxy.url();
  CHECK(f.http.send(request).value().body == "through");
}

TEST_CASE("curl: a trickling answer ends with the request's time, and a claim of a huge one at once",
          "[platform][http]") {
  HttpServer server([&](ServerRequest const& request) {
    ServerResponse response{200, std::string(100'000, 'x'), {}};
    if (request.path == "/trickle") response.fault = ServerResponse::Fault::Trickle;
    if (request.path == "/huge") {
      response.headers = {{"Content-Length", "1073741824"}};
      response.fault = ServerResponse::Fault::Stall;
    }
    return response;
  });
  Fixture f;
  auto const start = std::chrono::steady_clock::now();
  auto const trickle = f.http.send({.url = server.url() + "/trickle", .timeout = std::chrono::seconds(1)});
  CHECK(trickle.error().kind == ErrorKind::Network);
  auto const huge = f.http.send({.url = server.url() + "/huge"});
  CHECK(huge.error().kind == ErrorKind::BadInput);
  CHECK(contains(huge.error().message, "larger than 67108864 bytes"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}
