// Releases of GitHub and GitLab, and GitHub's attachments, as places for images.
#include <catch2/catch.hpp>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/github/github.hpp"
#include "forge/gitlab/gitlab.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/forge_connection.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct ReleaseConnection : ForgeConnection {
  explicit ReleaseConnection(std::string const& url, std::string token = "good-token")
      : ForgeConnection(make_github, {"http", "127.0.0.1", "o/r"}, url + "/api/v3", std::move(token)) {}
};

AssetFile asset(std::string bytes) { return {"a b.png", "image/png", bytes, sha256_hex(bytes)}; }

}  // namespace

TEST_CASE("release: files are stored once under their content's name, also when jobs race",
          "[contract][github][release]") {
  FakeGitHub fake;
  auto const gate = ContractGate::open("github.openapi.json", fake.url());
  ReleaseConnection github(gate ? gate->url() : fake.url());
  auto const urls = github.forge->put_on_release("cml-assets", {asset("one"), asset("two"), asset("one")});
  INFO((urls ? "" : urls.error().message) << (gate ? gate->violations() : ""));
  REQUIRE(urls);
  CHECK(urls->at(0) == urls->at(2));
  CHECK(contains(urls->at(0), "/o/r/releases/download/cml-assets/" + sha256_hex("one").substr(0, 40) + ".png"));
  CHECK(fake.release_files().size() == 2);
  fake.forget_requests();
  CHECK(github.forge->put_on_release("cml-assets", {asset("one"), asset("three")}));
  CHECK(fake.count("POST") == 1);
  fake.fail({"GET",
             "/assets",
             {200, "[]", {{"Content-Type", "application/json"}}},
             false});  // As before another job's upload.
  auto const race = github.forge->put_on_release("cml-assets", {asset("one")});
  REQUIRE(race);
  CHECK(contains(race->at(0), sha256_hex("one").substr(0, 40)));
  if (gate) CHECK(gate->violations() == "");
  fake.fail(
      {"GET", "/releases/tags", {200, R"({"id": 1, "upload_url": "https://elsewhere.test/up{?name}"})", {}}, false});
  ReleaseConnection direct(fake.url());
  auto const away = direct.forge->put_on_release("cml-assets", {asset("four")});
  REQUIRE_FALSE(away);
  CHECK(contains(away.error().message, "another host"));
}

TEST_CASE("attachment: the forge's address is given, and a token that may not is told which one may",
          "[contract][github][release]") {
  FakeGitHub fake;
  ReleaseConnection github(fake.url());
  auto const urls = github.forge->upload_attachments({asset("one")}, {});
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  CHECK(contains(urls->at(0), "/user-attachments/assets/"));
  CHECK(fake.count("content_type=image%2Fpng&repository_id=1") == 1);
  fake.fail({"POST", "/user-attachments", {404, R"({"message":"Not Found"})", {}}, false});
  auto const refused = github.forge->upload_attachments({asset("one")}, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Forbidden);
  CHECK(contains(refused.error().message, "personal token"));
  CHECK(github.forge->upload_attachments({asset(std::string(11u << 20, 'x'))}, {}).error().kind == ErrorKind::TooLarge);
  auto const other = github.forge->upload_attachments({{"a.csv", "text/csv", "x", sha256_hex("x")}}, {});
  REQUIRE_FALSE(other);
  CHECK(contains(other.error().message, "is not a picture"));
}

TEST_CASE(
    "release: GitLab keeps the bytes as packages and links them at the release, lost answers and refusals are told "
    "apart",
    "[contract][gitlab][release]") {
  FakeGitLab fake;
  ForgeConnection gitlab(make_gitlab, {"http", fake.url().substr(7), "g/p"}, "");
  fake.fail({"POST", "/releases", {502, "", {}}, true});
  auto const urls = gitlab.forge->put_on_release("v1", {asset("one")});
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  std::string const name = sha256_hex("one").substr(0, 40) + ".png";
  CHECK(urls->at(0) == fake.url() + "/g/p/-/releases/v1/downloads/" + name);
  CHECK(fake.release_files() == std::map<std::string, std::string>{{name, "one"}});
  // As before another job's upload and link.
  fake.one_package_a_name = true;
  fake.fail({"GET", "/links", {200, "[]", {{"Content-Type", "application/json"}}}, false});
  CHECK(gitlab.forge->put_on_release("v1", {asset("one")}));
  fake.fail({"PUT", "/packages", {403, R"({"message":"403 Forbidden"})", {}}, false});
  auto const refused = gitlab.forge->put_on_release("v1", {asset("two")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Forbidden);
  CHECK(contains(refused.error().message, "uploading a b.png"));
  CHECK(contains(refused.error().message, "Developer"));
}
