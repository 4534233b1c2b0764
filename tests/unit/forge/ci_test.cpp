// What each CI system's environment leads to: repository, forge, commit, pull request, branch and the run's page.
#include <catch2/catch.hpp>

#include "forge/ci.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;

namespace {

using Variables = std::map<std::string, std::string>;

struct Case {
  std::string what;
  Variables variables;
  std::string system, forge, repository, sha;
  std::optional<long long> pull_request;
  std::string branch, run_url;
  CiRun::Merge merge = CiRun::Merge::None;
  std::string pull_request_repository = {};
};

}  // namespace

TEST_CASE("ci: every system names repository, commit, pull request, branch and page", "[forge][ci]") {
  MemoryFileSystem files;
  files.put("/pr.json", R"({"pull_request":{"number":7,"head":{"sha":"head-sha","ref":"topic"}}})");
  Variables const actions{{"GITHUB_REPOSITORY", "o/r"}, {"GITHUB_SERVER_URL", "https://git.test"}, {"GITHUB_SHA", "merge-sha"}, {"GITHUB_RUN_ID", "99"}, {"GITHUB_RUN_NUMBER", "3"}};
  auto const with = [](Variables base, Variables const& more) {
    for (auto const& [name, value] : more) base[name] = value;
    return base;
  };
  for (Case const& c : std::vector<Case>{
           {"push", with(actions, {{"GITHUB_REF", "refs/heads/main"}, {"GITHUB_REF_NAME", "main"}}), "GitHub Actions", "github", "o/r",
            "merge-sha", std::nullopt, "main", "https://git.test/o/r/actions/runs/99"},
           {"pull request with payload",
            with(actions, {{"GITHUB_REF", "refs/pull/7/merge"}, {"GITHUB_EVENT_NAME", "pull_request"}, {"GITHUB_EVENT_PATH", "/pr.json"}}),
            "GitHub Actions", "github", "o/r", "head-sha", 7, "topic", "https://git.test/o/r/actions/runs/99"},
           {"pull request of which only the merge commit is known", with(actions, {{"GITHUB_REF", "refs/pull/7/merge"}, {"GITHUB_HEAD_REF", "topic"}}),
            "GitHub Actions", "github", "o/r", "merge-sha", 7, "topic", "https://git.test/o/r/actions/runs/99", CiRun::Merge::HeadIsSecond},
           {"Gitea says what GitHub says", with(actions, {{"GITEA_ACTIONS", "true"}, {"GITHUB_EVENT_NAME", "pull_request"}, {"GITHUB_EVENT_PATH", "/pr.json"}}),
            "Gitea Actions", "gitea", "o/r", "head-sha", 7, "topic", "https://git.test/o/r/actions/runs/3"},
           {"Forgejo, too", with(actions, {{"GITEA_ACTIONS", "true"}, {"FORGEJO_ACTIONS", "true"}, {"GITHUB_REF_NAME", "main"}}), "Forgejo Actions", "gitea",
            "o/r", "merge-sha", std::nullopt, "main", "https://git.test/o/r/actions/runs/3"},
           {"GitLab merge request",
            {{"CI_PROJECT_URL", "https://gl.test/g/p"}, {"CI_MERGE_REQUEST_IID", "4"}, {"CI_COMMIT_SHA", "merged"}, {"CI_COMMIT_REF_NAME", "refs/merge-requests/4/merge"},
             {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "head"}, {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "topic"}, {"CI_PIPELINE_URL", "https://gl.test/p/1"}},
            "GitLab CI", "gitlab", "https://gl.test/g/p", "head", 4, "topic", "https://gl.test/p/1"},
           {"GitLab merge request without a merged result",
            {{"CI_PROJECT_URL", "https://gl.test/g/p"}, {"CI_MERGE_REQUEST_IID", "4"}, {"CI_COMMIT_SHA", "head"}, {"CI_COMMIT_REF_NAME", "topic"},
             {"CI_MERGE_REQUEST_PROJECT_URL", "https://gl.test/g/p"}, {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""}, {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "topic"}},
            "GitLab CI", "gitlab", "https://gl.test/g/p", "head", 4, "topic", ""},
           {"GitLab merge train",
            {{"CI_PROJECT_URL", "https://gl.test/g/p"}, {"CI_MERGE_REQUEST_IID", "4"}, {"CI_MERGE_REQUEST_EVENT_TYPE", "merge_train"}, {"CI_COMMIT_SHA", "train"},
             {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "head"}, {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "topic"}, {"CI_COMMIT_REF_NAME", "refs/merge-requests/4/train"}},
            "GitLab CI", "gitlab", "https://gl.test/g/p", "head", 4, "topic", ""},
           {"GitLab, a fork's own pipeline for a merge request",
            {{"CI_PROJECT_URL", "https://gl.test/me/p"}, {"CI_MERGE_REQUEST_PROJECT_URL", "https://gl.test/g/p"}, {"CI_MERGE_REQUEST_IID", "4"}, {"CI_COMMIT_SHA", "head"},
             {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "topic"}},
            "GitLab CI", "gitlab", "https://gl.test/me/p", "head", 4, "topic", "", CiRun::Merge::None, "https://gl.test/g/p"},
           {"GitLab, a branch", {{"CI_PROJECT_URL", "https://gl.test/g/p"}, {"CI_COMMIT_SHA", "s"}, {"CI_COMMIT_BRANCH", "main"}, {"CI_COMMIT_REF_NAME", "main"}},
            "GitLab CI", "gitlab", "https://gl.test/g/p", "s", std::nullopt, "main", ""},
           {"Bitbucket", {{"BITBUCKET_REPO_UUID", "u"}, {"BITBUCKET_PR_ID", "5"}, {"BITBUCKET_COMMIT", "s"}, {"BITBUCKET_BRANCH", "b"}},
            "Bitbucket Pipelines", "bitbucket", "", "s", 5, "b", ""},
           {"Jenkins, a change",
            {{"JENKINS_URL", "x"}, {"CHANGE_ID", "3"}, {"CHANGE_URL", "https://github.com/o/r/pull/3"}, {"CHANGE_BRANCH", "topic"}, {"BRANCH_NAME", "PR-3"},
             {"GIT_COMMIT", "merge"}, {"BUILD_URL", "https://ci.test/1"}},
            "Jenkins", "", "https://github.com/o/r", "merge", 3, "topic", "https://ci.test/1", CiRun::Merge::JenkinsMerged, "https://github.com/o/r"},
           {"Jenkins, a change from a fork",
            {{"JENKINS_URL", "x"}, {"CHANGE_ID", "3"}, {"CHANGE_URL", "https://bitbucket.org/w/r/pull-requests/3"}, {"CHANGE_BRANCH", "topic"}, {"BRANCH_NAME", "PR-3"},
             {"GIT_URL", "https://bitbucket.org/somebody/r.git"}, {"GIT_COMMIT", "head"}},
            "Jenkins", "", "https://bitbucket.org/somebody/r.git", "head", 3, "topic", "", CiRun::Merge::JenkinsMerged, "https://bitbucket.org/w/r"},
           {"Jenkins, a branch of GitLab",
            {{"JENKINS_URL", "x"}, {"GIT_URL", "git@gitlab.com:g/p.git"}, {"CHANGE_URL", "https://gitlab.com/g/p/-/merge_requests/3"}, {"GIT_COMMIT", "s"}, {"BRANCH_NAME", "main"}},
            "Jenkins", "", "git@gitlab.com:g/p.git", "s", std::nullopt, "main", ""},
           {"Azure Pipelines, a pull request on GitHub",
            {{"TF_BUILD", "True"}, {"BUILD_REPOSITORY_URI", "https://github.com/o/r"}, {"BUILD_SOURCEVERSION", "merge"}, {"SYSTEM_PULLREQUEST_SOURCECOMMITID", "head"},
             {"SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "8"}, {"SYSTEM_PULLREQUEST_SOURCEBRANCH", "topic"}, {"SYSTEM_COLLECTIONURI", "https://dev.test/org/"},
             {"SYSTEM_TEAMPROJECT", "my team"}, {"BUILD_BUILDID", "12"}},
            "Azure Pipelines", "", "https://github.com/o/r", "head", 8, "topic", "https://dev.test/org/my%20team/_build/results?buildId=12"},
           {"Azure Pipelines, a branch with a slash", {{"TF_BUILD", "True"}, {"BUILD_SOURCEVERSION", "s"}, {"BUILD_SOURCEBRANCH", "refs/heads/a/b"}, {"BUILD_SOURCEBRANCHNAME", "b"}},
            "Azure Pipelines", "", "", "s", std::nullopt, "a/b", ""},
           {"CircleCI", {{"CIRCLECI", "true"}, {"CIRCLE_PULL_REQUEST", "https://github.com/o/r/pull/6"}, {"CIRCLE_SHA1", "s"}, {"CIRCLE_REPOSITORY_URL", "git@github.com:o/r.git"},
                         {"CIRCLE_BRANCH", "pull/6"}, {"CIRCLE_BUILD_URL", "https://circle.test/1"}},
            "CircleCI", "", "git@github.com:o/r.git", "s", 6, "pull/6", "https://circle.test/1"},
           {"Buildkite, no pull request", {{"BUILDKITE", "true"}, {"BUILDKITE_PULL_REQUEST", "false"}, {"BUILDKITE_COMMIT", "HEAD"}, {"BUILDKITE_BRANCH", "main"},
                                           {"BUILDKITE_REPO", "git@github.com:o/r.git"}, {"BUILDKITE_BUILD_URL", "https://bk.test/1"}},
            "Buildkite", "", "git@github.com:o/r.git", "HEAD", std::nullopt, "main", "https://bk.test/1"},
           {"Buildkite, a pull request", {{"BUILDKITE", "true"}, {"BUILDKITE_PULL_REQUEST", "9"}, {"BUILDKITE_COMMIT", "s"}}, "Buildkite", "", "", "s", 9, "", ""},
           {"an unknown system", {{"CI", "true"}}, "", "", "", "", std::nullopt, "", ""},
       }) {
    INFO(c.what);
    CiRun const run = read_ci(FakeEnvironment(c.variables), files);
    CHECK(run.in_ci);
    CHECK(run.system == c.system);
    CHECK(run.forge == c.forge);
    CHECK(run.repository == c.repository);
    CHECK(run.sha == c.sha);
    CHECK(run.pull_request == c.pull_request);
    CHECK(run.branch == c.branch);
    CHECK(run.run_url == c.run_url);
    CHECK(run.merge == c.merge);
    CHECK(run.pull_request_repository == c.pull_request_repository);
  }
  CHECK_FALSE(read_ci(FakeEnvironment(), files).in_ci);
}
