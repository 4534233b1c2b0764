// Our GitHub against the fake, with GitHub's own OpenAPI description standing between when it is at hand.
#include "forge/github/github.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/github/documents.hpp"
#include "platform/spawned_process.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_github.hpp"
#include "support/forge_connection.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct GitHubConnection : ForgeConnection {
  explicit GitHubConnection(std::string const& url, std::string token = "good-token")
      : ForgeConnection(make_github, {"http", "127.0.0.1", "o/r"}, url + "/api/v3", std::move(token)) {}
};

AssetFile github_asset(std::string bytes) { return {"a.png", "image/png", bytes, sha256_hex(bytes)}; }

CommentTarget const kGitHubPull = PullRequestTarget{7};
CommentTarget const kCommit = CommitTarget{std::string(40, 'c')};

}  // namespace

TEST_CASE("github contract: comments, paging, assets and hiding keep to GitHub's own description",
          "[contract][github]") {
  FakeGitHub fake;
  auto const gate = ContractGate::open("github.openapi.json", fake.url());
  GitHubConnection github(gate ? gate->url() : fake.url());
  Forge& forge = *github.forge;
  fake.add_pull_request(7, std::string(40, 'a'));
  fake.add_pull_request(5, std::string(40, 'b'), "closed");

  CHECK(forge.pull_request_of_commit(std::string(40, 'a')).value() == 7);
  CHECK_FALSE(forge.pull_request_of_commit(std::string(40, 'b')).value());
  for (CommentTarget const& target : {kGitHubPull, kCommit, CommentTarget(IssueTarget{3})}) {
    auto const created = forge.create_comment(target, "one");
    INFO(describe(target) << (created ? "" : created.error().message));
    REQUIRE(created);
    auto const updated = forge.update_comment(target, *created, "two \xE2\x82\xAC");
    REQUIRE(updated);
    CHECK(forge.comments(target).value().back().body == "two \xE2\x82\xAC");
    REQUIRE(forge.delete_comment(target, *created));
    CHECK(forge.comments(target).value().empty());
    CHECK(forge.delete_comment(target, *created));  // Gone already is as good.
  }
  for (int i = 0; i < 234; ++i) fake.add_comment("issue 7", "n" + std::to_string(i));
  auto const all = forge.comments(kGitHubPull);
  REQUIRE(all);
  REQUIRE(all->size() == 234);
  CHECK(all->front().body == "n0");
  CHECK(all->back().body == "n233");
  auto const check =
      forge.create_check({std::string(40, 'a'), Check::Status::Completed, "failure", "T", "S", "https://ci.test/1"});
  INFO((check ? "" : check.error().message));
  REQUIRE(check);
  CHECK(contains(fake.checks.at(0), "\"conclusion\":\"failure\""));
  REQUIRE(forge.create_check({std::string(40, 'a'), Check::Status::InProgress, "success", "T", "S", ""}));
  CHECK_FALSE(contains(fake.checks.at(1), "conclusion"));
  auto const rerun = forge.rerun("55");
  INFO((rerun ? "" : rerun.error().message));
  REQUIRE(rerun);
  CHECK(fake.count("POST /repos/o/r/actions/runs/55/cancel") == 1);
  CHECK(fake.count("POST /repos/o/r/actions/runs/55/rerun") == 1);
  if (!gate) {  // GraphQL is not part of the description.
    REQUIRE(forge.hide_comment(all->front()));
    CHECK(fake.comments("issue 7").front().hidden);
  }

  std::vector<AssetFile> const first{github_asset("one"), github_asset("two")};
  auto const urls = forge.put_on_branch("cml-assets", first);
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  CHECK(urls->at(0) == "http://127.0.0.1/o/r/raw/cml-assets/" + content_address(first[0]));
  CHECK(fake.branch_files("cml-assets").at(content_address(first[1])) == "two");
  auto const more = forge.put_on_branch("cml-assets", {github_asset("one"), github_asset("three")});
  INFO((more ? "" : more.error().message));
  INFO((gate ? gate->violations() : ""));
  REQUIRE(more);
  CHECK(fake.branch_files("cml-assets").size() == 5);  // With the index and the README.
  CHECK(fake.count("POST /repos/o/r/git/blobs") == 3);
  if (gate) CHECK(gate->violations() == "");
}

TEST_CASE("github: a thread of 2,000 comments is read within 25 requests, by the links that GitHub gives",
          "[contract][github]") {
  FakeGitHub fake;
  fake.numeric_links = true;
  GitHubConnection github(fake.url());
  for (int i = 0; i < 2000; ++i) fake.add_comment("issue 7", "n" + std::to_string(i));
  auto const all = github.forge->comments(kGitHubPull);
  REQUIRE(all);
  CHECK(all->size() == 2000);
  CHECK(all->back().body == "n1999");
  CHECK(fake.requests().size() <= 25);
}

TEST_CASE("github: a comment is posted exactly once whatever the wire does", "[contract][github][faults]") {
  using Fault = ServerResponse::Fault;
  struct Case {
    char const* what;
    ServerResponse answer;
    bool takes_effect;
  };
  ServerResponse const gateway{502, "<html>bad gateway</html>", {}};
  ServerResponse const broken{200, "", {}, Fault::CloseWithoutAnswer};
  ServerResponse const cut{201, "{\"id\": 1, \"body\": \"x\"}", {}, Fault::TruncateBody};
  for (Case const& c :
       {Case{"502 before", gateway, false}, Case{"502 after", gateway, true}, Case{"reset before", broken, false},
        Case{"reset after", broken, true}, Case{"truncated body", cut, true}}) {
    INFO(c.what);
    FakeGitHub fake;
    GitHubConnection github(fake.url());
    fake.fail({"POST", "/comments", c.answer, c.takes_effect});
    auto const created = github.forge->create_comment(kGitHubPull, "body");
    INFO((created ? "" : created.error().message));
    REQUIRE(created);
    CHECK(fake.comments("issue 7").size() == 1);
    CHECK(created->id == std::to_string(fake.comments("issue 7")[0].id));
  }
}

TEST_CASE("github: an old comment with the same text is not taken for the one just posted",
          "[contract][github][faults]") {
  FakeGitHub fake;
  GitHubConnection github(fake.url());
  fake.add_comment("issue 7", "body");
  fake.fail({"POST", "/comments", {502, "", {}}, false});
  REQUIRE(github.forge->create_comment(kGitHubPull, "body"));
  CHECK(fake.comments("issue 7").size() == 2);
}

TEST_CASE("github: limits are waited for and refusals say what to check", "[contract][github][faults]") {
  FakeGitHub fake;
  GitHubConnection github(fake.url());
  fake.fail({"POST", "/comments", {429, "{}", {{"Retry-After", "9"}}}, false});
  fake.fail({"POST",
             "/comments",
             {403, R"({"message":"You have exceeded a secondary rate limit."})", {{"Retry-After", "4"}}},
             false});
  REQUIRE(github.forge->create_comment(kGitHubPull, "body"));
  CHECK(fake.comments("issue 7").size() == 1);
  CHECK(github.clock.slept == std::vector<std::chrono::milliseconds>{std::chrono::seconds(9), std::chrono::seconds(4)});

  struct Case {
    int status;
    std::string body;
    ErrorKind kind;
    std::string part;
  };
  for (Case const& c :
       {Case{401, R"({"message":"Bad credentials"})", ErrorKind::Unauthorized, "Bad credentials"},
        Case{403, R"({"message":"Resource not accessible by integration"})", ErrorKind::Forbidden,
             "permissions: pull-requests: write"},
        Case{404, R"({"message":"Not Found"})", ErrorKind::NotFound, "check --repo"},
        Case{409, R"({"message":"Conflict"})", ErrorKind::Conflict, "409: Conflict"},
        Case{410, R"({"message":"Issues are disabled for this repo"})", ErrorKind::NotFound, "Issues are disabled"},
        Case{413, "", ErrorKind::TooLarge, "413"},
        Case{422,
             R"x({"message":"Validation Failed",)x"
             R"x("errors":[{"message":"Body is too long (maximum is 65536 characters)"}]})x",
             ErrorKind::TooLarge, "Body is too long"},
        Case{200, "<html>login</html>", ErrorKind::BadInput, "API"}}) {
    INFO(c.status << " " << c.body);
    fake.fail({"POST", "/comments", {c.status, c.body, {}}, false});
    auto const refused = github.forge->create_comment(kGitHubPull, "body");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == c.kind);
    CHECK(contains(refused.error().message, c.part));
    CHECK(contains(refused.error().message, "POST http://127.0.0.1"));
  }
  CHECK(fake.comments("issue 7").size() == 1);
  fake.fail({"GET", "/comments", {500, "{}", {}}, false});
  CHECK(github.forge->comments(kGitHubPull).error().kind == ErrorKind::Network);
}

TEST_CASE("github: the token stays with the API's host", "[contract][github][faults]") {
  std::vector<std::string> seen;
  HttpServer other([&](ServerRequest const& request) {
    seen.push_back(request.header("authorization"));
    return ServerResponse{200, "[]", {}};
  });
  FakeGitHub fake;
  GitHubConnection github(fake.url());
  fake.fail({"GET", "/comments", {302, "", {{"Location", other.url() + "/steal"}}}, false});
  CHECK(github.forge->comments(kGitHubPull));
  CHECK(seen == std::vector<std::string>{""});
  fake.fail({"GET", "/comments", {200, "[]", {{"Link", "<" + other.url() + "/page2>; rel=\"next\""}}}, false});
  CHECK_FALSE(github.forge->comments(kGitHubPull));
  fake.fail({"POST", "/comments", {307, "", {{"Location", other.url() + "/steal"}}}, false});
  CHECK_FALSE(github.forge->create_comment(kGitHubPull, "body"));
  CHECK(seen.size() == 1);
}

TEST_CASE("github: a race for the asset branch is won at the second try and sends no blob twice",
          "[contract][github]") {
  for (bool const exists : {false, true}) {
    for (bool const mutation : {false, true}) {
      INFO(exists << mutation);
      FakeGitHub fake;
      fake.has_commit_mutation = mutation;
      GitHubConnection github(fake.url());
      if (exists) REQUIRE(github.forge->put_on_branch("cml-assets", {github_asset("zero")}));
      std::vector<AssetFile> many;
      for (int i = 0; i < 10; ++i) many.push_back(github_asset("file " + std::to_string(i)));
      fake.forget_requests();
      fake.move_branch_before_next_update(true);
      auto const urls = github.forge->put_on_branch("cml-assets", many);
      INFO((urls ? "" : urls.error().message));
      REQUIRE(urls);
      auto const files = fake.branch_files("cml-assets");
      CHECK(files.count("aa/other.png") == 1);
      CHECK(files.at(content_address(many[9])) == "file 9");
      CHECK(contains(files.at("index.txt"), content_address(many[9]) + "\n"));
      CHECK(contains(files.at("index.txt"), "aa/other.png\n"));
      CHECK(fake.count("POST /repos/o/r/git/blobs") == (mutation ? 0 : 10));
    }
  }
}

TEST_CASE("github: the GraphQL documents are valid by GitHub's schema", "[contract][github]") {
  char const* folder = std::getenv("CML_CONTRACTS_DIR");
  if (folder == nullptr || !std::filesystem::exists(std::string(folder) + "/node_modules")) {
    WARN("CML_CONTRACTS_DIR names no folder with node_modules: the GraphQL documents are not checked");
    return;
  }
  SpawnedProcess process;
  std::vector<std::string> arguments{"node", std::string(folder) + "/tools/gql.js"};
  for (char const* document : github::kDocuments) arguments.emplace_back(document);
  auto const checked = process.run({.arguments = arguments, .directory = folder});
  REQUIRE(checked);
  INFO(checked->out << checked->err);
  CHECK(checked->exit_code == 0);
  CHECK(contains(checked->out, "VALID mutation"));
  CHECK_FALSE(contains(checked->out, "INVALID"));
}

TEST_CASE("github: storing images survives gateway errors and names the permission that is missing",
          "[contract][github]") {
  FakeGitHub fake;
  {
    GitHubConnection github(fake.url());
    fake.fail({"POST", "/git/refs", {502, "", {}}, true});
    REQUIRE(github.forge->put_on_branch("cml-assets", {github_asset("one")}));
    fake.fail({"POST", "/git/blobs", {502, "", {}}, true});
    fake.fail({"PATCH", "/git/refs", {502, "", {}}, true});
    REQUIRE(github.forge->put_on_branch("cml-assets", {github_asset("three")}));
    CHECK(fake.branch_files("cml-assets").size() == 4);
  }
  GitHubConnection reader(fake.url(), "read-only-token");
  auto const refused = reader.forge->put_on_branch("cml-assets", {github_asset("two")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Forbidden);
  CHECK(contains(refused.error().message, "contents: write"));
}
