// S3 against a server on loopback that checks every signature by its own reckoning (AWS Signature Version 4, as documented).
#include "asset/s3.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "platform/curl_http.hpp"
#include "support/fakes.hpp"
#include "support/http_server.hpp"

using namespace cml;
using namespace cml::test;

namespace {

std::string unhex(std::string const& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string hmac(std::string key, std::string const& text) {
  if (key.size() > 64) key = unhex(sha256_hex(key));
  key.resize(64, '\0');
  std::string inner = key, outer = key;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  return unhex(sha256_hex(outer + unhex(sha256_hex(inner + text))));
}

std::string hex(std::string const& bytes) {
  std::string text;
  for (char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[c & 15];
  }
  return text;
}

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
  for (std::string const& name : split(field("SignedHeaders"), ';')) headers += name + ":" + request.header(name) + "\n";
  std::string const payload = request.header("x-amz-content-sha256");
  if (payload != sha256_hex(request.body)) return false;
  std::string const canonical = request.method + "\n" + request.path + "\n" + request.query + "\n" + headers + "\n" +
                                field("SignedHeaders") + "\n" + payload;
  std::string const date_scope = scope[1] + "/" + scope[2] + "/" + scope[3] + "/" + scope[4];
  std::string const to_sign = "AWS4-HMAC-SHA256\n" + request.header("x-amz-date") + "\n" + date_scope + "\n" + sha256_hex(canonical);
  std::string const key = hmac(hmac(hmac(hmac("AWS4" + secret, scope[1]), scope[2]), scope[3]), scope[4]);
  return hex(hmac(key, to_sign)) == field("Signature");
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
  FakeEnvironment environment({{"AWS_ACCESS_KEY_ID", "KEY"}, {"AWS_SECRET_ACCESS_KEY", "se/cret"}, {"AWS_SESSION_TOKEN", "session"},
                               {"AWS_REGION", "eu-west-1"}, {"AWS_ENDPOINT_URL", server.url() + "/"}});
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
  CHECK(refused.error().kind == ErrorKind::Unauthorized);
  CHECK(contains(refused.error().message, "SignatureDoesNotMatch"));
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
  environment.variables = {{"AWS_ACCESS_KEY_ID", "k"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_ENDPOINT_URL", "http://minio.test"}};
  request.destination = "s3://plots";
  CHECK(contains(open_s3(request).error().message, "https"));
  environment.variables.erase("AWS_ENDPOINT_URL");
  CHECK(open_s3(request).value()->describe() == "the bucket at https://plots.s3.us-east-1.amazonaws.com");
  request.destination = "s3://my.plots";
  CHECK(open_s3(request).value()->describe() == "the bucket at https://s3.us-east-1.amazonaws.com/my.plots");
}
