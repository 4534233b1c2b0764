// What the clouds' metadata services say, and what of it ends a runner.
#include <catch2/catch.hpp>

#include "base/time_text.hpp"
#include "runner/notices.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

namespace {

constexpr char const* kBase = "http://169.254.169.254";
std::string const kToken = std::string(kBase) + "/latest/api/token";
std::string const kAction = std::string(kBase) + "/latest/meta-data/spot/instance-action";
std::string const kEvents = std::string(kBase) + "/metadata/scheduledevents?api-version=2020-07-01";
std::string const kPreempted = std::string(kBase) + "/computeMetadata/v1/instance/preempted";

}  // namespace

TEST_CASE("notices: AWS is asked with a session token, which is kept until it ages", "[runner][notices]") {
  FakeHttp http;
  FakeEnvironment environment;
  auto const notice = notices_of("aws", http, environment);
  http.expect("PUT", kToken, HttpResponse{200, {}, "first"});
  http.expect("GET", kAction, HttpResponse{404, {}, ""});
  CHECK_FALSE(notice());
  http.expect("GET", kAction, HttpResponse{404, {}, ""});
  CHECK_FALSE(notice());
  http.expect("GET", kAction, HttpResponse{401, {}, ""});
  http.expect("PUT", kToken, HttpResponse{200, {}, "second"});
  http.expect("GET", kAction, json_response(200, R"({"action": "terminate", "time": "2026-11-22T14:58:40Z"})"));
  auto const found = notice();
  REQUIRE(found);
  CHECK(found->reason == "spot interruption");
  CHECK(found->deadline == parse_iso_time("2026-11-22T14:58:40Z"));
  CHECK(http.sent.back().headers.front() == std::pair<std::string, std::string>("X-aws-ec2-metadata-token", "second"));
  for (HttpRequest const& request : http.sent) CHECK(request.timeout <= std::chrono::seconds(2));
}

TEST_CASE("notices: an answer that is no notice ends nothing", "[runner][notices]") {
  FakeEnvironment environment;
  for (std::string const body : {"", "not JSON", "[]", "404 - Not Found"}) {
    FakeHttp http;
    http.expect("PUT", kToken, HttpResponse{200, {}, "t"});
    http.expect("GET", kAction, HttpResponse{200, {}, body});
    INFO(body);
    CHECK_FALSE(notices_of("aws", http, environment)());
    http.expect("GET", kEvents, HttpResponse{200, {}, body});
    CHECK_FALSE(notices_of("azure", http, environment)());
    http.expect("GET", kPreempted, HttpResponse{200, {}, body});
    CHECK_FALSE(notices_of("gcp", http, environment)());
  }
  FakeHttp http;  // Without a service, or with one that is away.
  http.expect("PUT", kToken, Error{ErrorKind::Unreachable, "no route"});
  CHECK_FALSE(notices_of("aws", http, environment)());
  http.expect("GET", kEvents, Error{ErrorKind::Network, "timed out"});
  CHECK_FALSE(notices_of("azure", http, environment)());
  http.expect("GET", kPreempted, HttpResponse{200, {}, "FALSE"});
  CHECK_FALSE(notices_of("gcp", http, environment)());
  CHECK_FALSE(notices_of("kubernetes", http, environment));  // Nobody to ask: it sends SIGTERM.
  CHECK_FALSE(notices_of("", http, environment));
}

TEST_CASE("notices: Azure's eviction and Google's preemption", "[runner][notices]") {
  FakeHttp http;
  FakeEnvironment environment(
      {{"CML_AZURE_METADATA_ENDPOINT", "http://127.0.0.1:81/"}, {"GCE_METADATA_HOST", "127.0.0.1:82"}});
  auto const azure = notices_of("azure", http, environment);
  std::string const url = "http://127.0.0.1:81/metadata/scheduledevents?api-version=2020-07-01";
  http.expect("GET", url,
              json_response(200, R"({"DocumentIncarnation": 1, "Events": [{"EventType": "Reboot", "NotBefore": "Sun,)"
                                 R"( 22 Nov 2026 14:56:40 GMT"}, 7]})"));
  CHECK_FALSE(azure());
  http.expect("GET", url,
              json_response(200, R"({"DocumentIncarnation": 2, "Events": [{"EventType": "Preempt", "NotBefore": "Sun,)"
                                 R"( 22 Nov 2026 14:56:40 GMT"}]})"));
  auto const evicted = azure();
  REQUIRE(evicted);
  CHECK(evicted->reason == "preempt");
  CHECK(evicted->deadline == parse_iso_time("2026-11-22T14:56:40Z"));
  http.expect("GET", url, json_response(200, R"({"Events": [{"EventType": "Terminate", "NotBefore": ""}]})"));
  CHECK_FALSE(azure()->deadline);
  http.expect("GET", "http://127.0.0.1:82/computeMetadata/v1/instance/preempted", HttpResponse{200, {}, "TRUE\n"});
  auto const preempted = notices_of("gcp", http, environment)();
  REQUIRE(preempted);
  CHECK(preempted->reason == "preemption");
  CHECK(http.sent.back().headers.front().second == "Google");
}
