// S3 against a server on loopback that checks every signature by its own reckoning (AWS Signature Version 4, as
// documented).
#include "asset/s3.hpp"

#include <catch2/catch.hpp>

#include <map>

#include "asset/presign.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "platform/curl_http.hpp"
#include "support/fakes.hpp"
#include "support/http_server.hpp"

using namespace cml;
using namespace cml::test;

namespace {

// The signature that the request should carry, by the headers that it says it signed.
bool signature_is_right(ServerRequest const& request, std::string const& secret) {
  std::string const authorization = request.header("authorization");
  auto const field = [&](std::string const& name) {
    auto const at = authorization.find(name + "=");
    return authorization.substr(at + name.size() + 1, authorization.find(',', at) - at - name.size() - 1);
  };
  auto const scope = split(field("Credential"), '/');
  if (scope.size() != 5) return false;
  std::string headers;
  for (std::string const& name : split(field("SignedHeaders"), ';'))
    headers += name + ":" + request.header(name) + "\n";
  std::string const payload = request.header("x-amz-content-sha256");
  if (payload != sha256_hex(request.body)) return false;
  std::string const canonical = request.method + "\n" + request.path + "\n" + request.query + "\n" + headers + "\n" +
                                field("SignedHeaders") + "\n" + payload;
  std::string const date_scope = scope[1] + "/" + scope[2] + "/" + scope[3] + "/" + scope[4];
  std::string const to_sign =
      "AWS4-HMAC-SHA256\n" + request.header("x-amz-date") + "\n" + date_scope + "\n" + sha256_hex(canonical);
  std::string const key =
      hmac_sha256(hmac_sha256(hmac_sha256(hmac_sha256("AWS4" + secret, scope[1]), scope[2]), scope[3]), scope[4]);
  return to_hex(hmac_sha256(key, to_sign)) == field("Signature");
}

AssetFile asset(std::string bytes) { return {"a.png", "image/png", bytes, sha256_hex(bytes)}; }

}  // namespace

TEST_CASE("s3: files are put once, signed, below their prefix", "[asset][s3]") {
  std::map<std::string, std::string> objects;
  int puts = 0, wrong = 0;
  std::string token_seen;
  HttpServer server([&](ServerRequest const& request) {
    if (!signature_is_right(request, "se/cret")) {
      ++wrong;
      return ServerResponse{403, "<Error><Code>SignatureDoesNotMatch</Code><Message>No</Message></Error>", {}};
    }
    token_seen = request.header("x-amz-security-token");
    if (request.method == "HEAD") return ServerResponse{objects.count(request.path) ? 200 : 404, "", {}};
    ++puts;
    objects[request.path] = request.body;
    return ServerResponse{200, "", {}};
  });
  FakeEnvironment environment({{"AWS_ACCESS_KEY_ID", "KEY"},
                               {"AWS_SECRET_ACCESS_KEY", "se/cret"},
                               {"AWS_SESSION_TOKEN", "session"},
                               {"AWS_REGION", "eu-west-1"},
                               {"AWS_ENDPOINT_URL", server.url() + "/"}});
  CurlHttp http(environment, "cml/test");
  StoreRequest request;
  request.destination = "s3://plots/ci/x/";
  request.http = &http;
  request.environment = &environment;
  auto store = open_s3(request);
  REQUIRE(store);
  std::vector<AssetFile> const files{asset("one"), asset("two")};
  auto const urls = (*store)->put(files);
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  CHECK(urls->at(0) == server.url() + "/plots/ci/x/" + content_address(files[0]));
  CHECK(objects.at("/plots/ci/x/" + content_address(files[1])) == "two");
  CHECK(token_seen == "session");
  REQUIRE((*store)->put(files));
  CHECK(puts == 2);
  CHECK(wrong == 0);
  environment.variables["CML_ASSET_PUBLIC_URL"] = "https://cdn.test/p/";
  CHECK(open_s3(request).value()->put(files).value().at(0) == "https://cdn.test/p/ci/x/" + content_address(files[0]));
  environment.variables["AWS_SECRET_ACCESS_KEY"] = "other";
  auto const refused = open_s3(request).value()->put({asset("three")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Forbidden);
  CHECK(contains(refused.error().message, "SignatureDoesNotMatch"));
  CHECK(contains(refused.error().message, "check AWS_ACCESS_KEY_ID"));
}

TEST_CASE("s3: what is missing is named", "[asset][s3]") {
  FakeEnvironment environment;
  FakeHttp http;
  StoreRequest request;
  request.http = &http;
  request.environment = &environment;
  request.destination = "s3://plots";
  CHECK(contains(open_s3(request).error().message, "AWS_ACCESS_KEY_ID"));
  request.destination = "s3:///x";
  CHECK(contains(open_s3(request).error().message, "names no bucket"));
  environment.variables = {
      {"AWS_ACCESS_KEY_ID", "k"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_ENDPOINT_URL", "http://minio.test"}};
  request.destination = "s3://plots";
  CHECK(contains(open_s3(request).error().message, "https"));
  environment.variables.erase("AWS_ENDPOINT_URL");
  CHECK(open_s3(request).value()->describe() == "the bucket at https://plots.s3.us-east-1.amazonaws.com");
  struct Place {
    std::string destination, endpoint, base;
  };
  for (Place const& c : {Place{"s3://my.plots", "", "https://s3.us-east-1.amazonaws.com/my.plots"},
                         Place{"s3://my.plots?style=host", "", "https://my.plots.s3.us-east-1.amazonaws.com"},
                         Place{"s3://plots?style=path", "", "https://s3.us-east-1.amazonaws.com/plots"},
                         Place{"s3://plots", "https://minio.test:9000", "https://minio.test:9000/plots"},
                         Place{"s3://plots/ci?style=host", "https://r2.test/", "https://plots.r2.test"}}) {
    INFO(c.destination << " " << c.endpoint);
    environment.variables["AWS_ENDPOINT_URL"] = c.endpoint;
    request.destination = c.destination;
    CHECK(open_s3(request).value()->describe() == "the bucket at " + c.base);
  }
  FakeClock clock;
  request.clock = &clock;
  for (std::string const bad : {"presign=8d", "presign=0h", "presign", "presign=x", "style=x", "public"}) {
    INFO(bad);
    request.destination = "s3://plots/x?" + bad;
    auto const refused = open_s3(request);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Usage);
    CHECK(contains(refused.error().message, bad));
  }
  environment.variables["CML_ASSET_PUBLIC_URL"] = "https://cdn.test";
  request.destination = "s3://plots?presign=1h";
  CHECK(contains(open_s3(request).error().message, "CML_ASSET_PUBLIC_URL"));
}

TEST_CASE("s3: a presigned address has the signature of AWS's own published example", "[asset][s3]") {
  // "Authenticating Requests: Using Query Parameters" in the Amazon S3 API reference; the keys are the documentation's.
  PresignRequest request{.url = "https://examplebucket.s3.amazonaws.com/test.txt",
                         .region = "us-east-1",
                         .key_id = "AKIAIOSFODNN7EXAMPLE",
                         .secret_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                         .session = {},
                         .lifetime = std::chrono::hours(24),
                         .now = std::chrono::system_clock::time_point(std::chrono::seconds(1369353600))};
  CHECK(presigned_address(request) ==
        "https://examplebucket.s3.amazonaws.com/"
        "test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%"
        "2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST_CASE("s3: readers open presigned addresses without keys, in path and in host style, until they end",
          "[asset][s3]") {
  FakeClock clock;
  clock.now_ = std::chrono::system_clock::time_point(std::chrono::seconds(1'790'000'000));
  std::map<std::string, std::string> objects;
  std::chrono::system_clock::time_point server_now = clock.now_;
  // What S3 does with a query that is signed: reckons it again over the request as it arrived, and looks at the clock.
  HttpServer server([&](ServerRequest const& request) {
    if (!request.header("authorization").empty()) {
      if (request.method == "PUT") objects[request.path] = request.body;
      return ServerResponse{request.method == "PUT" || objects.count(request.path) ? 200 : 404, "", {}};
    }
    auto const mark = request.query.find("&X-Amz-Signature=");
    if (mark == std::string::npos) return ServerResponse{403, "unsigned", {}};
    std::string const date = request.parameter("X-Amz-Date");
    auto const scope = split(percent_decode(request.parameter("X-Amz-Credential")), '/');
    std::string const canonical = request.method + "\n" + request.path + "\n" + request.query.substr(0, mark) +
                                  "\nhost:" + request.header("host") + "\n\nhost\nUNSIGNED-PAYLOAD";
    std::string const to_sign =
        "AWS4-HMAC-SHA256\n" + date + "\n" + scope[1] + "/" + scope[2] + "/s3/aws4_request\n" + sha256_hex(canonical);
    std::string const key =
        hmac_sha256(hmac_sha256(hmac_sha256(hmac_sha256("AWS4se/cret", scope[1]), scope[2]), "s3"), "aws4_request");
    if (scope[0] != "KEY" || to_hex(hmac_sha256(key, to_sign)) != request.parameter("X-Amz-Signature"))
      return ServerResponse{403, "SignatureDoesNotMatch", {}};
    bool const session_right = percent_decode(request.parameter("X-Amz-Security-Token")) == "ses/sion";
    auto const signed_at = parse_iso_time(date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6, 5) + ":" +
                                          date.substr(11, 2) + ":" + date.substr(13));
    bool const ended =
        !signed_at ||
        server_now > *signed_at + std::chrono::seconds(parse_integer(request.parameter("X-Amz-Expires")).value_or(0));
    if (ended || !session_right) return ServerResponse{403, "AccessDenied", {}};
    return objects.count(request.path) ? ServerResponse{200, objects[request.path], {}} : ServerResponse{404, "", {}};
  });
  FakeEnvironment environment({{"AWS_ACCESS_KEY_ID", "KEY"},
                               {"AWS_SECRET_ACCESS_KEY", "se/cret"},
                               {"AWS_SESSION_TOKEN", "ses/sion"},
                               {"AWS_REGION", "eu-west-1"}});
  CurlHttp http(environment, "cml/test");
  StoreRequest request;
  request.http = &http;
  request.environment = &environment;
  request.clock = &clock;
  // "bucket.localhost" is this machine by RFC 6761; libcurl knows it without asking.
  struct Style {
    std::string destination, endpoint, start;
  };
  std::string const port = ":" + std::to_string(server.port());
  for (Style const& style : {Style{"s3://plots/c i?presign=24h", server.url(), server.url() + "/plots/c%20i/"},
                             Style{"s3://plots/ci?style=host&presign=7d", "http://localhost" + port,
                                   "http://plots.localhost" + port + "/ci/"}}) {
    INFO(style.destination);
    objects.clear();
    server_now = clock.now_;
    environment.variables["AWS_ENDPOINT_URL"] = style.endpoint;
    request.destination = style.destination;
    auto const store = open_s3(request);
    INFO((store ? "" : store.error().message));
    REQUIRE(store);
    auto const urls = (*store)->put({asset("one")});
    INFO((urls ? "" : urls.error().message));
    REQUIRE(urls);
    CHECK(urls->at(0).substr(0, style.start.size()) == style.start);
    auto const opened = http.send({.url = urls->at(0)});
    REQUIRE(opened);
    CHECK(opened->status == 200);
    CHECK(opened->body == "one");
    CHECK(http.send({.url = replace_all(urls->at(0), sha256_hex("one").substr(10), sha256_hex("two").substr(10))})
              ->status == 403);
    server_now += std::chrono::hours(7 * 24 + 1);
    CHECK(http.send({.url = urls->at(0)})->status == 403);
  }
}
