// GitLab's own meaning of its words: who is online, which jobs a runner gets, and what runs again when a machine is
// lost.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "platform/curl_http.hpp"
#include "runner/machine_id.hpp"
#include "runner/sweep.hpp"
#include "support/fake_gitlab_runners.hpp"
#include "support/fakes.hpp"
#include "support/listed_cloud.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

namespace {

struct GitLabWorld : FakePorts {
  GitLabWorld()
      : agent(make_agent("gitlab", {{"http", "127.0.0.1:" + std::to_string(forge.server.port()), "g/p"},
                                    forge.server.url() + "/api/v4",
                                    Secret("good-token"),
                                    &http,
                                    &clock})
                  .value()
                  .release()) {}
  // A machine of AWS that job 800 has made.
  std::string launched() {
    RunnerWanted wanted;
    wanted.name = make_id("train", "aws", clock.now(), random);
    wanted.labels = {"gpu"};
    wanted.note = "made by cml runner launch --cloud=aws by job 800";
    REQUIRE(agent->enroll(wanted));
    return wanted.name;
  }
  SweepTask sweep() { return {ports, agent.get(), {&place}, {}, {}, false, false}; }

  FakeGitLabRunners forge;
  CurlHttp http{environment, "cml/test"};
  Ports ports = with_http(http);
  ListedCloud place;
  std::unique_ptr<RunnerForge> agent;
};

}  // namespace

TEST_CASE("gitlab recovery: a runner with labels takes no job without tags, and compares them as GitLab does",
          "[contract][gitlab][runner]") {
  GitLabWorld world;
  LaunchOptions options;
  options.labels = {"gpu"};
  options.labels_given = true;
  REQUIRE(world.agent->enroll(wanted_of(options, "a", "")));
  CHECK_FALSE(world.forge.takes({}));
  CHECK(world.forge.takes({"gpu"}));
  CHECK_FALSE(world.forge.takes({"GPU"}));
  CHECK_FALSE(world.agent->serves("gpu", "GPU"));
  options.run_untagged = true;
  REQUIRE(world.agent->enroll(wanted_of(options, "a", "")));
  CHECK(world.forge.takes({}));
  REQUIRE(world.agent->enroll(wanted_of({}, "a", "")));  // The user gave no label: cml's own is no wish.
  CHECK(world.forge.takes({}));
  // A machine that ends after an hour is no place for a job of a day.
  options.max_lifetime = std::chrono::hours(1);
  REQUIRE(world.agent->enroll(wanted_of(options, "a", "")));
  CHECK(world.forge.registered["maximum_timeout"] == 3600);
}

TEST_CASE("gitlab recovery: a job lost with its machine runs again after the one that makes the machine, at any hour",
          "[contract][gitlab][runner]") {
  // GitLab calls the runner online and busy, online, and at last offline.
  for (int const minutes : {40, 65, 121}) {
    INFO("after " << minutes << " minutes");
    GitLabWorld world;
    std::string const id = world.launched();
    world.forge.busy = true;
    world.clock.now_ += std::chrono::minutes(minutes);
    world.forge.silent_for(std::chrono::minutes(minutes));
    auto const task = world.sweep();
    REQUIRE(collect_garbage(task, {}));
    CHECK(world.console.output == "removed " + id + ": its machine is gone\n");
    CHECK(world.forge.again == std::vector<std::string>{"800", "900"});
    CHECK(world.forge.runners.empty());
  }
}

TEST_CASE("gitlab recovery: what works, and what not all of a cloud proves gone, stays", "[contract][gitlab][runner]") {
  GitLabWorld world;
  std::string const id = world.launched();
  world.forge.busy = true;
  world.clock.now_ += std::chrono::minutes(40);
  cloud::Machine machine;
  machine.id = id;
  machine.cloud = "aws";
  machine.state = "running";
  machine.repository = world.agent->web_url();
  world.place.all = {machine};
  auto task = world.sweep();
  REQUIRE(collect_garbage(task, {}));
  CHECK(world.console.output == "");
  world.place.all.clear();
  task.regions = {"us-west-1"};
  REQUIRE(collect_garbage(task, {}));
  CHECK(world.console.output == "");
  CHECK(world.forge.again.empty());
}

TEST_CASE("gitlab recovery: gc of one pipeline runs the launching job and the interrupted one, and nothing that failed",
          "[contract][gitlab][runner]") {
  GitLabWorld world;
  (void)world.launched();
  world.forge.job_status = "failed";
  for (std::string const reason : {"script_failure", "runner_system_failure"}) {
    world.forge.failure_reason = reason;
    auto const done = rerun_interrupted(world.sweep(), "55");
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
    CHECK(world.forge.again.empty() == (reason == "script_failure"));
  }
  CHECK(world.forge.again == std::vector<std::string>{"800", "900"});
  REQUIRE(rerun_interrupted(world.sweep(), "55"));
  CHECK(world.forge.again.size() == 2);
}

TEST_CASE("gitlab recovery: a runner whose machine is gone is not reused, though GitLab calls it online",
          "[contract][gitlab][runner]") {
  GitLabWorld world;
  std::string const id = world.launched();
  LaunchOptions options;
  options.labels = {"gpu"};
  options.reuse = true;
  options.max_agents = 1;
  CHECK(reuse_existing(*world.agent, options, world.console).value());
  auto const gone = [&](RunnerSeen const& runner) { return runner.name != id; };
  CHECK_FALSE(reuse_existing(*world.agent, options, world.console, gone).value());
  world.clock.now_ += std::chrono::hours(1);  // It is not on its way any more.
  CHECK(below_cap(*world.agent, options, world.ports, 1).value() == 0);
  CHECK(below_cap(*world.agent, options, world.ports, 1, gone).value() == 1);
  options.labels = {"GPU"};
  CHECK_FALSE(reuse_existing(*world.agent, options, world.console).value());
}
