// One bundle delivered on every forge, as each shows reports.
#include <catch2/catch.hpp>

#include <fstream>

#include "base/text.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_gitea.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"
#include "support/workflow_steps.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct DeliveryRow {
  std::string name, document, api_path, repository;  // No document: no gate.
  std::unique_ptr<FakeForge> (*fake)();
  std::string picture;  // Part of the address that the picture has in the end.
};
template <class Fake>
std::unique_ptr<FakeForge> fresh_fake() {
  return std::make_unique<Fake>();
}

}  // namespace

TEST_CASE("deliver: every forge gets the report with its pictures, and nothing that a stranger may not say",
          "[contract][deliver]") {
  for (DeliveryRow const& row : std::vector<DeliveryRow>{
           {"github", "github.openapi.json", "/api/v3", "/o/r", fresh_fake<FakeGitHub>, "/raw/cml-assets/"},
           {"gitlab", "gitlab.openapi.json", "/api/v4", "/g/p", fresh_fake<FakeGitLab>, "/uploads/"},
           {"bitbucket", "bitbucket.openapi.json", "", "/w/r", fresh_fake<FakeBitbucket>, "/downloads/"},
           {"gitea", "", "/api/v1", "/o/r", fresh_fake<FakeGitea>, "/raw/branch/cml-assets/"}}) {
    INFO(row.name);
    auto const fake = row.fake();
    auto const gate = row.document.empty() ? nullptr : ContractGate::open(row.document, fake->url());
    std::string const url = gate ? gate->url() : fake->url();
    TemporaryFolder folder;
    std::ofstream(folder.path / "a.png", std::ios::binary) << "\x89PNG\r\n\x1a\n-" << row.name;
    std::ofstream(folder.path / "report.md")
        << "# R @octocat #1\n\n![A](a.png) <img src=\"a.png\" alt=\"B\"> ![t](https://evil.test/t.png)\n\n"
           "!<a href=\"https://evil.test/u.png\">u</a>\n\n<!-- x -->/close\n\n/close\n";
    auto const created = run_cml({"comment", "create", "--bundle", "bundle", "report.md"}, folder.path);
    INFO(created.err);
    REQUIRE(created.exit_code == 0);
    auto const run = run_cml({"comment", "deliver", "--target=pr/7", "bundle"}, folder.path, "",
                             {{"REPO_TOKEN", "good-token"},
                              {"CML_DRIVER", row.name},
                              {"CML_REPO", url + row.repository},
                              {"CML_API_URL", url + row.api_path}});
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    auto const bodies = fake->bodies(PullRequestTarget{7});
    REQUIRE(bodies.size() == 1);
    std::string const report = bodies[0].substr(0, bodies[0].find("![](https://cml.dev/watermark.png"));
    INFO(report);
    CHECK(contains(report, row.picture));
    for (char const* gone : {"@octocat", "#1", "![t]", "![u]", "<!--"}) CHECK_FALSE(contains(report, gone));
    CHECK(contains(report, "[t](https://evil.test/t.png)"));
    if (auto const* gitlab = dynamic_cast<FakeGitLab const*>(fake.get())) {
      CHECK(gitlab->commands.empty());
      CHECK_FALSE(contains(report, "\n/close"));
    }
    if (gate) CHECK(gate->violations() == "");
  }
}

TEST_CASE("docs: the pages of the forges show the workflows for forks as they are", "[docs][deliver]") {
  for (auto const& [page, file] : std::vector<std::pair<std::string, std::string>>{{"gitlab.md", "gitlab.yml"},
                                                                                   {"gitea.md", "gitea-deliver.yml"}}) {
    std::string const text = slurp(CML_SOURCE_DIR "/templates/ci/" + file);
    REQUIRE_FALSE(text.empty());
    CHECK(contains(slurp(CML_SOURCE_DIR "/docs/forges/" + page), "```yaml\n" + text + "```"));
  }
}

TEST_CASE("docs: the pipelines for forks on GitLab and Gitea deliver what the report's job has bundled",
          "[docs][deliver]") {
  std::string const pipeline = slurp(CML_SOURCE_DIR "/templates/ci/gitlab.yml");
  auto const bundles = script_of(pipeline, "report"), delivers = script_of(pipeline, "deliver");
  REQUIRE(bundles.size() == 2);
  REQUIRE(delivers.size() == 3);
  auto const gitea = run_steps(slurp(CML_SOURCE_DIR "/templates/ci/gitea-deliver.yml"));
  REQUIRE(gitea.size() == 3);
  FakeGitLab of_gitlab;
  FakeGitea of_gitea;
  std::string const head(40, 'd');
  of_gitea.add_fork_pull_request(8, head, "ada", "main");
  struct Row {
    std::string command;
    FakeForge& fake;
    long long number;
    std::map<std::string, std::string> environment;
  };
  for (Row const& row : std::vector<Row>{{replace_all(delivers.back(), "\"pr/$MERGE_REQUEST\"", "pr/7"),
                                          of_gitlab,
                                          7,
                                          {{"CI_PROJECT_URL", of_gitlab.url() + "/g/p"},
                                           {"CI_SERVER_URL", of_gitlab.url()},
                                           {"CI_API_V4_URL", of_gitlab.url() + "/api/v4"},
                                           {"CI_COMMIT_SHA", std::string(40, 'e')},
                                           {"CI_COMMIT_BRANCH", "main"}}},
                                         {gitea.back(),
                                          of_gitea,
                                          8,
                                          {{"GITEA_ACTIONS", "true"},
                                           {"GITHUB_REPOSITORY", "o/r"},
                                           {"GITHUB_SERVER_URL", of_gitea.url()},
                                           {"GITHUB_API_URL", of_gitea.url() + "/api/v1"},
                                           {"GITHUB_EVENT_NAME", "workflow_run"}}}}) {
    INFO(row.command);
    TemporaryFolder folder;
    std::ofstream(folder.path / "report.md") << "# R\n";
    std::ofstream(folder.path / "event.json")
        << R"({"repository":{"full_name":"o/r"},"workflow_run":{"id":5,"head_sha":")" + head +
               R"(","head_branch":"main"}})";
    auto environment = row.environment;
    environment["CI"] = "true";
    if (environment.contains("GITEA_ACTIONS")) environment["GITHUB_EVENT_PATH"] = (folder.path / "event.json").string();
    auto words = split(bundles.back(), ' ');
    words.erase(words.begin());
    auto const created = run_cml(words, folder.path, "", {{"GITLAB_CI", "true"}});
    INFO(created.err);
    REQUIRE(created.exit_code == 0);
    environment["REPO_TOKEN"] = "good-token";
    words = split(row.command, ' ');
    words.erase(words.begin());
    auto const run = run_cml(words, folder.path, "", environment);
    INFO(run.err);
    CHECK(run.exit_code == 0);
    REQUIRE(row.fake.bodies(PullRequestTarget{row.number}).size() == 1);
    CHECK(contains(row.fake.bodies(PullRequestTarget{row.number})[0], "# R"));
  }
}
