// Twenty jobs of a matrix at once, each over a line of 150 ms: nobody's files get lost, and every report goes out.
#include <catch2/catch.hpp>

#include <algorithm>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/bitbucket/bitbucket.hpp"
#include "forge/gitea/gitea.hpp"
#include "forge/github/github.hpp"
#include "forge/gitlab/gitlab.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_gitea.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/slow_line.hpp"

using namespace cml;
using namespace cml::test;

namespace {

constexpr std::size_t kJobs = 20;
std::string const kBranch = "cml-assets";

struct MatrixForge {
  std::string name;
  std::unique_ptr<FakeForge> (*fake)();
  std::unique_ptr<Forge> (*make)(ForgeSetup const&);
  std::string api_path, repository;
};
template <class Fake>
std::unique_ptr<FakeForge> fake_of() {
  return std::make_unique<Fake>();
}
std::vector<MatrixForge> const kMatrixForges{
    {"github", fake_of<FakeGitHub>, make_github, "/api/v3", "o/r"},
    {"gitea", fake_of<FakeGitea>, make_gitea, "/api/v1", "o/r"},
    {"gitlab", fake_of<FakeGitLab>, make_gitlab, "/api/v4", "g/p"},
    {"bitbucket", fake_of<FakeBitbucket>, make_bitbucket, "", "w/r"},
};

// One job: its own line to the forge, its own chances.
struct MatrixJob {
  MatrixJob(MatrixForge const& row, FakeForge& fake, SimulatedTime& time, std::chrono::milliseconds latency,
            std::uint64_t seed)
      : line(time, seed, latency) {
    setup.repository = {"http", fake.url().substr(7), row.repository};
    setup.api_url = fake.url() + row.api_path;
    setup.token = Secret("good-token");
    setup.http = &line.http;
    setup.clock = &line.clock;
    setup.random = &line.random;
    forge = row.make(setup);
  }
  SlowLine line;
  ForgeSetup setup;
  std::unique_ptr<Forge> forge;
};

struct Outcome {
  std::size_t posted = 0, with_pictures = 0;
  int most_writes_a_minute = 0;
  std::chrono::milliseconds longest{0};
  std::vector<std::string> errors;
};

AssetFile picture_of(std::size_t job, int number) {
  std::string bytes = "\x89PNG " + std::to_string(job) + " " + std::to_string(number);
  std::string sha = sha256_hex(bytes);
  return {"a.png", "image/png", std::move(bytes), std::move(sha)};
}

// Each job stores two pictures and posts a report, without them when that failed.
Outcome run_matrix(MatrixForge const& row, FakeForge& fake, std::chrono::milliseconds latency, std::uint64_t seed) {
  SimulatedTime time;
  std::vector<std::unique_ptr<MatrixJob>> jobs;
  std::vector<std::function<void()>> work;
  Outcome outcome;
  for (std::size_t i = 0; i < kJobs; ++i) {
    jobs.push_back(std::make_unique<MatrixJob>(row, fake, time, latency, seed * 1000 + i));
    work.emplace_back([&, i] {  // One at a time, so the outcome needs no lock.
      Forge& forge = *jobs[i]->forge;
      std::vector<AssetFile> const files{picture_of(i, 1), picture_of(i, 2)};
      auto const urls =
          forge.capabilities().native_assets ? forge.upload_assets(files) : forge.put_on_branch(kBranch, files);
      if (!urls) {
        outcome.errors.push_back(urls.error().message);
        CHECK(urls.error().kind == ErrorKind::Conflict);
      }
      std::string const body = "report " + std::to_string(i) + (urls ? " ![](" + urls->at(0) + ")" : "");
      if (!forge.create_comment(PullRequestTarget{7}, body)) return;
      ++outcome.posted;
      if (urls) ++outcome.with_pictures;
      outcome.longest = std::max(outcome.longest, time.now());
    });
  }
  time.run(work);
  std::vector<std::chrono::milliseconds> writes;
  for (auto const& job : jobs) writes.insert(writes.end(), job->line.slow.writes.begin(), job->line.slow.writes.end());
  for (auto const at : writes)
    outcome.most_writes_a_minute =
        std::max(outcome.most_writes_a_minute,
                 static_cast<int>(std::count_if(writes.begin(), writes.end(), [&](std::chrono::milliseconds other) {
                   return at <= other && other < at + std::chrono::minutes(1);
                 })));
  return outcome;
}

std::map<std::string, std::string> files_on_branch(FakeForge const& fake) {
  if (auto const* github = dynamic_cast<FakeGitHub const*>(&fake)) return github->branch_files(kBranch);
  if (auto const* gitea = dynamic_cast<FakeGitea const*>(&fake)) return gitea->branch_files(kBranch);
  return {};
}

}  // namespace

TEST_CASE("matrix: twenty jobs at once store their pictures and post their reports on every forge",
          "[contract][matrix]") {
  for (MatrixForge const& row : kMatrixForges) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      INFO(row.name << ", seed " << seed);
      auto const fake = row.fake();
      if (auto* github = dynamic_cast<FakeGitHub*>(fake.get())) github->add_branch(kBranch);
      Outcome const outcome = run_matrix(row, *fake, std::chrono::milliseconds(150), seed);
      for (std::string const& error : outcome.errors) WARN(error);
      CHECK(outcome.posted == kJobs);
      CHECK(outcome.with_pictures >= 18);
      CHECK(fake->bodies(PullRequestTarget{7}).size() == kJobs);
      CHECK(outcome.longest <= std::chrono::minutes(3));
      // What GitHub lets all jobs of a repository write together.
      if (row.name == "github") CHECK(outcome.most_writes_a_minute < 80);
      auto const files = files_on_branch(*fake);
      for (std::size_t job = 0; job < kJobs && !files.empty(); ++job) {
        std::string const path = content_address(picture_of(job, 2));
        CHECK((outcome.with_pictures < kJobs || files.count(path) == 1));
        CHECK(files.count(path) == (contains(files.at("index.txt"), path + "\n") ? 1 : 0));
      }
    }
  }
}

TEST_CASE("matrix: a branch that is not there is started once, also over a slow line or without GraphQL's commit",
          "[contract][matrix]") {
  for (bool const mutation : {true, false}) {
    for (std::chrono::milliseconds const latency : {std::chrono::milliseconds(150), std::chrono::milliseconds(1000)}) {
      INFO(mutation << " " << latency.count());
      FakeGitHub fake;
      fake.has_commit_mutation = mutation;
      Outcome const outcome = run_matrix(kMatrixForges[0], fake, latency, 7);
      CHECK(outcome.posted == kJobs);
      CHECK(outcome.with_pictures >= (latency.count() < 500 || mutation ? 18u : 0u));
      CHECK(fake.branch_files(kBranch).count("README.md") == 1);
      if (mutation && latency.count() < 500) CHECK(outcome.most_writes_a_minute < 110);
    }
  }
}

TEST_CASE("matrix: a race that is never won ends within three minutes as a conflict that says so",
          "[contract][matrix]") {
  for (MatrixForge const& row : {kMatrixForges[0], kMatrixForges[1]}) {
    INFO(row.name);
    auto const fake = row.fake();
    ServerResponse const lost =
        row.name == "github"
            ? ServerResponse{200, R"({"errors":[{"type":"STALE_DATA","message":"Expected another head"}]})", {}}
            : ServerResponse{422, R"({"message":"sha does not match [given: 1, expected: 2]"})", {}};
    if (auto* github = dynamic_cast<FakeGitHub*>(fake.get())) github->add_branch(kBranch);
    fake->fail({"POST", row.name == "github" ? "/graphql" : "/contents", lost, false, 1000});
    SimulatedTime time;
    MatrixJob job(row, *fake, time, std::chrono::milliseconds(150), 3);
    time.run({[&] {
      auto const stored = job.forge->put_on_branch(kBranch, {picture_of(1, 1)});
      REQUIRE_FALSE(stored);
      INFO(stored.error().message);
      CHECK(stored.error().kind == ErrorKind::Conflict);
      CHECK(contains(stored.error().message, "storing images on the branch cml-assets: "));
      CHECK(contains(stored.error().message, "other jobs were faster "));
      CHECK(contains(stored.error().message, "run again, or use another --publish-to"));
      CHECK(time.now() <= std::chrono::seconds(181));
      CHECK(job.line.slow.writes.size() <= 12);
    }});
  }
}
