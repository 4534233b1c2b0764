// repo prepare on real clones; check create and the answers of commands that are gone.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("cli: repo prepare sets the clone's identity and fetches history, and leaves the global configuration alone", "[cli][git]") {
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

TEST_CASE("cli: tensorboard says what became of it", "[cli]") {
  TemporaryFolder folder;
  auto const run = run_cml({"--credentials", "x", "--logdir", "y", "--md"}, folder.path, "", {}, "cml-tensorboard-dev");
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "was shut down on January 1, 2024"));
}
