// What Bitbucket makes of our runners: which steps they get, and what runs again when a machine is lost.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "platform/curl_http.hpp"
#include "runner/machine_id.hpp"
#include "runner/sweep.hpp"
#include "support/fake_bitbucket_runners.hpp"
#include "support/fakes.hpp"
#include "support/listed_cloud.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

namespace {

struct BitbucketWorld : FakePorts {
  BitbucketWorld() {
    forge.now = [this] { return clock.now(); };
    // As the document has it: Bitbucket's own machine makes ours, which the next step asks for.
    forge.pipelines[1] = {{"deploy", {}, ""}, {"train", {"self.hosted", "cml"}, ""}};
  }
  std::unique_ptr<RunnerForge> agent(std::string const& token = "dXNlcjpwYXNz") {
    return std::unique_ptr<RunnerForge>(
        make_agent("bitbucket", {{"https", "bitbucket.org", "w/r"}, forge.url() + "/2.0", Secret(token), &http, &clock})
            .value()
            .release());
  }
  std::string launch() {
    RunnerWanted wanted;
    wanted.name = make_id("train", "aws", clock.now(), random);
    wanted.labels = {"cml"};
    REQUIRE(agent()->enroll(wanted));
    for (auto& [uuid, runner] : forge.runners)
      if (runner["name"] == wanted.name) runner["state"]["status"] = "ONLINE";
    return wanted.name;
  }
  FakeStep& train(int pipeline = 1) { return forge.pipelines[pipeline][1]; }
  SweepTask sweep(RunnerForge& of) { return {ports, &of, {&place}, {}, {}, false, false}; }

  FakeBitbucketRunners forge;
  CurlHttp http{environment, "cml/test"};
  Ports ports = with_http(http);
  ListedCloud place;
};

}  // namespace

TEST_CASE("bitbucket recovery: a step gets the runner that has its labels and is online, and fails without one",
          "[contract][bitbucket][runner]") {
  BitbucketWorld none;
  none.forge.work();
  CHECK(none.train().result == "FAILED");
  BitbucketWorld world;
  std::string name;
  world.forge.work([&](FakeStep const&) { name = world.launch(); });
  CHECK(world.train().state == "IN_PROGRESS");
  CHECK(world.train().runner == name);
}

TEST_CASE(
    "bitbucket recovery: a step that lost its machine starts its pipeline again, once, with the one that makes it",
    "[contract][bitbucket][runner]") {
  BitbucketWorld world;
  std::string lost;
  auto const makes_a_machine = [&](FakeStep const&) { lost = world.launch(); };
  world.forge.work(makes_a_machine);
  std::string const first = lost;
  auto const agent = world.agent();
  auto const task = world.sweep(*agent);
  world.clock.now_ += std::chrono::hours(1);
  // Bitbucket has not noticed yet: nothing is forgotten, and nothing runs twice.
  for (auto& [uuid, runner] : world.forge.runners) runner["state"]["status"] = "OFFLINE";
  REQUIRE(collect_garbage(task, {}));
  CHECK(world.console.logged("is unregistered later: a step of pipeline {p1} still counts as running"));
  CHECK(world.forge.runners.size() == 1);
  CHECK(world.forge.pipelines.size() == 1);
  world.forge.lose(first);
  world.clock.now_ += std::chrono::hours(1);
  REQUIRE(collect_garbage(task, {}));
  CHECK(world.forge.runners.empty());
  REQUIRE(world.forge.pipelines.size() == 2);
  world.forge.work(makes_a_machine);
  CHECK(lost != first);
  CHECK(world.train(2).runner == lost);
  CHECK(world.train(2).state == "IN_PROGRESS");
  // The second one is lost, too: that was all.
  world.forge.lose(lost);
  world.clock.now_ += std::chrono::hours(2);
  REQUIRE(collect_garbage(task, {}));
  CHECK(world.console.logged("has had 2 pipelines already"));
  CHECK(world.forge.pipelines.size() == 2);
  CHECK(world.forge.runners.empty());
}

TEST_CASE("bitbucket recovery: gc of one pipeline, by uuid or number, runs again what lost its runner and nothing else",
          "[contract][bitbucket][runner]") {
  for (std::string const run : {"{p1}", "1"}) {
    BitbucketWorld world;
    std::string name;
    world.forge.work([&](FakeStep const&) { name = world.launch(); });
    auto const agent = world.agent();
    world.train().state = "COMPLETED", world.train().result = "FAILED";  // By itself.
    REQUIRE(rerun_interrupted(world.sweep(*agent), run));
    CHECK(world.console.logged("run " + run + " lost no runner"));
    CHECK(world.forge.pipelines.size() == 1);
    world.train().state = "IN_PROGRESS", world.train().result = "";
    world.forge.lose(name);
    REQUIRE(rerun_interrupted(world.sweep(*agent), run));
    CHECK(contains(world.console.output, "runs again: pipeline {p1} as {p2}"));
    REQUIRE(rerun_interrupted(world.sweep(*agent), run));
    CHECK(world.forge.pipelines.size() == 2);
  }
}

TEST_CASE("bitbucket recovery: a token without the scope for runners is told which it lacks",
          "[contract][bitbucket][runner]") {
  BitbucketWorld world;
  RunnerWanted wanted;
  wanted.name = "x";
  auto const refused = world.agent("reads-only")->enroll(wanted);
  REQUIRE_FALSE(refused);
  CHECK(lacks_access(refused.error().kind));
  CHECK(contains(refused.error().message, "runners need the scopes runner and runner:write"));
  CHECK(world.forge.runners.empty());
}
