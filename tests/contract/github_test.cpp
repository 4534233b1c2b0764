// Our GitHub against the fake, with GitHub's own OpenAPI description standing between when it is at hand.
#include "forge/github/github.hpp"

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>

#include "base/exit_code.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/github/api.hpp"
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
  REQUIRE(forge.hide_comment(all->front()));
  CHECK(fake.comments("issue 7").front().hidden);
  CHECK(forge.comments(kGitHubPull).value().front().hidden);
  CHECK_FALSE(forge.hide_comment({.id = "1000", .node_id = "NODE_other"}));

  std::vector<AssetFile> const first{github_asset("one"), github_asset("two")};
  auto const urls = forge.put_on_branch("cml-assets", first);
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  CHECK(urls->at(0) == "http://127.0.0.1/o/r/raw/cml-assets/" + content_address(first[0]));
  CHECK(fake.branch_files("cml-assets").at(content_address(first[1])) == "two");
  fake.forget_requests();
  auto const more = forge.put_on_branch("cml-assets", {github_asset("one"), github_asset("three")});
  INFO((more ? "" : more.error().message));
  INFO((gate ? gate->violations() : ""));
  REQUIRE(more);
  CHECK(fake.branch_files("cml-assets").size() == 5);  // With the index and the README.
  CHECK(fake.writes() == 1);                           // All in one.
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

TEST_CASE("github: another look at a long thread reads what came since, and what was wanted before",
          "[contract][github]") {
  FakeGitHub fake;
  GitHubConnection github(fake.url());
  auto const is_marked = [](Comment const& comment) { return comment.body == "mark"; };
  auto const look = [&](CommentTarget const& target) {
    fake.forget_requests();
    auto const marked = github.forge->comments(target, is_marked);
    REQUIRE(marked);
    return marked->size();
  };
  for (int i = 0; i < 2000; ++i) fake.add_comment("issue 7", "n" + std::to_string(i), "ada");
  CHECK(look(kGitHubPull) == 0);
  CHECK(fake.requests().size() > 20);
  fake.add_comment("issue 7", "mark", "");
  CHECK(look(kGitHubPull) == 1);
  CHECK(fake.requests().size() == 1);
  // One that has left the newest hundred may have been changed: it is read again, with all.
  for (int i = 0; i < 150; ++i) fake.add_comment("issue 7", "later" + std::to_string(i), "ada");
  CHECK(look(kGitHubPull) == 1);
  CHECK(fake.requests().size() > 20);
  // More came than one answer holds.
  for (int i = 0; i < 150; ++i) fake.add_comment("issue 7", i == 3 ? "mark" : "more" + std::to_string(i), "");
  CHECK(look(kGitHubPull) == 2);
  CHECK(look(IssueTarget{8}) == 0);  // Another thread is not this one.
  CHECK(look(kGitHubPull) == 2);
}

TEST_CASE("github: in a long thread our comments are known wherever they stand", "[contract][github]") {
  FakeGitHub fake;
  auto const gate = ContractGate::open("github.openapi.json", fake.url());
  GitHubConnection github(gate ? gate->url() : fake.url());
  auto const is_marked = [](Comment const& comment) { return comment.body == "mark"; };
  std::string const sha(40, 'c');
  for (std::string const& thread : std::vector<std::string>{"issue 7", "commit " + sha}) {
    CommentTarget const target = thread[0] == 'i' ? kGitHubPull : CommentTarget(CommitTarget{sha});
    for (int i = 0; i < 420; ++i) {
      bool const marked = i == 3 || i == 199 || i == 200 || i == 418;
      fake.add_comment(thread, marked ? "mark" : "talk " + std::to_string(i), i == 200 || !marked ? "ada" : "");
    }
    auto hidden = github.forge->comments(target, is_marked);
    INFO((hidden ? "" : hidden.error().message));
    REQUIRE(hidden);
    REQUIRE(github.forge->hide_comment(hidden->at(1)));
    fake.moderates = false;
    fake.forget_requests();
    auto const marked = github.forge->comments(target, is_marked);
    REQUIRE(marked);
    REQUIRE(marked->size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      INFO(i);
      CHECK(marked->at(i).author == (i == 2 ? Comment::Author::Other : Comment::Author::Me));
      CHECK(marked->at(i).hidden == (i == 1));
      CHECK((marked->at(i).editable || i == 2));
    }
    CHECK(fake.requests().size() == 7);  // Both ends, four pages, and what REST does not tell of one comment.
    // One that is deleted between the list and the question for it is not there any more.
    fake.moderates = true;
    fake.fail({"POST",
               "/graphql",
               {200,
                R"({"data":{"nodes":[null,{"viewerDidAuthor":false}]},)"
                R"("errors":[{"type":"NOT_FOUND","message":"gone"}]})",
                {}},
               false,
               1,
               2});
    CHECK(github.forge->comments(target, is_marked).value().size() == 3);
  }
  if (gate) CHECK(gate->violations() == "");
}

TEST_CASE("github: a query that is refused leaves REST, which says so once", "[contract][github]") {
  FakeGitHub fake;
  fake.add_comment("issue 7", "a");
  std::vector<std::string> notices;
  GitHubConnection github(fake.url(), "good-token");
  github.setup.notify = [&](std::string const& line) { notices.push_back(line); };
  struct Case {
    ServerResponse answer;
    bool falls_back;
    ErrorKind kind;
  };
  auto const says = [](std::string const& type) {
    return ServerResponse{200, R"({"errors":[{"type":")" + type + R"(","message":"words"}]})", {}};
  };
  for (Case const& c : std::vector<Case>{{says("FORBIDDEN"), true, {}},
                                         {says("INSUFFICIENT_SCOPES"), true, {}},
                                         {says("NOT_FOUND"), true, {}},
                                         {says("RATE_LIMITED"), false, ErrorKind::RateLimited},
                                         {{404, "{}", {}}, true, {}},
                                         {{200, "<html>", {}}, true, {}},
                                         {{401, "{}", {}}, false, ErrorKind::Unauthorized}}) {
    INFO(c.answer.status << " " << c.answer.body);
    notices.clear();
    auto const forge = make_github(github.setup);
    fake.fail({"POST", "/graphql", c.answer, false, 4});
    auto const comments = forge->comments(kGitHubPull);
    CHECK(static_cast<bool>(comments) == c.falls_back);
    if (!comments) {
      CHECK(comments.error().kind == c.kind);
      if (c.kind == ErrorKind::RateLimited) CHECK(exit_code(comments.error().kind) == 4);
    } else {
      REQUIRE(notices.size() == 2);
      CHECK(contains(notices[1], "comments are listed without GitHub's GraphQL API"));
      CHECK(forge->comments(kGitHubPull));
      CHECK(notices.size() == 2);
    }
    fake.clear_faults();
  }
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
  fake.has_graphql = false;
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
  fake.has_graphql = false;  // Lists whose pages name the next one.
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
  CHECK(contains(checked->out, "VALID query"));
  CHECK_FALSE(contains(checked->out, "INVALID"));
}

TEST_CASE("github: a pull request from a fork is found by its owner, its branch and its head", "[contract][github]") {
  FakeGitHub fake;
  auto const gate = ContractGate::open("github.openapi.json", fake.url());
  GitHubConnection github(gate ? gate->url() : fake.url());
  std::string const sha(40, 'f');
  fake.add_fork_pull_request(30, std::string(40, '0'), "mallory", "main");
  fake.add_fork_pull_request(31, sha, "ada", "main");
  fake.add_fork_pull_request(32, sha, "mallory", "topic");
  CHECK_FALSE(github.forge->pull_request_of_commit(sha).value());
  CHECK(github.forge->pull_request_of_branch("ada", "main", sha).value() == 31);
  CHECK_FALSE(github.forge->pull_request_of_branch("mallory", "main", sha).value());  // Another head.
  CHECK_FALSE(github.forge->pull_request_of_branch("nobody", "main", sha).value());
  if (gate) CHECK(gate->violations() == "");
}

TEST_CASE("github: what GraphQL refuses gets the hint that its words call for", "[contract][github]") {
  FakeGitHub fake;
  GitHubConnection github(fake.url());
  for (auto const& [message, hint] : std::vector<std::pair<std::string, std::string>>{
           {"Resource not accessible by integration", "permissions: pull-requests: write"},
           {"Resource not accessible by personal access token", "the fine-grained token lacks a permission"},
           {"Repository was archived so is read-only.", "unarchive it"}}) {
    INFO(message);
    fake.fail({"POST", "/graphql", {200, R"({"errors":[{"type":"FORBIDDEN","message":")" + message + R"("}]})", {}}});
    auto const refused = github.forge->hide_comment({.id = "1", .node_id = "NODE_1"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Forbidden);
    CHECK(contains(refused.error().message, message + "; "));
    CHECK(contains(refused.error().message, hint));
  }
}

TEST_CASE("github: the gate refuses GraphQL that is not GitHub's", "[contract][github]") {
  FakeGitHub fake;
  auto const gate = ContractGate::open("github.openapi.json", fake.url());
  if (!gate) return;
  GitHubConnection github(gate->url());
  github::Api const api(github.http, gate->url() + "/api/v3", Secret("good-token"), "o/r");
  CHECK(api.graphql("query{viewer{login}}", nlohmann::json::object()));
  CHECK(gate->violations() == "");
  CHECK_FALSE(api.graphql("query{viewer{nick}}", nlohmann::json::object()));
  CHECK(contains(gate->violations(), "Cannot query field"));
  fake.fail({"POST", "/graphql", {200, R"({"data":{"viewer":{"login":7}}})", {}}});
  CHECK(api.graphql("query{viewer{login}}", nlohmann::json::object()));
  fake.fail({"POST", "/graphql", {200, R"({"data":{"viewer":{"login":null}}})", {}}});
  CHECK(api.graphql("query{viewer{login}}", nlohmann::json::object()));
  CHECK(contains(gate->violations(), "Cannot return null for non-nullable field User.login"));
}

TEST_CASE("github: storing images survives gateway errors and names the permission that is missing",
          "[contract][github]") {
  FakeGitHub fake;
  {
    GitHubConnection github(fake.url());
    fake.fail({"POST", "/git/refs", {502, "", {}}, true});
    REQUIRE(github.forge->put_on_branch("cml-assets", {github_asset("one")}));
    fake.fail({"POST", "/graphql", {502, "", {}}, true});
    REQUIRE(github.forge->put_on_branch("cml-assets", {github_asset("four")}));
    fake.has_commit_mutation = false;
    fake.fail({"POST", "/git/blobs", {502, "", {}}, true});
    fake.fail({"PATCH", "/git/refs", {502, "", {}}, true});
    REQUIRE(github.forge->put_on_branch("cml-assets", {github_asset("three")}));
    CHECK(fake.branch_files("cml-assets").size() == 5);
  }
  GitHubConnection reader(fake.url(), "read-only-token");
  auto const refused = reader.forge->put_on_branch("cml-assets", {github_asset("two")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Forbidden);
  CHECK(contains(refused.error().message, "contents: write"));
}
