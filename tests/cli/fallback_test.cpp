#include <catch2/catch.hpp>

#include <fstream>

#include "base/text.hpp"
#include "support/fake_github.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("cli: --fallback is for a token that may not comment (403), not for one that is wrong (401)",
          "[cli][github]") {
  FakeGitHub fake;
  TemporaryFolder folder;
  std::ofstream(folder.path / "report.md") << "text";
  for (std::string const token : {"read-only-token", "wrong-token"}) {
    INFO(token);
    auto const run = run_cml({"comment", "create", "--target=pr/7", "--fallback=none", "report.md"}, folder.path, "",
                             {{"REPO_TOKEN", token},
                              {"CML_API_URL", fake.url() + "/api/v3"},
                              {"CML_REPO", fake.url() + "/o/r"},
                              {"CML_DRIVER", "github"}});
    INFO(run.err);
    CHECK(run.exit_code == (token == "read-only-token" ? 0 : 3));
    CHECK(run.out.empty());
  }
  CHECK(fake.comments("issue 7").empty());
  auto const told =
      run_cml({"comment", "create", "--json", "--target=pr/7", "--fallback=none", "report.md"}, folder.path, "",
              {{"REPO_TOKEN", "read-only-token"},
               {"CML_API_URL", fake.url() + "/api/v3"},
               {"CML_REPO", fake.url() + "/o/r"},
               {"CML_DRIVER", "github"}});
  CHECK(told.exit_code == 0);
  CHECK(contains(told.out, R"("action":"nothing")"));
  CHECK(contains(told.out, "not posted: "));
}

TEST_CASE("cli: a clone's remote that is not reached is named by every command that would post there", "[cli]") {
  GitPlace place;
  git(place.clone, {"remote", "set-url", "origin", "https://ada:hunter22@github.com/o/r.git"});
  place.put("report.md", "text");
  place.put("a.png", "x");
  std::string const line = "nothing reaches https://github.com/o/r.git: this is the local forge; set REPO_TOKEN";
  for (std::vector<std::string> const& command :
       std::vector<std::vector<std::string>>{{"comment", "create", "report.md"},
                                             {"comment", "update", "--json", "report.md"},
                                             {"comment", "delete"},
                                             {"comment", "list"},
                                             {"asset", "publish", "a.png"},
                                             {"check", "create", "report.md"},
                                             {"pr", "create", "report.md"}}) {
    INFO(Catch::Detail::stringify(command));
    auto const run = run_cml(command, place.clone);
    INFO(run.err);
    CHECK(contains(run.err, line));
    CHECK_FALSE(contains(run.err + run.out, "hunter22"));
    CHECK_FALSE(contains(run.out, "nothing reaches"));
    auto named = command;
    named.push_back("--driver=local");  // Asked for.
    CHECK_FALSE(contains(run_cml(named, place.clone).err, "nothing reaches"));
  }
  TemporaryFolder folder;  // No clone suggests anything.
  std::ofstream(folder.path / "report.md") << "text";
  CHECK(run_cml({"comment", "create", "report.md"}, folder.path).err.empty());
}

TEST_CASE("cli: a title that nothing fills in is a title of its own, and is told", "[cli]") {
  TemporaryFolder folder;
  auto const update = [&](std::string const& text, std::vector<std::string> words) {
    std::ofstream(folder.path / "report.md") << text;
    words.insert(words.begin(), {"comment", "update", "report.md"});
    return run_cml(words, folder.path);
  };
  auto const plain = update("plain", {});
  auto const titled = update("titled", {"--watermark-title={workflow}"});
  CHECK(contains(titled.err, "the title stays \"{workflow}\""));
  CHECK(titled.out != plain.out);
  CHECK(update("titled again", {"--watermark-title={workflow}"}).out == titled.out);
  CHECK(update("plain again", {}).out == plain.out);
}
