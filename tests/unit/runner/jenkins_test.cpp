// Jenkins' nodes: offline is not idle, short builds count, and no build is cut by us.
#include <catch2/catch.hpp>

#include "runner/machine_id.hpp"
#include "runner/sweep.hpp"
#include "support/fake_jenkins.hpp"
#include "support/scripted_agent.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

namespace {

struct JenkinsMachine : Machine {
  JenkinsMachine() : Machine({{1, "INFO: Connected"}}), jenkins(clock) {
    other_http = &jenkins;
    token = "u:t";
    options.name = "here";
    options.labels = {"gpu"};
    process.fallback = [this](ProcessRequest const& request) -> Result<ProcessResult> {
      bool const looks = request.arguments.size() > 2 && contains(request.arguments[2], "-newer");
      return ProcessResult{0, looks && jenkins.traces() ? "/srv/jenkins/workspace/train\n" : "", ""};
    };
  }
  FakeJenkins jenkins;
};

}  // namespace

TEST_CASE("jenkins: a build whose agent is offline for a moment goes on, and so does the node", "[runner][jenkins]") {
  for (bool const single : {false, true}) {
    INFO("single " << single);
    JenkinsMachine machine;
    machine.options.single = single;
    machine.options.idle_timeout = seconds(8);
    machine.jenkins.builds = {{2, 25}};
    machine.jenkins.cut = {{7, 19}};
    CHECK(machine.serve("jenkins") == "ready job_started job_ended terminated");
    CHECK(machine.jenkins.count("done") == 1);
    CHECK_FALSE(machine.jenkins.exists);
    CHECK(machine.jenkins.remote_folder == "/work");
  }
}

TEST_CASE("jenkins: a node for one job takes one, however short, and cuts none", "[runner][jenkins]") {
  JenkinsMachine machine;
  machine.options.single = true;
  for (int i = 0; i < 20; ++i) machine.jenkins.builds.push_back({6, 2});
  CHECK(machine.serve("jenkins") == "ready job_started job_ended terminated");
  CHECK(machine.reason == "single job");
  CHECK(machine.jenkins.count("done") == 1);
  CHECK(machine.jenkins.count("aborted") == 0);
}

TEST_CASE("jenkins: a node that works all the time in short builds is not idle", "[runner][jenkins]") {
  JenkinsMachine machine;
  machine.options.idle_timeout = seconds(8);
  for (int i = 0; i < 30; ++i) machine.jenkins.builds.push_back({6 + 6 * i, 1});
  (void)machine.serve("jenkins");
  CHECK(machine.jenkins.count("done") == 30);
  CHECK(machine.reason == "timeout:8");
  CHECK(machine.agent.second() < 250);
}

TEST_CASE("jenkins: a build that slips in while the node is taken away calls that off", "[runner][jenkins]") {
  JenkinsMachine machine;
  machine.jenkins.exists = true;
  auto const agent =
      make_agent("jenkins", {{"https", "ci.example.test", ""}, "", Secret("u:t"), &machine.jenkins, &machine.clock});
  machine.jenkins.on_button = [&] {
    if (machine.jenkins.builds.empty()) machine.jenkins.builds.push_back({0, 60, "running", 0});
  };
  auto const refused = (*agent)->unregister({"here", "here", true, Work::Idle, {}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Conflict);
  CHECK(machine.jenkins.exists);
  CHECK_FALSE(machine.jenkins.closed);
  // A node that somebody closed by hand stays closed, and goes once it is idle.
  machine.jenkins.builds.clear();
  machine.jenkins.closed = true;
  CHECK((*agent)->unregister({"here", "here", false, Work::Idle, {}}));
  CHECK_FALSE(machine.jenkins.exists);
}

TEST_CASE("jenkins: while Jenkins restarts, gc takes no machine whose build waits for it", "[runner][jenkins][gc]") {
  JenkinsMachine machine;
  machine.jenkins.exists = true;
  machine.jenkins.builds = {{0, 100000, "running", 0}};
  machine.jenkins.cut = {{0, 100000}};
  auto const agent =
      make_agent("jenkins", {{"https", "ci.example.test", ""}, "", Secret("u:t"), &machine.jenkins, &machine.clock});
  auto runners = (*agent)->runners().value();
  REQUIRE(runners.size() == 1);
  CHECK_FALSE(runners[0].online);
  CHECK(runners[0].work == Work::Busy);
  cloud::Machine there;
  there.id = runners[0].name = make_id("t", "gcp", machine.clock.now() - std::chrono::hours(2), machine.random);
  there.cloud = "gcp";
  there.state = "running";
  there.repository = (*agent)->web_url();
  SweepRules rules;
  rules.repository = there.repository;
  CHECK(judge(match({there}, runners).at(0), rules, machine.clock.now()).what == Verdict::What::Keep);
}

TEST_CASE("jenkins: without a token, cut connections end no machine on which something worked", "[runner][jenkins]") {
  std::multimap<int, std::string> lines;  // A proxy that cuts every WebSocket after three minutes and a bit.
  for (int i = 0; i < 20; ++i) lines.insert({{5 + 220 * i, "INFO: Connected"}, {215 + 220 * i, "INFO: Terminated"}});
  Machine machine(lines);
  machine.process.fallback = [&](ProcessRequest const& request) -> Result<ProcessResult> {
    bool const looks = request.arguments.size() > 2 && contains(request.arguments[2], "-newer");
    return ProcessResult{0, looks && machine.agent.second() < 2000 ? "/srv/jenkins/workspace/train@tmp\n" : "", ""};
  };
  CHECK(machine.serve("jenkins", {"cml-x", Secret(std::string(64, 'a')), {{"url", "https://ci.example.test/o/r"}}}) ==
        "ready terminated");
  CHECK(machine.reason == "timeout:300");
  CHECK(machine.agent.second() > 2200);
}
