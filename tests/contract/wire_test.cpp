// What goes wrong below HTTP: servers that fall silent, proxies, certificates. Posted exactly once, or one clear
// failure.
#include <catch2/catch.hpp>

#include <fstream>
#include <mutex>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "forge/github/github.hpp"
#include "platform/spawned_process.hpp"
#include "support/child_process.hpp"
#include "support/fake_github.hpp"
#include "support/forge_connection.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct WireConnection : ForgeConnection {
  explicit WireConnection(std::string const& url)
      : ForgeConnection(make_github, {"http", "127.0.0.1", "o/r"}, url + "/api/v3") {}
};

// A proxy for plain http that wants a login, as companies have it.
struct Proxy {
  Proxy() : server([this](ServerRequest const& request) { return handle(request); }) {}
  ServerResponse handle(ServerRequest const& request) {
    std::lock_guard<std::mutex> const lock(mutex);
    ++requests;
    if (request.header("proxy-authorization") != "Basic " + base64_encode("me:proxy-pass"))
      return {407, "<html>login</html>", {{"Proxy-Authenticate", "Basic realm=\"p\""}}};
    HttpRequest onward{.method = request.method,
                       .url = request.path + (request.query.empty() ? "" : "?" + request.query),
                       .body = request.body};
    for (char const* name : {"authorization", "content-type", "accept"})
      if (auto const value = request.header(name); !value.empty()) onward.headers.emplace_back(name, value);
    FakeEnvironment environment;
    auto const answer = CurlHttp(environment, "proxy").send(onward);
    if (!answer) return {502, answer.error().message, {}};
    ServerResponse response{answer->status, answer->body, {}};
    for (char const* name : {"content-type", "date", "link"})
      if (auto const value = answer->header(name); !value.empty())
        response.headers.emplace_back(name, std::string(value));
    return response;
  }
  std::mutex mutex;
  int requests = 0;
  HttpServer server;
};

// Names an authority in every way in which it is added to the others; without it the server is not trusted.
void check_added_authority(std::string const& url, std::string const& pem) {
  for (std::string const name : {"NODE_EXTRA_CA_CERTS", "CI_SERVER_TLS_CA_FILE", ""}) {
    INFO(name);
    FakeEnvironment environment;
    if (!name.empty()) environment.variables[name] = pem;
    CurlHttp http(environment, "cml/test");
    if (name.empty()) http.trust(pem, "http.sslCAInfo");
    auto const answer = http.send({.url = url});
    INFO((answer ? "" : answer.error().message));
    CHECK(answer);
  }
  FakeEnvironment environment;
  environment.variables["NODE_EXTRA_CA_CERTS"] = "/no/such/file.pem";
  auto const refused = CurlHttp(environment, "cml/test").send({.url = url});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Untrusted);
  CHECK(contains(refused.error().message, "NODE_EXTRA_CA_CERTS=FILE"));
  CHECK(contains(refused.error().message, "NODE_EXTRA_CA_CERTS=/no/such/file.pem cannot be read"));
}

}  // namespace

TEST_CASE(
    "wire: a server that falls silent or drips its answer out (slow loris) is given up, and the comment stands once",
    "[contract][faults][wire]") {
  using Fault = ServerResponse::Fault;
  for (auto const& [takes_effect, fault] : {std::pair(true, Fault::Stall), std::pair(false, Fault::Stall),
                                            std::pair(true, Fault::Drip), std::pair(false, Fault::Drip)}) {
    FakeGitHub fake;
    WireConnection github(fake.url());
    fake.fail({"POST", "/comments", {201, std::string(20, ' '), {}, fault}, takes_effect});
    auto const created = github.forge->create_comment(PullRequestTarget{7}, "body");
    INFO((created ? "" : created.error().message));
    REQUIRE(created);
    CHECK(fake.comments("issue 7").size() == 1);
  }
}

TEST_CASE("wire: a proxy that wants a login is named, with the login everything goes through it",
          "[contract][faults][wire][cli]") {
  FakeGitHub fake;
  Proxy proxy;
  TemporaryFolder folder;
  std::ofstream(folder.path / "report.md") << "text";
  std::map<std::string, std::string> environment{{"REPO_TOKEN", "good-token"},
                                                 {"CML_API_URL", fake.url() + "/api/v3"},
                                                 {"CML_REPO", fake.url() + "/o/r"},
                                                 {"CML_DRIVER", "github"},
                                                 {"http_proxy", proxy.server.url()}};
  auto const run = [&] {
    return run_cml({"comment", "create", "--target=pr/7", "report.md"}, folder.path, "", environment);
  };
  auto const refused = run();
  INFO(refused.err);
  CHECK(refused.exit_code == 3);
  CHECK(contains(refused.err, "answered 407"));
  CHECK(contains(refused.err, "the proxy wants a login"));
  CHECK(fake.requests().empty());
  environment["http_proxy"] = "http://me:proxy-pass@127.0.0.1:" + std::to_string(proxy.server.port());
  auto const posted = run();
  INFO(posted.err);
  CHECK(posted.exit_code == 0);
  CHECK_FALSE(contains(posted.err, "proxy-pass"));
  CHECK(fake.comments("issue 7").size() == 1);
  int const through = proxy.requests;
  environment["no_proxy"] = "127.0.0.1";
  CHECK(run().exit_code == 0);
  CHECK(proxy.requests == through);
  CHECK(fake.comments("issue 7").size() == 2);
  environment.erase("no_proxy");
  environment["https_proxy"] = proxy.server.url();
  environment["CML_API_URL"] = "https://forge.invalid/api/v3";  // By CONNECT.
  auto const tunnel = run();
  INFO(tunnel.err);
  CHECK(tunnel.exit_code == 4);
  CHECK(contains(tunnel.err, "the proxy wants a login"));
}

TEST_CASE("wire: an expired certificate is refused before anything is sent", "[contract][faults][wire]") {
  TemporaryFolder folder;
  SpawnedProcess process;
  auto const openssl = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    auto const result = process.run({.arguments = std::move(arguments), .directory = folder.path});
    if (result) UNSCOPED_INFO(result->err);
    return result && result->exit_code == 0;
  };
  std::ofstream const index(folder.path / "index.txt");
  std::ofstream(folder.path / "ca.cnf")
      << "[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=index.txt\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n"
         "x509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=CA:TRUE\n";
  if (!openssl({"version"})) {
    WARN("openssl cannot be run: the expired certificate is not tested");
    return;
  }
  REQUIRE(openssl({"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                   "/CN=127.0.0.1", "-keyout", "key.pem", "-out", "request.pem"}));
  for (bool const expired : {true, false}) {
    std::string const end = expired ? "20200201000000Z" : "21200201000000Z";
    REQUIRE(openssl({"ca", "-batch", "-selfsign", "-config", "ca.cnf", "-keyfile", "key.pem", "-in", "request.pem",
                     "-out", "cert.pem", "-notext", "-startdate", "20200101000000Z", "-enddate", end}));
    std::filesystem::resize_file(folder.path / "index.txt", 0);
    int const port = free_port();
    ChildProcess const server({"openssl", "s_server", "-quiet", "-www", "-accept", std::to_string(port), "-key",
                               (folder.path / "key.pem").string(), "-cert", (folder.path / "cert.pem").string()});
    REQUIRE(wait_until_listening(port));
    FakeEnvironment const environment({{"SSL_CERT_FILE", (folder.path / "cert.pem").string()}});
    auto const answer =
        CurlHttp(environment, "cml/test").send({.url = "https://127.0.0.1:" + std::to_string(port) + "/"});
    INFO((answer ? "" : answer.error().message));
    if (!expired) {  // The same set-up with a good certificate works, also with the authority named beside the
                     // system's.
      CHECK(answer);
      check_added_authority("https://127.0.0.1:" + std::to_string(port) + "/", (folder.path / "cert.pem").string());
      continue;
    }
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::Untrusted);
    CHECK(contains(answer.error().message, "expired"));
    CHECK(contains(answer.error().message, "check the server's certificate"));
  }
}
