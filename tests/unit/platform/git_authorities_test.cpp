#include "platform/git_authorities.hpp"

#include <catch2/catch.hpp>

#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;

namespace {

std::string const kUrl = "https://git.corp.test/api/v4/user";
std::vector<std::string> const kQuestion{"git", "config", "--get-urlmatch", "http.sslCAInfo", kUrl};

HttpRequest get(std::string url) {
  HttpRequest request;
  request.method = "GET";
  request.url = std::move(url);
  return request;
}

struct AuthoritiesPlace {
  FakeHttp http;
  FakeProcess process;
  std::vector<std::string> trusted;
  GitAuthorities authorities{http, process, [this](std::string file, std::string) { trusted.push_back(file); }};
};

}  // namespace

TEST_CASE("git authorities: a refused certificate is tried again with those that git trusts for the URL",
          "[platform][http]") {
  AuthoritiesPlace place;
  Error const refused{ErrorKind::Untrusted, "self-signed certificate"};
  place.http.expect("GET", kUrl, refused);
  place.http.expect("GET", kUrl, json_response(200, "{}"));
  place.process.expect(kQuestion, {0, "/etc/corp.pem\n", ""});
  CHECK(place.authorities.send(get(kUrl)));
  CHECK(place.trusted == std::vector<std::string>{"/etc/corp.pem"});
  // What is trusted already does not help: no third try.
  place.http.expect("GET", kUrl, refused);
  place.process.expect(kQuestion, {0, "/etc/corp.pem\n", ""});
  CHECK(place.authorities.send(get(kUrl)).error().kind == ErrorKind::Untrusted);
}

TEST_CASE("git authorities: git is not asked without need, and where it knows none the refusal stands",
          "[platform][http]") {
  AuthoritiesPlace place;
  place.http.expect("GET", kUrl, json_response(200, "{}"));
  CHECK(place.authorities.send(get(kUrl)));
  CHECK(place.process.started.empty());
  place.http.expect("GET", kUrl, Error{ErrorKind::Untrusted, "self-signed certificate"});
  place.http.expect("GET", "https://a.test/", json_response(200, "{}"));
  place.process.expect(kQuestion, {1, "", ""});
  auto const answers = place.authorities.send_all({get("https://a.test/"), get(kUrl)}, 2);
  CHECK(answers[0]);
  CHECK(answers[1].error().kind == ErrorKind::Untrusted);
  CHECK(place.trusted.empty());
}
