// From options, CI and git to the right forge, repository, token, commit and pull request.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "forge/ci.hpp"
#include "forge/github/api.hpp"
#include "forge/registry.hpp"
#include "forge/target.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("target: every spelling that CML knows, in any case", "[forge][target]") {
  using Kind = TargetRequest::Kind;
  CHECK(parse_target("auto")->kind == Kind::Auto);
  CHECK(parse_target("PR")->kind == Kind::PullRequest);
  CHECK(parse_target("commit")->kind == Kind::Commit);
  CHECK(parse_target("PR/7")->exact == CommentTarget(PullRequestTarget{7}));
  CHECK(parse_target("issue/3")->exact == CommentTarget(IssueTarget{3}));
  CHECK(parse_target("commit/abc123")->exact == CommentTarget(CommitTarget{"abc123"}));
  for (std::string_view bad : {"foo", "foo/1", "pr/", "pr/x", "pr/-1", "issue", "commit/", "7", "", "commit/-x"}) {
    INFO(bad);
    auto const result = parse_target(bad);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Usage);
    CHECK(contains(result.error().message, "use auto, pr, pr/NUMBER"));
  }
}

TEST_CASE("repository: all the forms that remotes and people use", "[forge][repository]") {
  struct Case {
    std::string text, expected;
  };
  for (auto const& [text, expected] :
       {Case{"https://user:pw@github.com/o/r.git", "https://github.com/o/r"},
        Case{"git@github.com:o/r.git\n", "https://github.com/o/r"}, Case{"github.com:o/r", "https://github.com/o/r"},
        Case{"ssh://git@gitlab.com:2222/g/s/p.git", "https://gitlab.com/g/s/p"},
        Case{"http://gl.local:8080/g/p/", "http://gl.local:8080/g/p"},
        Case{"https://HOST.test/o/r", "https://host.test/o/r"}, Case{"o/r", "https://github.com/o/r"}}) {
    INFO(text);
    auto const repository = parse_repository(text, "https://github.com");
    REQUIRE(repository);
    CHECK(repository->web_url() == expected);
  }
  for (std::string bad :
       {"", "r", "/srv/git/r.git", "../r", "file:///srv/r", "https://host", "https://host/../x", "a b/c"})
    CHECK_FALSE(parse_repository(bad, "https://github.com"));
}

TEST_CASE("ci: a run for a fork's commit tells whose fork it is", "[forge][ci]") {
  for (auto const& [from, owner] : std::vector<std::pair<std::string, std::string>>{{"ada/r", "ada"}, {"o/r", ""}}) {
    MemoryFileSystem files;
    files.put("/event.json", R"({"repository":{"full_name":"o/r"},"workflow_run":{"head_sha":"s","head_branch":"main",)"
                             R"("head_repository":{"full_name":")" +
                                 from + R"(","owner":{"login":"ada"}},"pull_requests":[]}})");
    FakeEnvironment const environment(
        {{"GITHUB_REPOSITORY", "o/r"}, {"GITHUB_EVENT_NAME", "workflow_run"}, {"GITHUB_EVENT_PATH", "/event.json"}});
    CiRun const run = read_ci(environment, files);
    CHECK(run.head_owner == owner);
    CHECK(run.branch == "main");
    CHECK_FALSE(run.pull_request);
  }
}

TEST_CASE("forge: GitHub's tenants have an API of their own, and are known without --driver", "[forge]") {
  CHECK(github::api_of({"https", "github.com", "o/r"}) == "https://api.github.com");
  CHECK(github::api_of({"https", "acme.ghe.com", "o/r"}) == "https://api.acme.ghe.com");
  CHECK(github::api_of({"https", "ghe.com.test", "o/r"}) == "https://ghe.com.test/api/v3");
  CHECK(github::api_of({"https", "ghe.com", "o/r"}) == "https://ghe.com/api/v3");
  FakeEnvironment environment;
  environment.variables["REPO_TOKEN"] = "t";
  ForgeRequest request;
  request.repo = "http://acme.ghe.com/o/r";
  auto const choice = choose_forge(request, {}, environment);
  REQUIRE(choice);
  CHECK(choice->type->name == "github");
  CHECK(choice->repository.web_url() == "https://acme.ghe.com/o/r");
  request.repo = "https://acme.ghe.com.test/o/r";
  CHECK_FALSE(choose_forge(request, {}, environment));
}

TEST_CASE("ci: GitHub's events lead to the right pull request and head", "[forge][ci]") {
  struct Case {
    std::string event, payload;
    std::optional<long long> pull_request;
    std::string sha;
  };
  for (Case const& c : std::vector<Case>{
           {"push", R"({"after":"x"})", std::nullopt, "run-sha"},
           {"pull_request", R"({"pull_request":{"number":7,"head":{"sha":"head-sha","ref":"b"}}})", 7, "head-sha"},
           {"pull_request_target", R"({"pull_request":{"number":8,"head":{"sha":"head-sha"}}})", 8, "head-sha"},
           {"pull_request_review", R"({"pull_request":{"number":9,"head":{"sha":"head-sha"}}})", 9, "head-sha"},
           {"workflow_run", R"({"workflow_run":{"head_sha":"wf-sha","pull_requests":[{"number":4}]}})", 4, "wf-sha"},
           {"workflow_run", R"({"workflow_run":{"head_sha":"wf-sha","pull_requests":[]}})", std::nullopt, "wf-sha"},
           {"workflow_run",
            R"({"workflow_run":{"head_sha":"wf-sha","pull_requests":[{"number":4,"head":{"sha":"older"}},)"
            R"({"number":5,"head":{"sha":"wf-sha"}}]}})",
            5, "wf-sha"},
           // A run in a fork lists the pull requests of the repository that it was made from.
           {"workflow_run",
            R"({"repository":{"id":2},"workflow_run":{"head_sha":"wf-sha","pull_requests":[{"number":4,)"
            R"("base":{"repo":{"id":1}}}]}})",
            std::nullopt, "wf-sha"},
           {"workflow_run",
            R"({"repository":{"id":2},"workflow_run":{"head_sha":"wf-sha","pull_requests":[{"number":4,)"
            R"("base":{"repo":{"id":1}}},{"number":6,"base":{"repo":{"id":2}}}]}})",
            6, "wf-sha"},
           {"check_run", R"({"check_run":{"head_sha":"c-sha","check_suite":{},"pull_requests":[{"number":4}]}})", 4,
            "c-sha"},
           {"check_suite", R"({"check_suite":{"head_sha":"c-sha","pull_requests":[{"number":4}]}})", 4, "c-sha"},
           {"workflow_run", R"({"workflow_run":{"head_sha":"wf-sha","pull_requests":[null,"x",{"number":"7"}]}})",
            std::nullopt, "wf-sha"},
           {"issue_comment", R"({"issue":{"number":5,"pull_request":{}}})", 5, ""},
           {"issue_comment", R"({"issue":{"number":5}})", std::nullopt, "run-sha"},
           {"merge_group", R"({"merge_group":{"head_ref":"refs/heads/gh-readonly-queue/main/pr-12-abc"}})", 12,
            "run-sha"},
           {"push", "not json", std::nullopt, "run-sha"}}) {
    INFO(c.event << " " << c.payload);
    MemoryFileSystem files;
    files.put("/event.json", c.payload);
    FakeEnvironment const environment({{"GITHUB_REPOSITORY", "o/r"},
                                       {"GITHUB_EVENT_NAME", c.event},
                                       {"GITHUB_EVENT_PATH", "/event.json"},
                                       {"GITHUB_SHA", "run-sha"},
                                       {"GITHUB_WORKFLOW", "train"},
                                       {"GITHUB_RUN_ID", "99"}});
    CiRun const run = read_ci(environment, files);
    CHECK(run.system == "GitHub Actions");
    CHECK(run.pull_request == c.pull_request);
    CHECK(run.sha == c.sha);
    CHECK(run.workflow == "train");
  }
}

TEST_CASE("forge choice: driver, repository and token are found in the documented order", "[forge][choice]") {
  MemoryFileSystem files;
  auto const choose = [&](ForgeRequest request, std::map<std::string, std::string> variables) {
    FakeEnvironment const environment(std::move(variables));
    return choose_forge(request, read_ci(environment, files), environment);
  };
  CHECK(choose({}, {})->type->name == "local");
  CHECK(choose({.remote_url = "git@github.com:o/r.git"}, {})->type->name == "local");
  auto const remote =
      choose({.remote_url = "git@github.com:o/r.git"}, {{"REPO_TOKEN", " t1 "}, {"GITHUB_TOKEN", "t2"}});
  REQUIRE(remote);
  CHECK(remote->type->name == "github");
  CHECK(remote->repository.web_url() == "https://github.com/o/r");
  CHECK(remote->token.reveal() == "t1");
  CHECK(choose({.repo = "o/r"}, {{"repo_token", "t3"}, {"GITHUB_TOKEN", "t2"}})->token.reveal() == "t3");
  CHECK(choose({.repo = "o/r", .token = Secret("t0")}, {{"REPO_TOKEN", "t1"}})->token.reveal() == "t0");
  CHECK(choose({.repo = "o/r"}, {{"GITLAB_TOKEN", "other forge"}, {"GITHUB_TOKEN", "t2"}})->token.reveal() == "t2");
  for (std::string const& text : {std::string("github.com/o/r"), std::string("gitlab.com/g/s/p"),
                                  std::string("codeberg.org/o/r"), std::string("bitbucket.org/w/r")}) {
    INFO(text);
    auto const bare = choose({.repo = text}, {{"REPO_TOKEN", "t"}});
    REQUIRE(bare);
    CHECK(bare->repository.web_url() == "https://" + text);
  }
  // Bitbucket Pipelines' clones and variables say http, which only its own proxy understands.
  for (ForgeRequest const& pipelines : {ForgeRequest{.remote_url = "http://bitbucket.org/w/r"}, ForgeRequest{}}) {
    auto const bitbucket = choose(
        pipelines,
        {{"BITBUCKET_REPO_UUID", "u"}, {"BITBUCKET_GIT_HTTP_ORIGIN", "http://bitbucket.org/w/r"}, {"REPO_TOKEN", "t"}});
    REQUIRE(bitbucket);
    CHECK(bitbucket->type->name == "bitbucket");
    CHECK(bitbucket->repository.web_url() == "https://bitbucket.org/w/r");
  }
  auto const actions = choose({}, {{"GITHUB_REPOSITORY", "o/r"},
                                   {"GITHUB_SERVER_URL", "https://ghe.test"},
                                   {"GITHUB_API_URL", "https://ghe.test/api/v3"},
                                   {"GITHUB_TOKEN", "t"}});
  REQUIRE(actions);
  CHECK(actions->repository.web_url() == "https://ghe.test/o/r");
  CHECK(actions->api_url == "https://ghe.test/api/v3");
  CHECK(choose({.driver = "github", .repo = "https://ghe.test/o/r"}, {{"REPO_TOKEN", "t"}})->type->name == "github");

  struct Case {
    ForgeRequest request;
    std::map<std::string, std::string> variables;
    std::string part;
  };
  for (Case const& c : std::vector<Case>{
           {{.driver = "githb"}, {}, "did you mean github?"},
           {{.repo = "o/r"}, {}, "token not found: set REPO_TOKEN or GITHUB_TOKEN"},
           {{.remote_url = "https://github.com/o/r"}, {{"CI", "true"}}, "token not found"},
           {{.repo = "https://unknown.test/o/r"}, {{"REPO_TOKEN", "t"}}, "give --driver"},
           {{}, {{"REPO_TOKEN", "t"}}, "no repository found"},
           {{.repo = "o/r"}, {{"REPO_TOKEN", "$"}}, "does not look like one"},
           {{.driver = "github", .repo = "http://ghe.test/o/r"}, {{"REPO_TOKEN", "t"}}, "--insecure-http"},
           {{.repo = "o/r", .api_url = "http://gateway.test"}, {{"REPO_TOKEN", "t"}}, "--insecure-http"}}) {
    auto const choice = choose(c.request, c.variables);
    REQUIRE_FALSE(choice);
    CHECK_THAT(choice.error().message, Catch::Contains(c.part));
  }
  CHECK(choose({.driver = "github", .repo = "http://127.0.0.1:80/o/r"}, {{"REPO_TOKEN", "t"}}));
  CHECK(choose({.driver = "github", .repo = "http://ghe.test/o/r", .insecure_http = true}, {{"REPO_TOKEN", "t"}}));
}
