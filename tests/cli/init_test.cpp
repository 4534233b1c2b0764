// cml init in repositories of each forge: what it writes, that it writes over nothing, and that its report step runs.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_github.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

struct InitRow {
  std::string remote, file, marker;
};
std::vector<InitRow> const kRows{
    {"https://github.com/o/r.git", ".github/workflows/cml.yml", "OWNER/cml@v0"},
    {"git@gitlab.com:g/p.git", ".gitlab-ci.yml", "merge_request_event"},
    {"https://bitbucket.org/w/r", "bitbucket-pipelines.yml", "pull-requests:"},
    {"https://codeberg.org/o/r", ".gitea/workflows/cml.yml", "https://github.com/OWNER/cml@v0"},
};

std::string text_in(fs::path const& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("init: each forge's pipeline is written where that forge reads it, once", "[cli][init]") {
  for (InitRow const& row : kRows) {
    INFO(row.remote);
    GitPlace place;
    git(place.clone, {"remote", "set-url", "origin", row.remote});
    place.put("dvc.yaml", "stages: {}\n");
    place.put("requirements.txt", "scikit-learn\n");
    place.put("metrics.json", "{\"accuracy\": 0.9}");
    auto const tried = run_cml({"init", "--dry-run"}, place.clone);
    INFO(tried.err);
    REQUIRE(tried.exit_code == 0);
    CHECK_FALSE(fs::exists(place.clone / row.file));
    auto const run = run_cml({"init"}, place.clone);
    REQUIRE(run.exit_code == 0);
    std::string const text = text_in(place.clone / row.file);
    CHECK(tried.out == text);
    CHECK(run.out.starts_with(text));
    CHECK(contains(run.err, "OWNER/cml"));
    CHECK(contains(text, row.marker));
    CHECK(contains(text, "pip install -r requirements.txt"));
    CHECK(contains(text, "dvc repro --pull"));
    CHECK(contains(text, "--metrics metrics.json --plot dvc.yaml"));
    CHECK_FALSE(contains(text, "<%"));
    CHECK_FALSE(contains(text, "\n\n"));
    CHECK(text.starts_with("# Made by"));
    place.put(row.file, "mine\n");
    auto const again = run_cml({"init"}, place.clone);
    CHECK(again.exit_code == 0);
    CHECK(contains(again.err, "stays as it is"));
    CHECK(text_in(place.clone / row.file) == "mine\n");
  }
}

TEST_CASE("init: what the pipeline calls is in its image, with or without a file of requirements", "[cli][init]") {
  for (InitRow const& row : kRows) {
    INFO(row.remote);
    GitPlace place;
    git(place.clone, {"remote", "set-url", "origin", row.remote});
    place.put("train.py", "print(1)\n");
    std::string const text = run_cml({"init", "--dry-run"}, place.clone).out;
    CHECK(contains(text, "python train.py"));
    bool const hosted = contains(text, "runs-on: ubuntu-latest");
    CHECK(contains(text, hosted ? "actions/setup-python@v5" : "image: python:3"));
    CHECK_FALSE(contains(text, "image: debian"));  // Has neither curl nor Python.
  }
}

TEST_CASE("docs: the quick start shows what cml init writes", "[cli][init][docs]") {
  std::string const page = text_in(CML_SOURCE_DIR "/docs/quick-start.md");
  for (InitRow const& row : kRows) {
    INFO(row.remote);
    GitPlace place;
    git(place.clone, {"remote", "set-url", "origin", row.remote});
    place.put("train.py", "print(1)\n");
    place.put("requirements.txt", "scikit-learn\n");
    place.put("params.yaml", "lr: 0.1\n");
    place.put("metrics.json", "{\"accuracy\": 0.9}");
    CHECK(contains(page, "\n```yaml\n" + run_cml({"init", "--dry-run"}, place.clone).out + "```\n"));
  }
}

TEST_CASE("init: where no forge is told it asks for one", "[cli][init]") {
  GitPlace place;
  git(place.clone, {"remote", "set-url", "origin", "https://git.example.test/o/r"});
  auto const run = run_cml({"init"}, place.clone);
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "--forge"));
  CHECK(run_cml({"init", "--forge=gitlab"}, place.clone).exit_code == 0);
  CHECK(run_cml({"init", "--forge=svn"}, place.clone).exit_code == 1);
}

TEST_CASE("init: the report step that it writes posts a comment", "[cli][init]") {
  FakeGitHub fake;
  GitPlace place;
  fake.add_pull_request(7, place.head());
  place.put("metrics.json", "{\"accuracy\": 0.9}");
  REQUIRE(run_cml({"init", "--forge=github"}, place.clone).exit_code == 0);
  std::string command;
  for (std::string const& line : split(text_in(place.clone / ".github/workflows/cml.yml"), '\n'))
    if (contains(line, "- run: cml ")) command = line.substr(line.find("cml "));
  REQUIRE_FALSE(command.empty());
  auto const run = run_cml(
      [&] {
        auto words = split(command, ' ');
        words.erase(words.begin());
        return words;
      }(),
      place.clone, "",
      {{"REPO_TOKEN", "good-token"},
       {"CML_API_URL", fake.url() + "/api/v3"},
       {"CML_REPO", fake.url() + "/o/r"},
       {"CML_DRIVER", "github"}});
  INFO(command << "\n" << run.err);
  CHECK(run.exit_code == 0);
  REQUIRE(fake.comments("issue 7").size() == 1);
  CHECK(contains(fake.comments("issue 7")[0].body, "accuracy"));
}
