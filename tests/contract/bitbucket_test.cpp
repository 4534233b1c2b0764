// Our Bitbucket against a small fake, with Bitbucket's own OpenAPI description standing between when it is at hand.
#include "forge/bitbucket/bitbucket.hpp"

#include <catch2/catch.hpp>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/bitbucket/api.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/forge_connection.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct Connection : ForgeConnection {
  explicit Connection(std::string api_url, std::string token = "good-token")
      : ForgeConnection(make_bitbucket, {"https", "bitbucket.org", "w/r"}, std::move(api_url), std::move(token)) {}
};

CommentTarget const kPull = PullRequestTarget{7};
std::string const kSha(40, 'a');

}  // namespace

TEST_CASE("bitbucket contract: comments, paging and downloads keep to Bitbucket's own description",
          "[contract][bitbucket]") {
  FakeBitbucket fake;
  auto const gate = ContractGate::open("bitbucket.openapi.json", fake.url());
  Connection bitbucket(gate ? gate->url() : fake.url());
  Forge& forge = *bitbucket.forge;
  fake.add_pull_request(6, kSha, "merged");
  fake.add_pull_request(7, kSha);
  auto const pull = forge.pull_request_of_commit(kSha);
  INFO((pull ? "" : pull.error().message));
  REQUIRE(pull);
  CHECK(*pull == 7);
  for (CommentTarget const& target : {kPull, CommentTarget(CommitTarget{kSha})}) {
    auto const created = forge.create_comment(target, "one");
    INFO(describe(target) << (created ? "" : created.error().message));
    REQUIRE(created);
    CHECK(created->url.substr(0, 28) == "https://bitbucket.org/w/r/c/");
    auto const updated = forge.update_comment(target, *created, "two");
    INFO((updated ? "" : updated.error().message));
    REQUIRE(updated);
    auto const listed = forge.comments(target);
    INFO((listed ? "" : listed.error().message + (gate ? gate->violations() : "")));
    REQUIRE(listed);
    CHECK(listed->back().body == "two");
    REQUIRE(forge.delete_comment(target, *created));
    CHECK(forge.comments(target).value().empty());
  }
  auto const urls = forge.upload_assets({{"a.png", "image/png", "bytes", sha256_hex("bytes")}});
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  CHECK(urls->at(0) == "https://bitbucket.org/w/r/downloads/cml-" + sha256_hex("bytes") + ".png");
  CHECK(contains(fake.downloads().at("cml-" + sha256_hex("bytes") + ".png"), "bytes"));
  auto const rerun = forge.rerun("{55}");
  INFO((rerun ? "" : rerun.error().message) << (gate ? gate->violations() : ""));
  REQUIRE(rerun);
  REQUIRE(fake.pipelines().size() == 1);
  CHECK(contains(fake.pipelines()[0], "\"ref_name\":\"main\""));
  CHECK(forge.rerun("{56}").error().kind == ErrorKind::NotFound);
  if (gate) CHECK(gate->violations() == "");
}

TEST_CASE("bitbucket: every page is read, also when a next page follows the last", "[contract][bitbucket]") {
  FakeBitbucket fake;
  Connection bitbucket(fake.url());
  Forge& forge = *bitbucket.forge;
  for (int i = 0; i < 34; ++i) fake.add_body(kPull, "n" + std::to_string(i));
  auto const all = forge.comments(kPull);
  INFO((all ? "" : all.error().message));
  REQUIRE(all);
  CHECK(all->size() == 34);
  CHECK(all->back().body == "n33");
}

TEST_CASE("bitbucket: posted exactly once, refusals say what to check, issues are no more",
          "[contract][bitbucket][faults]") {
  for (bool const takes_effect : {false, true}) {
    FakeBitbucket fake;
    Connection bitbucket(fake.url());
    fake.fail({"POST", "/comments", {502, "", {}}, takes_effect});
    REQUIRE(bitbucket.forge->create_comment(kPull, "body"));
    CHECK(fake.bodies(kPull).size() == 1);
  }
  FakeBitbucket fake;
  Connection wrong(fake.url(), "wrong-token");
  CHECK(contains(wrong.forge->create_comment(kPull, "x").error().message, "EMAIL:API_TOKEN"));
  Connection bitbucket(fake.url());
  CHECK(bitbucket.forge->create_comment(kPull, std::string(40'000, 'x')).error().kind == ErrorKind::TooLarge);
  CHECK(bitbucket.forge->create_comment(IssueTarget{3}, "x").error().kind == ErrorKind::Unsupported);
}

TEST_CASE("bitbucket: the kind of token decides the credential", "[contract][bitbucket]") {
  CHECK(bitbucket::authorization_for(Secret("me@example.test:token")).reveal() ==
        "Basic " + base64_encode("me@example.test:token"));
  CHECK(bitbucket::authorization_for(Secret(base64_encode("user:app-password"))).reveal() ==
        "Basic " + base64_encode("user:app-password"));
  CHECK(bitbucket::authorization_for(Secret("ATCTT3xFfGN0")).reveal() == "Bearer ATCTT3xFfGN0");
}
