// Figures of comments and images at a distance: `tools/bench forge`. Hidden from ordinary runs by its tag.
#include <catch2/catch.hpp>

#include <chrono>
#include <cstdio>
#include <fstream>

#include "support/fake_bitbucket.hpp"
#include "support/fake_gitea.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

constexpr std::chrono::milliseconds kLatency{50};

struct Measured {
  double milliseconds = 0;
  std::size_t requests = 0;
};

}  // namespace

TEST_CASE("bench: round trips of comments with images and of long threads", "[.bench]") {
  FakeGitHub fake;
  TemporaryFolder folder;
  std::map<std::string, std::string> environment{{"REPO_TOKEN", "good-token"},
                                                 {"CML_API_URL", fake.url() + "/api/v3"},
                                                 {"CML_REPO", fake.url() + "/o/r"},
                                                 {"CML_DRIVER", "github"}};
  auto const write = [&](std::string const& name, std::string const& bytes) {
    std::ofstream(folder.path / name, std::ios::binary) << bytes;
  };
  auto const update = [&](std::string const& target, FakeForge& forge) {
    forge.forget_requests();
    auto const start = std::chrono::steady_clock::now();
    auto const run = run_cml({"comment", "update", "--target=" + target, "report.md"}, folder.path, "", environment);
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    return Measured{std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count(),
                    forge.requests().size()};
  };
  auto const show = [](char const* what, Measured const& measured, double round_trips, std::size_t requests) {
    double const trips = measured.milliseconds / static_cast<double>(kLatency.count());
    std::printf("%-52s %7.0f ms  %5.1f round trips of 50 ms (at most %g)  %3zu requests (at most %zu)\n", what,
                measured.milliseconds, trips, round_trips, measured.requests, requests);
    CHECK(trips <= round_trips);
    CHECK(measured.requests <= requests);
  };
  auto const report = [&](std::string const& text, int round) {
    std::string body = text;
    for (int i = 0; i < 20; ++i) {
      write("p" + std::to_string(i) + ".png",
            "\x89PNG\r\n\x1a\n" + std::to_string(round) + "/" + std::to_string(i) + std::string(20'000, 'x'));
      body += "\n![p](p" + std::to_string(i) + ".png)\n";
    }
    write("report.md", body);
  };
  report("first", 0);
  update("pr/7", fake);  // Starts the branch, once in a repository's life.
  fake.set_latency(kLatency);
  report("second", 1);
  show("20 new images, the comment updated", update("pr/7", fake), 6, 8);
  report("third", 1);
  show("20 images that are there, the comment updated", update("pr/7", fake), 5, 5);
  fake.set_latency(std::chrono::milliseconds(0));
  for (int i = 0; i < 2000; ++i) fake.add_comment("issue 8", "n" + std::to_string(i));
  fake.set_latency(kLatency);
  write("report.md", "short");
  show("an update in a thread of 2,000 comments", update("pr/8", fake), 10, 25);
  // A private repository and a person's token: pictures become attachments.
  fake.is_private = true;
  fake.tokens = {"ghp_good"};
  environment["REPO_TOKEN"] = "ghp_good";
  report("fourth", 2);
  // A new comment is looked for again once it is made, lest another job made one at the same time.
  show("20 new images, private, a person's token, a new comment", update("pr/9", fake), 7, 24);
  report("fifth", 3);
  show("20 new images, private, a person's token, updated", update("pr/9", fake), 6, 23);
  report("sixth", 3);
  show("20 images that are there, private, updated", update("pr/9", fake), 4, 3);
  // The other forges, one after the other. One request, beside another, asks who the token is.
  FakeGitLab gitlab;
  FakeBitbucket bitbucket;
  FakeGitea gitea;
  struct Other {
    char const* what;
    FakeForge& fake;
    std::string driver, api, repository;
    std::size_t requests;
  };
  int round = 4;
  for (Other const& other : {Other{"20 new images, GitLab", gitlab, "gitlab", "/api/v4", "/g/p", 23},
                             Other{"20 new images, Bitbucket", bitbucket, "bitbucket", "", "/w/r", 23},
                             Other{"20 new images, Gitea", gitea, "gitea", "/api/v1", "/o/r", 6}}) {
    environment = {{"REPO_TOKEN", "good-token"},
                   {"CML_API_URL", other.fake.url() + other.api},
                   {"CML_REPO", other.fake.url() + other.repository},
                   {"CML_DRIVER", other.driver}};
    report("before", round++);
    update("pr/7", other.fake);
    other.fake.set_latency(kLatency);
    report("after", round++);
    show(other.what, update("pr/7", other.fake), 6, other.requests);
  }
}
