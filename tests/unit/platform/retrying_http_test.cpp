#include "platform/retrying_http.hpp"

#include <catch2/catch.hpp>

#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct RetryFixture {
  FakeHttp inner;
  FakeClock clock;
  ZeroRandom random;
  RetryingHttp http{inner, clock, random};
  Result<HttpResponse> get() { return http.send({.url = "https://a.test/x"}); }
  Result<HttpResponse> post() {
    return http.send({.method = "POST", .url = "https://a.test/x", .repeat = Repeat::Unsafe});
  }
};

}  // namespace

TEST_CASE("retry: Retry-After is waited for, even by a POST that creates", "[platform][retry]") {
  RetryFixture f;
  f.inner.expect("POST", "https://a.test/x", HttpResponse{429, {{"retry-after", "7"}}, ""});
  f.inner.expect("POST", "https://a.test/x", HttpResponse{201, {}, "done"});
  auto const answer = f.post();
  REQUIRE(answer);
  CHECK(answer->status == 201);
  CHECK(f.clock.slept == std::vector<milliseconds>{seconds(7)});
}

TEST_CASE("retry: a used-up limit waits for its reset time", "[platform][retry]") {
  RetryFixture f;
  f.inner.expect("GET", "https://a.test/x",
                 HttpResponse{403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1700000030"}}, ""});
  f.inner.expect("GET", "https://a.test/x", HttpResponse{200, {}, ""});
  REQUIRE(f.get());
  CHECK(f.clock.slept == std::vector<milliseconds>{seconds(31)});
}

TEST_CASE("retry: a secondary limit without headers waits a minute, then two", "[platform][retry]") {
  RetryFixture f;
  for (int i = 0; i < 2; ++i)
    f.inner.expect("POST", "https://a.test/x", HttpResponse{403, {}, "You have exceeded a secondary rate limit"});
  f.inner.expect("POST", "https://a.test/x", HttpResponse{201, {}, ""});
  CHECK(f.post()->status == 201);
  CHECK(f.clock.slept == std::vector<milliseconds>{seconds(60), seconds(120)});
}

TEST_CASE("retry: a limit that lifts too late is reported at once", "[platform][retry]") {
  RetryFixture f;
  f.inner.expect("GET", "https://a.test/x", HttpResponse{429, {{"retry-after", "3600"}}, ""});
  CHECK(f.get()->status == 429);
  CHECK(f.clock.slept.empty());
}

TEST_CASE("retry: who asks again by himself is answered at once", "[platform][retry]") {
  RetryFixture f;
  for (Result<HttpResponse> const& first :
       std::vector<Result<HttpResponse>>{Error{ErrorKind::Unreachable, "no route"}, Error{ErrorKind::Network, "cut"},
                                         HttpResponse{429, {{"retry-after", "7"}}, ""}, HttpResponse{503, {}, ""}}) {
    f.inner.expect("GET", "https://a.test/x", first);
    (void)f.http.send({.url = "https://a.test/x", .repeat = Repeat::Never});
  }
  CHECK(f.clock.slept.empty());
}

TEST_CASE("retry: a plain 403 is an answer, not a limit", "[platform][retry]") {
  RetryFixture f;
  f.inner.expect("GET", "https://a.test/x", HttpResponse{403, {}, "Resource not accessible by integration"});
  CHECK(f.get()->status == 403);
}

TEST_CASE("retry: gateway errors and broken connections are repeated for safe requests only", "[platform][retry]") {
  RetryFixture f;
  f.inner.expect("GET", "https://a.test/x", HttpResponse{502, {}, ""});
  f.inner.expect("GET", "https://a.test/x", Error{ErrorKind::Network, "reset"});
  f.inner.expect("GET", "https://a.test/x", HttpResponse{200, {}, ""});
  CHECK(f.get()->status == 200);
  CHECK(f.clock.slept == std::vector<milliseconds>{milliseconds(500), milliseconds(1000)});
  f.inner.expect("POST", "https://a.test/x", HttpResponse{502, {}, ""});
  CHECK(f.post()->status == 502);
  f.inner.expect("POST", "https://a.test/x", Error{ErrorKind::Network, "reset"});
  CHECK_FALSE(f.post());
}

TEST_CASE("retry: a request that never left is repeated whatever it is, a few times", "[platform][retry]") {
  RetryFixture f;
  for (int i = 0; i < 4; ++i) f.inner.expect("POST", "https://a.test/x", Error{ErrorKind::Unreachable, "refused"});
  auto const answer = f.post();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::Unreachable);
  CHECK(f.clock.slept.size() == 3);
}

TEST_CASE("retry: in a batch only the failed requests are sent again", "[platform][retry]") {
  RetryFixture f;
  f.inner.expect("GET", "https://a.test/1", HttpResponse{200, {}, "one"});
  f.inner.expect("GET", "https://a.test/2", HttpResponse{503, {}, ""});
  f.inner.expect("GET", "https://a.test/2", HttpResponse{200, {}, "two"});
  auto const answers = f.http.send_all({{.url = "https://a.test/1"}, {.url = "https://a.test/2"}}, 8);
  CHECK(answers[0].value().body == "one");
  CHECK(answers[1].value().body == "two");
}

TEST_CASE("retry: a wait that no one can mean is given up at once, whatever the number", "[platform][retry]") {
  for (std::string const value :
       {"9223372036854775807", "99999999999999999999999999", "10000000000000000", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    INFO(value);
    RetryFixture f;
    f.inner.expect("GET", "https://a.test/x", HttpResponse{429, {{"retry-after", value}}, ""});
    f.inner.expect("GET", "https://a.test/y", HttpResponse{503, {{"retry-after", value}}, ""});
    CHECK(f.get()->status == 429);
    CHECK(f.http.send({.url = "https://a.test/y"})->status == 503);
    CHECK(f.clock.slept.empty());
    if (value[0] == 'F') continue;
    f.inner.expect("GET", "https://a.test/x",
                   HttpResponse{403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", value}}, ""});
    CHECK(f.get()->status == 403);
    CHECK(f.clock.slept.empty());
  }
}

TEST_CASE("retry: Retry-After may be a date, and one that is past or is not a number means the usual wait",
          "[platform][retry]") {
  for (auto const& [value, wait] :
       std::vector<std::pair<std::string, milliseconds>>{{"Tue, 14 Nov 2023 22:13:29 GMT", seconds(9)},  // 1700000009
                                                         {"Tue, 14 Nov 2023 22:13:00 GMT", seconds(0)},
                                                         {"-9223372036854775808", milliseconds(1000)},
                                                         {"soon", milliseconds(1000)},
                                                         {"1e3", milliseconds(1000)}}) {
    INFO(value);
    RetryFixture f;
    f.inner.expect("GET", "https://a.test/x", HttpResponse{429, {{"retry-after", value}}, ""});
    f.inner.expect("GET", "https://a.test/x", HttpResponse{200, {}, ""});
    CHECK(f.get()->status == 200);
    CHECK(f.clock.slept == std::vector<milliseconds>{wait});
  }
  RetryFixture f;
  f.inner.expect(
      "GET", "https://a.test/x",
      HttpResponse{403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "-9223372036854775808"}}, ""});
  f.inner.expect("GET", "https://a.test/x", HttpResponse{200, {}, ""});
  CHECK(f.get()->status == 200);
  CHECK(f.clock.slept == std::vector<milliseconds>{seconds(60)});
}

TEST_CASE("retry: a GraphQL query that is rate limited answers 200 and is waited for", "[platform][retry]") {
  RetryFixture f;
  std::string const limited = R"({"data":null,"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]})";
  HttpRequest const query{.method = "POST", .url = "https://a.test/graphql", .repeat = Repeat::Unsafe};
  f.inner.expect("POST", query.url,
                 HttpResponse{200, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1700000030"}}, limited});
  f.inner.expect("POST", query.url, HttpResponse{200, {}, R"({"data":{}})"});
  CHECK(f.http.send(query)->body == R"({"data":{}})");
  CHECK(f.clock.slept == std::vector<milliseconds>{seconds(31)});
  // Elsewhere, and as text in an answer, it is nothing but text.
  f.inner.expect("GET", "https://a.test/x", HttpResponse{200, {}, limited});
  CHECK(f.get()->body == limited);
  std::string const quoted = R"({"data":{"body":"\"type\":\"RATE_LIMITED\""}})";
  f.inner.expect("POST", query.url, HttpResponse{200, {}, quoted});
  CHECK(f.http.send(query)->body == quoted);
}

TEST_CASE("retry: a certificate that is not trusted is not asked for again", "[platform][retry]") {
  RetryFixture f;
  f.inner.expect("GET", "https://a.test/x", Error{ErrorKind::Untrusted, "self-signed certificate"});
  CHECK(f.get().error().kind == ErrorKind::Untrusted);
  CHECK(f.clock.slept.empty());
}

TEST_CASE("retry: a server that stays away is told of once a minute", "[platform][retry]") {
  FakeHttp inner;
  FakeClock clock;
  ZeroRandom random;
  std::vector<std::string> told;
  RetryingHttp http(inner, clock, random, [&](std::string const& line) { told.push_back(line); });
  auto const ask = [&](std::string const& url) {
    for (int i = 0; i < 4; ++i) inner.expect("GET", url, Error{ErrorKind::Unreachable, "no route"});
    (void)http.send({.url = url});
  };
  for (int i = 0; i < 24; ++i) {  // Two minutes and a half, with what the attempts take.
    ask("https://a.test/x");
    clock.now_ += seconds(3);
  }
  CHECK(told.size() == 3);
  ask("https://b.test/x");
  CHECK(told.size() == 4);
}
