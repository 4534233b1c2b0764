// repo prepare on real clones; check create and the answers of commands that are gone.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("cli: repo prepare sets the clone's identity and fetches history, and leaves the global configuration alone",
          "[cli][git]") {
  TemporaryFolder origin, place;
  git(origin.path, {"init", "-q", "-b", "main"});
  for (int i = 0; i < 3; ++i) git(origin.path, {"commit", "-q", "--allow-empty", "-m", std::to_string(i)});
  git(origin.path, {"branch", "other"});
  git(origin.path, {"tag", "v1"});
  git(place.path, {"clone", "-q", "--depth=1", "file://" + origin.path.string(), "clone"});
  auto const clone = place.path / "clone";
  CHECK(git(clone, {"rev-list", "--count", "HEAD"}) == "1");
  auto const run = run_cml({"ci", "--unshallow", "--user-name", "Bot"}, clone);
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.out == "");
  CHECK(git(clone, {"rev-list", "--count", "HEAD"}) == "3");
  CHECK(git(clone, {"rev-parse", "--verify", "-q", "origin/other"}) == git(clone, {"rev-parse", "HEAD"}));
  CHECK(git(clone, {"config", "--local", "user.name"}) == "Bot");
  CHECK(git(clone, {"config", "--local", "user.email"}) == "olivaw@iterative.ai");
  CHECK_FALSE(std::filesystem::exists(clone / ".gitconfig"));
  CHECK(run_cml({"repo", "prepare", "--fetch-depth=2"}, clone).exit_code == 0);
  CHECK(run_cml({"repo", "prepare", "--unshallow", "--remote=--upload-pack=x"}, clone).exit_code == 1);
  CHECK(contains(run_cml({"repo", "prepare"}, place.path).err, "no git clone here"));
  // A name that begins like a command's prefix breaks nothing.
  CHECK(run_cml({"ci"}, clone, "", {{"CML_REPO", "o/r"}, {"CML_REPORT", "x"}}).exit_code == 0);
}

TEST_CASE("cli: after ci a plain git push logs in with the token of its own step, which is nowhere on disk",
          "[cli][git][security]") {
  GitPlace place;
  FakeGitHub fake;
  auto const server = GitServer::open(place.folder.path, "x-access-token:good-token");
  if (!server) return;
  git(place.clone, {"remote", "set-url", "origin", server->url() + "/o/r.git"});
  auto const run = run_cml({"ci"}, place.clone, "",
                           {{"REPO_TOKEN", "good-token"},
                            {"CML_REPO", server->url() + "/o/r"},
                            {"CML_DRIVER", "github"},
                            {"CML_API_URL", fake.url() + "/api/v3"}});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK_FALSE(contains(git(place.clone, {"config", "--local", "--list"}), "good-token"));
  SpawnedProcess process;
  auto const push = [&](std::string const& token) {
    ProcessRequest request;
    request.arguments = {"git", "push", "-q", "origin", "HEAD:refs/heads/pushed"};
    request.directory = place.clone;
    request.environment = {{"REPO_TOKEN", token},
                           {"GIT_SSL_CAINFO", server->certificate()},
                           {"GIT_CONFIG_GLOBAL", "/dev/null"},
                           {"GIT_CONFIG_SYSTEM", "/dev/null"},
                           {"GIT_TERMINAL_PROMPT", "0"}};
    auto const result = process.run(request);
    return result && result->exit_code == 0;
  };
  CHECK_FALSE(push("wrong-token"));
  CHECK(push("good-token"));
  CHECK(git(place.origin, {"rev-parse", "pushed"}) == place.head());
}

TEST_CASE("cli: tensorboard says what became of it", "[cli]") {
  TemporaryFolder folder;
  auto const run = run_cml({"--credentials", "x", "--logdir", "y", "--md"}, folder.path, "", {}, "cml-tensorboard-dev");
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "was shut down on January 1, 2024"));
}

TEST_CASE("cli: in a merge that only the CI has, the commit of the run is the pull request's head", "[cli][git]") {
  FakeGitHub fake;
  GitPlace place;
  std::string const base = place.head();
  git(place.clone, {"checkout", "-q", "-b", "topic"});
  git(place.clone, {"commit", "-q", "--allow-empty", "-m", "work"});
  std::string const head = place.head();
  git(place.clone, {"checkout", "-q", "--detach", base});
  git(place.clone, {"merge", "-q", "--no-ff", "-m", "Merge commit into HEAD", "topic"});
  std::string const merge = place.head();
  REQUIRE(merge != head);
  // Jenkins goes the other way round: it merges the target into the head, when the target has moved.
  git(place.clone, {"checkout", "-q", "--detach", base});
  git(place.clone, {"commit", "-q", "--allow-empty", "-m", "the target moved"});
  std::string const target = place.head();
  git(place.clone, {"checkout", "-q", "--detach", head});
  git(place.clone, {"-c", "user.name=Jenkins", "-c", "user.email=nobody@nowhere", "merge", "-q", "--no-ff", "-m",
                    "Merge commit into HEAD", target});
  std::string const jenkins = place.head();
  // A merge of the branch's own, which Jenkins took as it is.
  git(place.clone, {"checkout", "-q", "--detach", head});
  git(place.clone, {"merge", "-q", "--no-ff", "-m", "Merge main into topic", target});
  std::string const own = place.head();
  place.put("report.md", "text");
  std::map<std::string, std::string> const forge{{"REPO_TOKEN", "good-token"},
                                                 {"CML_API_URL", fake.url() + "/api/v3"},
                                                 {"CML_REPO", fake.url() + "/o/r"},
                                                 {"CML_DRIVER", "github"}};
  using Variables = std::map<std::string, std::string>;
  struct Case {
    Variables ci;
    std::string head;
  };
  for (auto [ci, expected] : std::vector<Case>{
           {{{"JENKINS_URL", "https://ci.test"}, {"CHANGE_ID", "12"}, {"GIT_COMMIT", own}}, own},
           {{{"JENKINS_URL", "https://ci.test"}, {"CHANGE_ID", "12"}, {"GIT_COMMIT", head}}, head},
           {{{"JENKINS_URL", "https://ci.test"}, {"CHANGE_ID", "12"}, {"GIT_COMMIT", jenkins}}, head},
           {{{"GITHUB_REPOSITORY", "o/r"}, {"GITHUB_REF", "refs/pull/12/merge"}, {"GITHUB_SHA", merge}}, head}}) {
    ci.insert(forge.begin(), forge.end());
    auto const run = run_cml({"check", "create", "report.md"}, place.clone, "", ci);
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    CHECK(contains(fake.checks.back(), expected));
    CHECK(run_cml({"comment", "update", "report.md"}, place.clone, "", ci).exit_code == 0);
  }
  CHECK(fake.comments("issue 12").size() == 1);
  CHECK(contains(fake.comments("issue 12")[0].body, "watermark.png#" + head));
}

TEST_CASE("cli: a pull request's number counts in its own repository only", "[cli][ci]") {
  FakeGitLab lab;
  FakeGitHub hub;
  GitPlace place;
  place.put("report.md", "text");
  using Variables = std::map<std::string, std::string>;
  Variables const pipeline{{"CI_PROJECT_URL", "https://gl.test/me/p"},
                           {"CI_MERGE_REQUEST_IID", "7"},
                           {"CI_COMMIT_SHA", place.head()},
                           {"REPO_TOKEN", "good-token"}};
  auto const comment = [&](Variables more, std::string const& target) {
    more.insert(pipeline.begin(), pipeline.end());
    return run_cml({"comment", "create", "--target=" + target, "report.md"}, place.clone, "", more);
  };
  std::string const home = "https://gl.test/g/p";
  // A fork's pipeline: number 7 is one of the project that the request goes to.
  Variables fork{{"CML_API_URL", lab.url() + "/api/v4"},
                 {"CML_REPO", lab.url() + "/me/p"},
                 {"CML_DRIVER", "gitlab"},
                 {"CI_MERGE_REQUEST_PROJECT_URL", home}};
  auto const refused = comment(fork, "pr");
  INFO(refused.err);
  CHECK(refused.exit_code != 0);
  CHECK(contains(refused.err, "pull request 7 of this run belongs to https://gl.test/g/p, not to me/p"));
  CHECK(lab.count("merge_requests/7") == 0);
  fork["CML_REPO"] = lab.url() + "/g/p";
  auto const taken = comment(fork, "auto");
  INFO(taken.err);
  CHECK(taken.exit_code == 0);
  CHECK(lab.notes("merge_requests/7").size() == 1);
  // Where no repository is given, the comment goes to that project by itself, when it is at the CI's own server.
  Variables const own{{"GITLAB_CI", "true"},
                      {"CI_SERVER_URL", lab.url()},
                      {"CI_API_V4_URL", lab.url() + "/api/v4"},
                      {"CI_PROJECT_URL", lab.url() + "/me/p"},
                      {"CI_MERGE_REQUEST_IID", "7"},
                      {"CI_COMMIT_SHA", place.head()},
                      {"REPO_TOKEN", "good-token"}};
  auto const there = [&](std::string const& project) {
    Variables variables = own;
    variables["CI_MERGE_REQUEST_PROJECT_URL"] = project;
    return run_cml({"comment", "create", "report.md"}, place.clone, "", variables);
  };
  auto const by_itself = there(lab.url() + "/g/p");
  INFO(by_itself.err);
  CHECK(by_itself.exit_code == 0);
  CHECK(lab.notes("merge_requests/7").size() == 2);
  there("https://elsewhere.invalid/g/p");
  CHECK(lab.notes("merge_requests/7").size() == 2);
  // A mirror: GitLab's pipeline reports to GitHub, where number 7 is another.
  Variables const mirror{
      {"CML_API_URL", hub.url() + "/api/v3"}, {"CML_REPO", hub.url() + "/g/p"}, {"CML_DRIVER", "github"}};
  CHECK(comment(mirror, "pr").exit_code != 0);
  CHECK(hub.count("issues/7") == 0);
}
