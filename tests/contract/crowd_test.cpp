// Twenty jobs run the whole command at once, on every network forge, each over a line of 150 ms: what they agree on,
// and that nothing of what they post is lost.
#include <catch2/catch.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "report/watermark.hpp"
#include "support/fake_github.hpp"
#include "support/forge_command.hpp"
#include "support/slow_line.hpp"

using namespace cml;
using namespace cml::test;
using std::chrono::milliseconds;

namespace {

constexpr int kCrowd = 20;

// One job: a machine of its own.
struct CrowdJob {
  CrowdJob(CommandForge const& row, FakeForge& fake, SimulatedTime& time, std::uint64_t seed)
      : line(time, seed, milliseconds(150)), command(row, fake, line.http, line.clock, line.random) {}
  SlowLine line;
  ForgeCommand command;
};

struct CrowdOutcome {
  std::vector<std::string> bodies, errors, addresses;
  std::string remaining;  // What "comment list" tells in the end.
  int most_creations_a_minute = 0;
};

// All jobs begin within `spread`; each one's report says "part N.", and shows a picture of its own if asked.
CrowdOutcome run_crowd(CommandForge const& row, FakeForge& fake, std::string const& mode, bool pictures,
                       milliseconds spread, std::uint64_t seed) {
  SimulatedTime time;
  SeededRandom starts(seed);
  std::vector<std::unique_ptr<CrowdJob>> jobs;
  std::vector<std::function<void()>> work;
  CrowdOutcome crowd;
  for (int i = 0; i < kCrowd; ++i) {
    jobs.push_back(std::make_unique<CrowdJob>(row, fake, time, seed * 1000 + static_cast<std::uint64_t>(i)));
    CrowdJob& job = *jobs.back();
    std::string const number = std::to_string(i);
    job.command.put("a.png", "\x89PNG\r\n\x1a\n of job " + number);
    job.command.put("report.md", "part " + number + "." + (pictures ? "\n\n![picture " + number + "](a.png)" : ""));
    milliseconds const begin(
        spread.count() == 0 ? 0 : static_cast<long>(starts.next() % static_cast<std::uint64_t>(spread.count())));
    work.emplace_back([&, begin] {  // One at a time, so the crowd needs no lock.
      time.wait(begin);
      auto const done = job.command.run({"comment", "create", "--mode=" + mode, "--watermark-title=t", "report.md"});
      if (done.exit_code != 0) crowd.errors.push_back(done.err);
      crowd.addresses.push_back(done.out);
    });
  }
  time.run(work);
  std::vector<milliseconds> made;
  for (auto const& job : jobs)
    made.insert(made.end(), job->line.slow.creations.begin(), job->line.slow.creations.end());
  for (auto const at : made)
    crowd.most_creations_a_minute =
        std::max(crowd.most_creations_a_minute,
                 static_cast<int>(std::count_if(made.begin(), made.end(), [&](milliseconds other) {
                   return at <= other && other < at + std::chrono::minutes(1);
                 })));
  crowd.bodies = fake.bodies(PullRequestTarget{7});
  time.run({[&] { crowd.remaining = jobs[0]->command.run({"comment", "list", "--watermark-title=t"}).out; }});
  return crowd;
}

constexpr milliseconds kStarts[] = {milliseconds(0), milliseconds(400), milliseconds(3000)};

// Colleagues talk on the same thread, and one of them quotes an older report, mark and all.
void add_people(FakeForge& fake) {
  fake.add_body(PullRequestTarget{7}, "please look at this", "ada");
  fake.add_body(PullRequestTarget{7}, text_of({"part 3.", {}, {"abc", "t"}}), "grace");
}

// Every job has printed the address of the comment that is left.
bool all_tell_the_one_left(CrowdOutcome const& crowd) {
  return crowd.addresses.size() == kCrowd &&
         std::all_of(crowd.addresses.begin(), crowd.addresses.end(), [&](std::string const& address) {
           return !trim(address).empty() && crowd.remaining.ends_with("\t" + address);
         });
}

}  // namespace

TEST_CASE("crowd: twenty jobs that post under one title leave one comment on every forge, with few writes",
          "[contract][crowd]") {
  for (CommandForge const& row : command_forges()) {
    for (std::uint64_t seed = 1; seed <= 24; ++seed) {
      bool const pictures = seed % 4 == 0;
      std::string const mode = seed % 3 == 0 ? "recreate" : "update";
      INFO(row.name << ", seed " << seed << ", " << mode);
      auto const fake = row.fake();
      if (auto* github = dynamic_cast<FakeGitHub*>(fake.get())) github->add_branch("cml-assets");
      add_people(*fake);
      auto const before = fake->bodies(PullRequestTarget{7});
      CrowdOutcome const crowd = run_crowd(row, *fake, mode, pictures, kStarts[seed % 5 % 3], seed);
      CHECK(crowd.errors == std::vector<std::string>{});
      REQUIRE(crowd.bodies.size() == 3);
      CHECK(std::vector<std::string>(crowd.bodies.begin(), crowd.bodies.begin() + 2) == before);
      CHECK(contains(crowd.bodies[2], "part "));
      if (mode == "update") CHECK(all_tell_the_one_left(crowd));
      // What GitHub lets all jobs of a repository make together; each picture of the others is one more.
      if (row.name == "github" || !pictures) CHECK(crowd.most_creations_a_minute < 80);
    }
  }
}

TEST_CASE("crowd: twenty jobs that append leave twenty parts in one comment on every forge", "[contract][crowd]") {
  for (CommandForge const& row : command_forges()) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      bool const pictures = seed % 4 == 0, begun = seed % 3 == 0;
      INFO(row.name << ", seed " << seed);
      auto const fake = row.fake();
      if (auto* github = dynamic_cast<FakeGitHub*>(fake.get())) github->add_branch("cml-assets");
      add_people(*fake);
      if (begun) fake->add_body(PullRequestTarget{7}, text_of({"what was there.", {}, {"abc", "t"}}));
      CrowdOutcome const crowd =
          run_crowd(row, *fake, seed % 5 == 0 ? "prepend" : "append", pictures, kStarts[seed % 7 % 3], seed);
      CHECK(crowd.errors == std::vector<std::string>{});
      REQUIRE(crowd.bodies.size() == 3);
      std::string const& body = crowd.bodies[2];
      CHECK(contains(body, "what was there.") == begun);
      int shown = 0;
      for (int i = 0; i < kCrowd; ++i) {
        std::string const part = "part " + std::to_string(i) + ".";
        auto const at = body.find(part);
        INFO(part);
        REQUIRE(at != std::string::npos);
        CHECK(body.find(part, at + 1) == std::string::npos);
        shown += contains(body, "![picture " + std::to_string(i) + "](");
      }
      if (pictures) CHECK(shown >= 18);
      CHECK(all_tell_the_one_left(crowd));
    }
  }
}
