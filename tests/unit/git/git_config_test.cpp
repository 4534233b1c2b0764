// What configures our git commands: the CI's own entries stay, ours come after them, and no argument shows a
// credential.
#include <catch2/catch.hpp>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "git/git.hpp"
#include "platform/spawned_process.hpp"
#include "support/fakes.hpp"
#include "support/git_repository.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct ClonedPlace {
  ClonedPlace() { test::git(folder.path, {"init", "--quiet"}); }

  SpawnedProcess process;
  TemporaryFolder folder;
  Git git{process, folder.path, {folder.path / ".git", folder.path}};
};

// 2.30 is the oldest that cml works with (tools/dev/old_git).
bool has_git_before_2_31(ClonedPlace const& place) {
  return contains(test::git(place.folder.path, {"version"}), "git version 2.30.");
}

}  // namespace

TEST_CASE("git: entries that the CI has set in the environment stay in force beside ours", "[git][config]") {
  ClonedPlace place;
  if (has_git_before_2_31(place)) {
    WARN("skipped: this git takes no GIT_CONFIG_COUNT from the environment");
    return;
  }
  Git& git = place.git;
  git.set_login("https://h.test/o/r=1.git", Secret("me:fake-password"));
  std::vector<std::pair<std::string, std::string>> const ci{
      {"GIT_CONFIG_GLOBAL", "/dev/null"},
      {"GIT_CONFIG_SYSTEM", "/dev/null"},
      {"GIT_CONFIG_COUNT", "3"},
      {"GIT_CONFIG_KEY_0", "ci.own"},
      {"GIT_CONFIG_VALUE_0", "kept"},
      {"GIT_CONFIG_KEY_1", "http.https://h.test/o/r=1.git.extraHeader"},
      {"GIT_CONFIG_VALUE_1", "Authorization: Basic old"},
      {"GIT_CONFIG_KEY_2", "credential.helper"},
      {"GIT_CONFIG_VALUE_2", "store"}};
  auto const ask = [&](std::string const& key, bool network) {
    auto const answer = git.run({.arguments = {"config", "--get-all", key}, .environment = ci, .network = network});
    INFO((answer ? "" : answer.error().message));
    REQUIRE(answer);
    return *answer;
  };
  for (bool const network : {false, true}) {
    CHECK(ask("ci.own", network) == "kept\n");
    CHECK(ask("core.fsmonitor", network) == "\n");
  }
  // An empty entry takes back those before it, so ours is the only header that is sent, and no helper is asked.
  CHECK(ask("http.https://h.test/o/r=1.git.extraheader", true) ==
        "Authorization: Basic old\n\nAuthorization: Basic " + base64_encode("me:fake-password") + "\n");
  CHECK(ask("credential.helper", true) == "store\n\n");
  CHECK(ask("credential.helper", false) == "store\n");
}

TEST_CASE("git: for every version the login takes the place of a header and a helper that were set before",
          "[git][config]") {
  ClonedPlace place;
  test::git(place.folder.path, {"config", "http.https://h.test/o/r=1.git.extraHeader", "Authorization: Basic old"});
  test::git(place.folder.path, {"config", "credential.helper", "store"});
  place.git.set_login("https://h.test/o/r=1.git", Secret("me:fake-password"));
  auto const ask = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "config");
    auto const answer = place.git.run(
        {.arguments = arguments, .environment = {{"GIT_CONFIG_NOSYSTEM", "1"}, {"HOME", "/nowhere"}}, .network = true});
    INFO((answer ? "" : answer.error().message));
    REQUIRE(answer);
    return *answer;
  };
  CHECK(ask({"--get-urlmatch", "http.extraHeader", "https://h.test/o/r=1.git"}) ==
        "Authorization: Basic " + base64_encode("me:fake-password") + "\n");
  CHECK(ask({"--get-all", "credential.helper"}) == "store\n\n");
  // The empty entry takes back the old header, whichever way its key is spelt.
  CHECK(contains(ask({"--get-regexp", "^http\\..*\\.extraheader$"}), ".extraheader \n"));
}

TEST_CASE("git: the credential is in no argument, and commands without network do not get it", "[git][config]") {
  FakeProcess process;
  process.fallback = [](ProcessRequest const&) -> Result<ProcessResult> { return ProcessResult{}; };
  Git git(process, "/project", {"/project/.git", "/project"});
  git.set_login("https://h.test/o/r", Secret("me:fake-password"));
  REQUIRE(git.run({.arguments = {"fetch"}, .network = true}));
  REQUIRE(git.run({.arguments = {"status"}}));
  auto const holds = [](std::vector<std::string> const& texts) {
    for (std::string const& text : texts)
      if (contains(text, "fake-password") || contains(text, base64_encode("me:fake-password"))) return true;
    return false;
  };
  auto const values = [](ProcessRequest const& request) {
    std::vector<std::string> all;
    for (auto const& [name, value] : request.environment) all.push_back(value);
    return all;
  };
  CHECK_FALSE(holds(process.started.at(1).arguments));
  CHECK(holds(values(process.started.at(1))));
  CHECK_FALSE(holds(process.started.at(2).arguments));
  CHECK_FALSE(holds(values(process.started.at(2))));
  for (auto const& [name, value] : process.started.at(1).environment) CHECK(name != "GIT_CONFIG_COUNT");
}
