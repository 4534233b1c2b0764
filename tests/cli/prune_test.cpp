// asset prune on real repositories.
#include <catch2/catch.hpp>

#include <fstream>

#include "asset/prune.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

// Stores files on the asset branch of the origin, each commit at a date of its own.
struct Assets {
  Assets() : place(), work(place.folder.path / "assets") {
    git(place.folder.path, {"clone", "-q", place.origin.string(), "assets"});
    git(work, {"checkout", "-q", "--orphan", "cml-assets"});
    git(work, {"rm", "-rfq", "."});
    std::ofstream(work / "README.md") << "about\n";
  }
  std::string store(std::string const& content, std::string const& date) {
    std::string const sha = sha256_hex(content), path = sha.substr(0, 2) + "/" + sha + ".png";
    fs::create_directories((work / path).parent_path());
    std::ofstream(work / path) << content;
    std::ofstream(work / "index.txt", std::ios::app) << path << "\n";
    setenv("GIT_COMMITTER_DATE", date.c_str(), 1);
    git(work, {"add", "-A"});
    git(work, {"commit", "-q", "-m", "Add " + content, "--date=" + date});
    unsetenv("GIT_COMMITTER_DATE");
    git(work, {"push", "-q", "origin", "cml-assets"});
    return path;
  }
  CmlRun run(std::vector<std::string> arguments) {
    return run_cml(std::move(arguments), place.clone, "",
                   {{"REPO_TOKEN", "good-token"}, {"CML_DRIVER", "github"}, {"CML_REPO", "https://github.com/o/r"}});
  }
  std::string listing() { return git(place.origin, {"ls-tree", "-r", "--name-only", "cml-assets"}); }
  GitPlace place;
  fs::path work;
};

}  // namespace

TEST_CASE("cli: asset prune removes what is old, keeps the dates of the rest, and frees the space", "[cli][prune]") {
  Assets assets;
  std::string const old_one = assets.store("one", "2020-01-01T00:00:00Z"),
                    old_two = assets.store("two", "2020-02-01T00:00:00Z");
  std::string const today = "2099-01-01T00:00:00Z";  // After any clock this runs by.
  std::string const kept = assets.store("three", today);
  auto const dry = assets.run({"asset", "prune", "--older-than=90d", "--dry-run"});
  INFO(dry.err);
  CHECK(dry.out == "would remove 2 files stored more than 90d ago, 1 kept on cml-assets\n");
  CHECK(contains(assets.listing(), old_one));
  auto const run = assets.run({"asset", "prune", "--older-than=90d"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.out == "removed 2 files stored more than 90d ago, 1 kept on cml-assets\n");
  CHECK(assets.listing() == kept + "\nREADME.md\nindex.txt");
  CHECK(git(assets.place.origin, {"show", "cml-assets:index.txt"}) == kept);
  CHECK(git(assets.place.origin, {"log", "-1", "--format=%cI|%s", "cml-assets"}) ==
        "2099-01-01T00:00:00+00:00|Add three");
  CHECK_FALSE(contains(git(assets.place.origin, {"rev-list", "--objects", "cml-assets"}), old_two));
  CHECK(assets.run({"asset", "prune", "--older-than=90d", "--json"}).out == "{\"removed\":0,\"kept\":1}\n");
  CHECK(git(assets.place.clone, {"status", "--porcelain"}) == "");
}

TEST_CASE("cli: asset prune says what it cannot do", "[cli][prune][errors]") {
  Assets assets;
  CHECK(contains(assets.run({"asset", "prune"}).err, "give --older-than"));
  CHECK(contains(assets.run({"asset", "prune", "--older-than=soon"}).err, "not an age: soon"));
  CHECK(contains(assets.run({"asset", "prune", "--older-than=1d"}).err, "there is no branch cml-assets"));
  CHECK(parse_age("2w") == std::chrono::hours(336));
  for (char const* bad : {"", "d", "-1d", "1", "1m", "99999999d"}) CHECK_FALSE(parse_age(bad));
}
