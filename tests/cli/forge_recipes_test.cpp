// The recipes of docs/forges and of comment-create.md, each run under the condition that its heading names.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_gitea.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

struct RecipeForge {
  std::string name, page, api_path, repository;
  std::unique_ptr<FakeForge> (*fake)();
  std::size_t limit;     // Characters of a comment.
  std::string comments;  // In the path of a request that posts one.
};
template <class Fake>
std::unique_ptr<FakeForge> fake_of() {
  return std::make_unique<Fake>();
}
std::vector<RecipeForge> const kForges{
    {"github", "docs/forges/github.md", "/api/v3", "o/r", fake_of<FakeGitHub>, 65536, "/comments"},
    {"github", "docs/commands/comment-create.md", "/api/v3", "o/r", fake_of<FakeGitHub>, 65536, "/comments"},
    {"gitea", "docs/forges/gitea.md", "/api/v1", "o/r", fake_of<FakeGitea>, 1'000'000, "/comments"},
    {"gitlab", "docs/forges/gitlab.md", "/api/v4", "g/p", fake_of<FakeGitLab>, 999'999, "/notes"},
    {"bitbucket", "docs/forges/bitbucket.md", "", "w/r", fake_of<FakeBitbucket>, 32'000, "/comments"},
};

// Heading to command, of the section "## Recipes".
std::map<std::string, std::string> recipes_of(std::string const& page) {
  std::ifstream file(CML_SOURCE_DIR "/" + page);
  std::stringstream text;
  text << file.rdbuf();
  std::map<std::string, std::string> recipes;
  std::string heading;
  bool inside = false;
  for (std::string const& line : split(text.str(), '\n')) {
    if (line.starts_with("## ")) inside = line == "## Recipes";
    if (!inside) continue;
    if (line.starts_with("### ")) heading = line.substr(4);
    if (line.starts_with("    cml ")) recipes[heading] = std::string(trim(line));
  }
  return recipes;
}

struct RecipeRun {
  explicit RecipeRun(RecipeForge const& forge) : row(forge), fake(forge.fake()) {
    fake->add_pull_request(7, std::string(40, 'c'));
    put("report.md", "# Report\n");
  }
  void put(std::string const& name, std::string const& text) { std::ofstream(folder.path / name) << text; }
  ProcessResult run(std::string const& command, std::string const& token = "good-token",
                    std::string const& model = "") {
    ProcessRequest request;
    char const* binary = std::getenv("CML_BINARY");
    REQUIRE(binary != nullptr);
    request.arguments = {"sh", "-c", command};
    request.directory = folder.path;
    request.environment = {{"PATH", fs::path(binary).parent_path().string() + ":/usr/bin:/bin"},
                           {"REPO_TOKEN", token},
                           {"MODEL", model},
                           {"CML_DRIVER", row.name},
                           {"CML_API_URL", fake->url() + row.api_path},
                           {"CML_REPO", fake->url() + "/" + row.repository},
                           {"CML_COMMENT_TARGET", "pr/7"},
                           {"GITHUB_STEP_SUMMARY", (folder.path / "summary.md").string()}};
    SpawnedProcess process;
    return process.run(request).value();
  }
  std::vector<std::string> bodies() const { return fake->bodies(PullRequestTarget{7}); }

  RecipeForge const& row;
  std::unique_ptr<FakeForge> fake;
  TemporaryFolder folder;
};

// The command of the recipe whose heading begins so.
std::string recipe(std::map<std::string, std::string> const& recipes, std::string_view heading) {
  for (auto const& [name, command] : recipes)
    if (name.starts_with(heading)) return command;
  FAIL("no recipe under a heading that begins with " << heading);
  return "";
}

}  // namespace

TEST_CASE("recipes: several jobs leave one comment each, also when they run again", "[cli][docs]") {
  for (RecipeForge const& row : kForges) {
    INFO(row.page);
    std::string const command = recipe(recipes_of(row.page), "Several jobs");
    RecipeRun place(row);
    for (int round = 0; round < 2; ++round) {
      std::vector<ProcessResult> results(3);
      {
        std::vector<std::jthread> jobs;
        for (std::size_t i = 0; i < results.size(); ++i)
          jobs.emplace_back([&, i] { results[i] = place.run(command, "good-token", "model-" + std::to_string(i)); });
      }
      for (ProcessResult const& result : results) {
        INFO(result.err);
        CHECK(result.exit_code == 0);
      }
    }
    CHECK(place.bodies().size() == 3);
  }
}

TEST_CASE("recipes: a fork's job, whose token may only read, goes on and its report is where it was asked for",
          "[cli][docs]") {
  for (RecipeForge const& row : kForges) {
    INFO(row.page);
    std::string const command = recipe(recipes_of(row.page), "A fork's ");
    RecipeRun place(row);
    place.fake->fail({"POST", row.comments, {403, "{\"message\":\"forbidden\"}", {}}, false, 100});
    auto const result = place.run(command);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "not posted"));
    CHECK(place.bodies().empty());
    CHECK(fs::exists(place.folder.path / "summary.md") == contains(command, "summary"));
  }
}

TEST_CASE("recipes: a big report is shown in comments that the forge takes, and an update leaves no more of them",
          "[cli][docs]") {
  for (RecipeForge const& row : kForges) {
    INFO(row.page);
    std::string const command = recipe(recipes_of(row.page), "A big report");
    RecipeRun place(row);
    std::string text;
    for (int i = 0; text.size() < row.limit * 2; ++i) text += "line " + std::to_string(i) + " of the report\n\n";
    place.put("report.md", text);
    auto const result = place.run(command);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    auto const first = place.bodies();
    CHECK(first.size() == (contains(command, "split") ? 3u : 1u));
    for (std::string const& body : first) CHECK(body.size() <= row.limit);
    if (!contains(command, "update")) continue;
    CHECK(place.run(command).exit_code == 0);
    CHECK(place.bodies() == first);
  }
}

TEST_CASE("recipes: a refused token is exit code 3, and a warning where the recipe says so", "[cli][docs]") {
  for (RecipeForge const& row : kForges) {
    INFO(row.page);
    std::string const command = recipe(recipes_of(row.page), "A refused token");
    RecipeRun place(row);
    auto const result = place.run(command, "wrong-token");
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "token"));
    CHECK(place.run(replace_all(command, " --no-fail", ""), "wrong-token").exit_code == 3);
    CHECK(place.bodies().empty());
  }
}
