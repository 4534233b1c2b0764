// README's first workflow as it is written, and the pipelines that CML's users have most, with only their set-up step
// changed: real git, the real binary, the fakes.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/git_repository.hpp"
#include "support/release_server.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/workflow_steps.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

// The smallest drawing that a browser shows.
std::string const kDot =
    base64_decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
        .value();
std::string const kLoss =
    R"({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "line",
        "data": {"values": [{"s": 1, "l": 3}, {"s": 2, "l": 1}]},
        "encoding": {"x": {"field": "s", "type": "quantitative"}, "y": {"field": "l", "type": "quantitative"}}})";

struct UsersClone {
  UsersClone() : job(place.clone) {
    for (char const* name : {"pip", "pip3"}) job.program(name, "exit 0\n");
    fs::path const binary = fs::path(std::getenv("CML_BINARY")).parent_path();
    for (char const* name : {"cml", "cml-publish", "cml-send-comment", "vl2png", "vl2svg"})
      job.program(name, "exec -a " + std::string(name) + " '" + (binary / "cml").string() + "' \"$@\"\n");
    auto const nothing = [](WorkflowStep const&) {};  // The clone is there, and so are the programs.
    for (char const* name : {"actions/checkout", "actions/setup-python", "iterative/setup-cml", "iterative/setup-dvc"})
      job.actions[name] = nothing;
    put("model.png", kDot);
    put("vega.source", kLoss);
  }
  void put(std::string const& name, std::string const& bytes) const {
    fs::create_directories(place.folder.path / "given");
    std::ofstream(place.folder.path / "given" / name, std::ios::binary) << bytes;
  }
  std::string given(std::string const& name) const { return "'" + (place.folder.path / "given" / name).string() + "'"; }
  // What the repository's training does.
  void training(std::string const& script) {
    for (char const* name : {"python", "python3"}) job.program(name, "[ \"$1\" = train.py ] || exit 9\n" + script);
  }
  GitPlace place;
  WorkflowJob job;
};

struct UsersGitHub : UsersClone {
  explicit UsersGitHub(std::string const& event) {
    auto& environment = job.environment;
    environment.merge(std::map<std::string, std::string>{{"GITHUB_ACTIONS", "true"},
                                                         {"GITHUB_REPOSITORY", "o/r"},
                                                         {"GITHUB_SERVER_URL", fake.url()},
                                                         {"GITHUB_API_URL", fake.url() + "/api/v3"},
                                                         {"GITHUB_EVENT_NAME", event},
                                                         {"GITHUB_WORKFLOW", "train"},
                                                         {"GITHUB_RUN_ID", "77"},
                                                         {"GITHUB_SHA", place.head()},
                                                         {"GITHUB_WORKSPACE", place.clone.string()}});
    if (event == "pull_request") {
      fake.add_pull_request(7, place.head());
      put("event.json", R"({"pull_request":{"number":7,"head":{"sha":")" + place.head() + R"(","ref":"topic"}}})");
      environment["GITHUB_EVENT_PATH"] = (place.folder.path / "given/event.json").string();
      environment["GITHUB_REF"] = "refs/pull/7/merge";
    } else {
      environment["GITHUB_REF"] = "refs/heads/main";
    }
    job.values = {{"secrets.GITHUB_TOKEN", "good-token"}, {"secrets.PERSONAL_ACCESS_TOKEN", "good-token"}};
  }
  void run(std::string const& file) { job.run(steps_of(slurp(CML_SOURCE_DIR "/fixtures/pipelines/" + file))); }
  std::string only_body(CommentTarget const& target) const {
    auto const bodies = fake.bodies(target);
    REQUIRE(bodies.size() == 1);
    return bodies[0];
  }
  int pictures() const {
    auto const files = fake.branch_files("cml-assets");
    return static_cast<int>(std::count_if(files.begin(), files.end(), [](auto const& file) {
      return file.first.ends_with(".png") || file.first.ends_with(".svg");
    }));
  }
  FakeGitHub fake;
};

}  // namespace

TEST_CASE("docs: README's first workflow runs as it is written, its action with the inputs left out",
          "[cli][pipelines][docs]") {
  auto const blocks = fenced(slurp(CML_SOURCE_DIR "/README.md"), "yaml");
  REQUIRE_FALSE(blocks.empty());
  // A release moves the tag of its major version, and makes no other.
  std::string const version = run_cml({"--version"}, fs::temp_directory_path()).out;
  CHECK(contains(blocks[0], "uses: OWNER/cml@v" + version.substr(0, version.find('.')) + " "));
  ReleaseServer releases;
  UsersGitHub user("pull_request");
  user.training(
      "echo '# Results' > report.md; echo '![ROC](roc.png)' >> report.md; echo '[Loss](loss.vl.json)' >> "
      "report.md\ncp " +
      user.given("model.png") + " roc.png; cp " + user.given("vega.source") + " loss.vl.json\n");
  for (char const* name : {"cml", "cml-publish", "cml-send-comment", "vl2png", "vl2svg"})
    user.job.program(name, "echo 'the set-up step is not needed' >&2; exit 1\n");
  user.job.actions["OWNER/cml"] = [&](WorkflowStep const& step) {
    CHECK(step.with.empty());
    auto const action = read_yaml(slurp(CML_SOURCE_DIR "/action.yml"));
    for (auto const& [name, input] : action.at("inputs").items())
      user.job.values["inputs." + name] = input.value("default", "");
    user.job.values["github.action_repository"] = "o/cml";
    user.job.environment["GITHUB_ACTION_PATH"] = CML_SOURCE_DIR;
    user.job.environment["CML_HOME"] = releases.home();
    user.job.run(steps_of(slurp(CML_SOURCE_DIR "/action.yml")));
    user.job.environment.erase("CML_HOME");
  };
  user.job.run(steps_of(blocks[0]));
  std::string const body = user.only_body(PullRequestTarget{7});
  INFO(body << user.job.err);
  CHECK(contains(body, "# Results"));
  CHECK(contains(body, "![ROC](" + user.fake.url()));
  CHECK(user.pictures() == 2);  // The plot was drawn.
  CHECK(contains(user.job.out, "is on the PATH"));
}

TEST_CASE("pipelines: a comment at the end of a push, its picture named in the report", "[cli][pipelines]") {
  UsersGitHub user("push");
  user.training("echo 'accuracy 0.9' > metrics.txt; cp " + user.given("model.png") + " plot.png\n");
  user.run("comment-at-end.yml");
  std::string const body = user.only_body(CommitTarget{user.place.head()});
  CHECK(contains(body, "## Metrics\naccuracy 0.9\n![Confusion Matrix](" + user.fake.url()));
  CHECK(user.pictures() == 1);
}

TEST_CASE("pipelines: DVC's tables and plots on a pull request", "[cli][pipelines]") {
  UsersGitHub user("pull_request");
  user.job.program("dvc",
                   "case \"$1 $2\" in\n'repro ') ;;\n'metrics diff') echo '| Metric | main | workspace |' ;;\n"
                   "'plots diff') cat " +
                       user.given("vega.source") + " ;;\n*) exit 9 ;;\nesac\n");
  user.job.values["github.event.pull_request.head.sha"] = user.place.head();
  user.run("dvc-plots.yml");
  // --pr=false asks for nothing: the run's own pull request.
  std::string const body = user.only_body(PullRequestTarget{7});
  CHECK(contains(body, "| Metric | main | workspace |\n![Loss](" + user.fake.url()));
  CHECK(user.pictures() == 2);
}

TEST_CASE("pipelines: the names of 2020, published before the comment", "[cli][pipelines]") {
  UsersGitHub user("push");
  user.training("echo 'accuracy 0.9' > metrics.txt; cp " + user.given("model.png") + " confusion_matrix.png\n");
  user.run("publish-first.yml");
  std::string const body = user.only_body(CommitTarget{user.place.head()});
  CHECK(contains(body, "accuracy 0.9\n![](" + user.fake.url()));
  CHECK(contains(body, "\"Once more\")"));
  CHECK(user.pictures() == 1);  // One content, stored once.
}

TEST_CASE("pipelines: a pull request with what was trained, and a report at the commit", "[cli][pipelines]") {
  UsersGitHub user("push");
  user.job.program("dvc",
                   "echo 'accuracy 0.9' > metrics.txt; cp " + user.given("model.png") + " confusion_matrix.png\n");
  git(user.place.clone, {"checkout", "-q", "-b", "exp1"});
  git(user.place.clone, {"push", "-q", "origin", "exp1"});
  user.job.environment["GITHUB_REF"] = "refs/heads/exp1";
  user.job.environment["GITHUB_REF_NAME"] = "exp1";
  std::string const sha = user.place.head();
  user.run("model-pull-request.yml");
  auto const pulls = user.fake.pulls();
  REQUIRE(pulls.size() == 1);
  CHECK(pulls[0].source == "exp1-cml-pr-" + sha.substr(0, 8));
  CHECK(pulls[0].target == "exp1");
  CHECK(contains(git(user.place.origin, {"show", "--stat", "--format=%B", pulls[0].source}), "[skip ci]"));
  CHECK(contains(git(user.place.origin, {"show", pulls[0].source + ":metrics.txt"}), "accuracy 0.9"));
  CHECK(contains(user.only_body(CommitTarget{sha}), "# Results\naccuracy 0.9\n![](" + user.fake.url()));
}

TEST_CASE("pipelines: GitLab, on the commit for the main branch and on the merge request", "[cli][pipelines]") {
  for (bool const of_request : {false, true}) {
    INFO("merge request: " << of_request);
    FakeGitLab fake;
    UsersClone user;
    fake.add_pull_request(7, user.place.head());
    user.training("echo 'accuracy 0.9' > metrics.txt; cp " + user.given("model.png") + " confusion_matrix.png\n");
    user.job.environment.merge(std::map<std::string, std::string>{{"GITLAB_CI", "true"},
                                                                  {"CI_SERVER_URL", fake.url()},
                                                                  {"CI_PROJECT_URL", fake.url() + "/g/p"},
                                                                  {"CI_PROJECT_PATH", "g/p"},
                                                                  {"CI_API_V4_URL", fake.url() + "/api/v4"},
                                                                  {"CI_COMMIT_SHA", user.place.head()},
                                                                  {"REPO_TOKEN", "good-token"}});
    if (of_request)
      user.job.environment.merge(
          std::map<std::string, std::string>{{"CI_MERGE_REQUEST_IID", "7"},
                                             {"CI_MERGE_REQUEST_PROJECT_URL", fake.url() + "/g/p"},
                                             {"CI_PIPELINE_SOURCE", "merge_request_event"}});
    else
      user.job.environment["CI_COMMIT_BRANCH"] = "main";
    std::string script;  // GitLab runs a job's lines in one shell.
    for (std::string const& line :
         script_of(slurp(CML_SOURCE_DIR "/fixtures/pipelines/gitlab.yml"), "train-and-report"))
      script += line + "\n";
    for (int times = 0; times < 2; ++times) {
      auto const run = user.job.sh(script);
      INFO(run.out << run.err);
      REQUIRE(run.exit_code == 0);
    }
    auto const bodies =
        fake.bodies(of_request ? CommentTarget(PullRequestTarget{7}) : CommentTarget(CommitTarget{user.place.head()}));
    REQUIRE(bodies.size() == (of_request ? 1 : 2));
    CHECK(contains(bodies[0], "accuracy 0.9\n![Confusion]("));
    CHECK(fake.uploads().size() >= 1);
  }
}

TEST_CASE("pipelines: one comment that the training itself keeps up to date", "[cli][pipelines]") {
  UsersGitHub user("push");
  user.training(
      "for epoch in 1 2 3; do\n  echo \"epoch $epoch\" > report.md\n  cml-send-comment --update report.md\ndone\n");
  user.run("while-training.yml");
  std::string const body = user.only_body(CommitTarget{user.place.head()});
  CHECK(contains(body, "epoch 3\n"));
  CHECK_FALSE(contains(body, "epoch 2"));
}

TEST_CASE("pipelines: one job trains, another reports what it left as an artifact", "[cli][pipelines]") {
  UsersGitHub user("pull_request");
  fs::path const artifact = user.place.folder.path / "artifact";
  user.job.actions["actions/upload-artifact"] = [&](WorkflowStep const& step) {
    fs::rename(user.place.clone / step.with.at("path"), artifact);  // The next job has a clone of its own.
  };
  user.job.actions["actions/download-artifact"] = [&](WorkflowStep const& step) {
    fs::copy(artifact, user.place.clone / step.with.at("path"), fs::copy_options::recursive);
  };
  user.training("mkdir results; echo 'accuracy 0.9' > results/metrics.txt\nfor one in confusion roc; do cp " +
                user.given("model.png") + " results/$one.png; echo $one >> results/$one.png; done\n");
  user.run("artifact-report.yml");
  std::string const body = user.only_body(PullRequestTarget{7});
  CHECK(contains(body, "## Results\naccuracy 0.9\n![confusion](" + user.fake.url()));
  CHECK(contains(body, "![roc](" + user.fake.url()));
  CHECK(user.pictures() == 2);
}

TEST_CASE("pipelines: a Makefile's target writes the report and posts it", "[cli][pipelines]") {
  UsersGitHub user("push");
  user.training("mkdir -p Results; echo 'accuracy 0.9' > Results/metrics.txt; cp " + user.given("model.png") +
                " Results/model_results.png\n");
  user.place.put("Makefile",
                 "install:\n\tpip install --upgrade pip && pip install -r requirements.txt\n"
                 "train:\n\tpython train.py\n"
                 "eval:\n\techo \"## Model Metrics\" > report.md\n\tcat ./Results/metrics.txt >> report.md\n"
                 "\techo '\\n## Confusion Matrix Plot' >> report.md\n"
                 "\techo '![Confusion Matrix](./Results/model_results.png)' >> report.md\n"
                 "\tcml comment create report.md\n");
  user.run("makefile.yml");
  std::string const body = user.only_body(CommitTarget{user.place.head()});
  CHECK(contains(body,
                 "## Model Metrics\naccuracy 0.9\n\n## Confusion Matrix Plot\n![Confusion Matrix](" + user.fake.url()));
  CHECK(user.pictures() == 1);
}
