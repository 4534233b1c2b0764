// Our GitLab against the fake, with GitLab's own OpenAPI description standing between when it is at hand.
#include "forge/gitlab/gitlab.hpp"

#include <catch2/catch.hpp>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_gitlab.hpp"
#include "support/forge_connection.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct Connection : ForgeConnection {
  // An empty api_url is looked for.
  Connection(std::string const& url, std::string api_url, std::string path = "g/p", std::string token = "good-token")
      : ForgeConnection(make_gitlab, {"http", url.substr(7), std::move(path)}, std::move(api_url), std::move(token)) {}
};

CommentTarget const kPull = PullRequestTarget{7};

}  // namespace

TEST_CASE("gitlab: a text of nothing but commands is an error, as GitLab ran it and posted nothing",
          "[contract][gitlab]") {
  FakeGitLab fake;
  Connection gitlab(fake.url(), fake.url() + "/api/v4");
  auto const refused = gitlab.forge->create_comment(PullRequestTarget{7}, "/close\n/label ~x");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::BadInput);
  CHECK(contains(refused.error().message, "posted nothing; put such lines into a code block"));
  CHECK(fake.commands == std::vector<std::string>{"/close", "/label ~x"});
  CHECK(fake.bodies(PullRequestTarget{7}).empty());
  CHECK(gitlab.forge->create_comment(PullRequestTarget{7}, "```\n/close\n```\n/usr/bin/x"));
  CHECK(fake.commands.size() == 2);
  CHECK(gitlab.forge->capabilities().runs_commands);
}

TEST_CASE("gitlab contract: notes, commit discussions, paging and uploads keep to GitLab's own description",
          "[contract][gitlab]") {
  FakeGitLab fake;
  auto const gate = ContractGate::open("gitlab.openapi.json", fake.url());
  std::string const url = gate ? gate->url() : fake.url();
  Connection gitlab(url, url + "/api/v4");
  Forge& forge = *gitlab.forge;
  std::string const sha(40, 'a');
  fake.add_pull_request(7, sha);
  fake.add_pull_request(5, std::string(40, 'b'), "merged");
  auto const found = forge.pull_request_of_commit(sha);
  INFO((found ? "" : found.error().message));
  REQUIRE(found);
  CHECK(*found == 7);
  CHECK_FALSE(forge.pull_request_of_commit(std::string(40, 'b')).value());
  for (CommentTarget const& target : {kPull, CommentTarget(CommitTarget{sha}), CommentTarget(IssueTarget{3})}) {
    auto const created = forge.create_comment(target, "one");
    INFO(describe(target) << (created ? "" : created.error().message));
    REQUIRE(created);
    CHECK(contains(created->url, "/g/p/-/"));
    auto const updated = forge.update_comment(target, *created, "two \xE2\x82\xAC");
    INFO((updated ? "" : updated.error().message));
    REQUIRE(updated);
    CHECK(updated->id == created->id);
    CHECK(forge.comments(target).value().back().body == "two \xE2\x82\xAC");
    REQUIRE(forge.delete_comment(target, *created));
    CHECK(forge.comments(target).value().empty());
  }
  for (int i = 0; i < 234; ++i) fake.add_note("merge_requests/7", "n" + std::to_string(i));
  for (bool const totals : {true, false}) {
    fake.totals = totals;
    auto const all = forge.comments(kPull);
    REQUIRE(all);
    REQUIRE(all->size() == 234);
    CHECK(all->front().body == "n0");
    CHECK(all->back().body == "n233");
  }
  std::string const bytes = "\x89PNG\r\n bytes";
  auto const urls = forge.upload_assets({{"red fox_(1).png", "image/png", bytes, sha256_hex(bytes)}});
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  CHECK(urls->at(0).substr(0, 9) == "/uploads/");
  CHECK(contains(urls->at(0), "/red-fox--1--" + sha256_hex(bytes).substr(0, 12) + ".png"));
  CHECK(contains(fake.uploads().at(urls->at(0)), bytes));
  if (gate) CHECK(gate->violations() == "");
}

TEST_CASE("gitlab: the API is found below a sub-path and for nested groups", "[contract][gitlab]") {
  struct Case {
    std::string project, prefix, path;
  };
  for (auto const& [project, prefix, path] : {Case{"g/p", "", "g/p"}, Case{"g/sub/p", "", "g/sub/p"},
                                              Case{"g/p", "/gitlab", "gitlab/g/p"}, Case{"g/s/p", "/a", "a/g/s/p"}}) {
    INFO(path);
    FakeGitLab fake(project, prefix);
    Connection gitlab(fake.url(), "", path);
    auto const created = gitlab.forge->create_comment(kPull, "x");
    INFO((created ? "" : created.error().message));
    CHECK(created);
    Connection given(fake.url(), fake.url() + prefix + "/api/v4", path);
    CHECK(given.forge->create_comment(kPull, "x"));
    CHECK(fake.notes("merge_requests/7").size() == 2);
  }
  FakeGitLab fake("g/p", "/elsewhere");
  Connection lost(fake.url(), "", "a/b/c");
  CHECK(contains(lost.forge->create_comment(kPull, "x").error().message, "no GitLab API found"));
}

TEST_CASE("gitlab: posted exactly once whatever the wire does, refusals say what to check",
          "[contract][gitlab][faults]") {
  for (bool const takes_effect : {false, true}) {
    for (CommentTarget const& target : {kPull, CommentTarget(CommitTarget{std::string(40, 'a')})}) {
      FakeGitLab fake;
      Connection gitlab(fake.url(), "");
      fake.fail({"POST", "/", {502, "<html>bad gateway</html>", {}}, takes_effect});
      auto const created = gitlab.forge->create_comment(target, "body");
      INFO((created ? "" : created.error().message));
      REQUIRE(created);
      CHECK(gitlab.forge->comments(target).value().size() == 1);
    }
  }
  FakeGitLab fake;
  Connection wrong(fake.url(), "", "g/p", "wrong-token");
  auto const refused = wrong.forge->create_comment(kPull, "x");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Unauthorized);
  CHECK(contains(refused.error().message, "scope api"));
  Connection gitlab(fake.url(), "");
  CHECK(gitlab.forge->create_comment(PullRequestTarget{999}, "x").error().kind == ErrorKind::NotFound);
  CHECK(gitlab.forge->create_comment(kPull, std::string(1'000'000, 'x')).error().kind == ErrorKind::TooLarge);
}
