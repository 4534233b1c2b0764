// What GitHub makes of our runners: which jobs they get, and what runs again when a machine is lost. The fake matches
// jobs to runners by labels, and knows needs.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "platform/curl_http.hpp"
#include "runner/agents/take_back.hpp"
#include "runner/machine_id.hpp"
#include "runner/sweep.hpp"
#include "support/fake_github_runners.hpp"
#include "support/fakes.hpp"
#include "support/listed_cloud.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

namespace {

char const* const kLost = "The self-hosted runner lost communication with the server.";

// Something happens just before a request to remove arrives.
class BeforeDelete : public CurlHttp {
 public:
  explicit BeforeDelete(Environment const& environment) : CurlHttp(environment, "cml/test") {}
  Result<HttpResponse> send(HttpRequest const& request) override {
    if (request.method == "DELETE" && happens) happens();
    return CurlHttp::send(request);
  }
  std::function<void()> happens;
};

struct GitHubWorld : FakePorts {
  GitHubWorld() {
    forge.now = [this] { return clock.now(); };
  }
  std::unique_ptr<RunnerForge> agent(std::string path = "o/r") {
    return std::unique_ptr<RunnerForge>(
        make_agent(
            "github",
            {{"http", "127.0.0.1", std::move(path)}, forge.url() + "/api/v3", Secret("good-token"), &http, &clock})
            .value()
            .release());
  }
  RunnerWanted wanted(std::string name, std::vector<std::string> labels = {"gpu"}) {
    RunnerWanted result;
    result.name = std::move(name);
    result.labels = std::move(labels);
    result.single = true;
    result.architecture = "x64";
    return result;
  }
  std::string fresh_id() { return make_id("train", "aws", clock.now(), random); }
  // As the documents have it: a job of GitHub's own makes the machine that the next one asks for.
  FakeRun& deploy_and_train() {
    FakeRun& run = forge.runs[78] = FakeRun();
    run.jobs = {{"deploy-runner", {"ubuntu-latest"}, {}}, {"train", {"self-hosted", "gpu"}, {"deploy-runner"}}};
    return run;
  }
  void launch() {
    auto const launcher = agent();
    REQUIRE(launcher->enroll(wanted(fresh_id())));
    forge.bring_online(1);
  }
  SweepTask sweep(RunnerForge& of) { return {ports, &of, {}, {}, {}, false, false}; }

  FakeGitHubRunners forge;
  BeforeDelete http{environment};
  Ports ports = with_http(http);
};

}  // namespace

TEST_CASE("github recovery: a runner for one job gets the job that asks for self-hosted and its label",
          "[contract][github][runner]") {
  GitHubWorld world;
  FakeRun& run = world.deploy_and_train();
  world.forge.work([&](FakeJob const& job) {
    CHECK(job.name == "deploy-runner");
    world.launch();
  });
  CHECK(run.job("train").status == "in_progress");
  auto const runner = world.forge.runners().at(0);
  CHECK(runner.labels == std::vector<std::string>{"gpu", "self-hosted", "Linux", "X64"});
  // Once each, however they are written.
  auto const agent = world.agent();
  RunnerWanted other = world.wanted("other", {"Self-Hosted", "linux", "gpu"});
  other.architecture = "arm64";
  REQUIRE(agent->enroll(other));
  CHECK(world.forge.find("other")->labels == std::vector<std::string>{"Self-Hosted", "linux", "gpu", "ARM64"});
}

TEST_CASE("github recovery: a run whose machine was lost starts again with the job that makes the machine",
          "[contract][github][runner]") {
  GitHubWorld world;
  FakeRun& run = world.deploy_and_train();
  auto const makes_a_machine = [&](FakeJob const&) { world.launch(); };
  world.forge.work(makes_a_machine);
  std::string const lost = run.job("train").runner_name;
  world.forge.forget(lost);  // A runner for one job is forgotten with it.
  run.job("train").status = "completed", run.job("train").conclusion = "failure", run.job("train").annotation = kLost;
  run.status = "completed", run.conclusion = "failure";
  auto const agent = world.agent();
  auto const interrupted = agent->interrupted_in("78");
  REQUIRE(interrupted);
  REQUIRE(interrupted->size() == 1);
  CHECK(interrupted->at(0) == Job{"781", "78", "o/r", lost, ""});
  auto const again = agent->restart(interrupted->at(0));
  REQUIRE(again);
  CHECK(again->what == "run 78 of o/r, all its jobs");
  world.forge.work(makes_a_machine);
  CHECK(run.job("train").status == "in_progress");
  CHECK(run.job("train").runner_name != lost);
  CHECK(run.attempt == 2);
  run.status = "completed";
  CHECK(agent->restart(interrupted->at(0)).error().kind == ErrorKind::Conflict);
}

TEST_CASE("github recovery: a runner on premise, which is still there, gets the failed jobs alone",
          "[contract][github][runner]") {
  GitHubWorld world;
  FakeRun& run = world.deploy_and_train();
  world.forge.add({0, "here", {"self-hosted", "gpu"}, true, false, false});
  world.forge.work();
  REQUIRE(run.job("train").runner_name == "here");
  run.job("train").status = "completed", run.job("train").conclusion = "failure";
  run.status = "completed", run.conclusion = "failure";
  CHECK(world.agent()->restart({"", "78", "o/r", "here", ""})->what == "run 78 of o/r");
  CHECK(run.job("deploy-runner").conclusion == "success");
  CHECK(run.job("train").status == "queued");
}

TEST_CASE("github recovery: healthy jobs of the same run are left to end before it starts again, once",
          "[contract][github][runner]") {
  GitHubWorld world;
  FakeRun& run = world.forge.runs[77];
  run.jobs = {{"train (1)", {"self-hosted"}, {}, "in_progress", "", world.fresh_id()},
              {"train (2)", {"self-hosted"}, {}, "in_progress", "", "another"},
              {"report", {"ubuntu-latest"}, {"train (1)", "train (2)"}}};
  std::string const lost = run.jobs[0].runner_name;
  auto const agent = world.agent();
  auto const noted = agent->restart({"", "77", "o/r", lost, ""});
  REQUIRE(noted);
  CHECK(noted->later);
  CHECK(world.forge.count("POST") == 0);
  CHECK(run.jobs[1].status == "in_progress");
  // The other is done; GitHub has noticed what became of ours.
  run.jobs[1].status = "completed", run.jobs[1].conclusion = "success";
  run.jobs[0].status = "completed", run.jobs[0].conclusion = "failure", run.jobs[0].annotation = kLost;
  run.jobs[2].status = "completed", run.jobs[2].conclusion = "skipped";
  run.status = "completed", run.conclusion = "failure";
  auto const task = world.sweep(*agent);
  REQUIRE(rerun_interrupted(task, "77"));
  CHECK(run.attempt == 2);
  CHECK(contains(world.console.output, "runs again: run 77 of o/r"));
  run.status = "completed";
  for (FakeJob& job : run.jobs) job.status = "completed", job.conclusion = "success";
  run.jobs[0].conclusion = "failure", run.jobs[0].annotation = kLost;
  run.jobs[0].runner_name = lost;
  REQUIRE(rerun_interrupted(task, "77"));
  CHECK(run.attempt == 2);
  CHECK(world.console.logged("run 77 of o/r is attempt 2 already"));
}

TEST_CASE("github recovery: a lost job that is all that is left of its run is ended and started again at once",
          "[contract][github][runner]") {
  GitHubWorld world;
  FakeRun& run = world.forge.runs[77];
  std::string const lost = world.fresh_id();
  run.jobs = {{"train (1)", {"self-hosted"}, {}, "completed", "success", "another"},
              {"train (2)", {"self-hosted"}, {}, "in_progress", "", lost},
              {"train (3)", {"self-hosted", "gpu"}, {}}};  // It waits for the machine that is gone.
  auto const again = world.agent()->restart({"", "77", "o/r", lost, ""});
  INFO((again ? "" : again.error().message));
  REQUIRE(again);
  CHECK_FALSE(again->later);
  CHECK(world.forge.count("/runs/77/cancel") == 1);
  CHECK(run.attempt == 2);
}

TEST_CASE("github recovery: that nobody else works is not believed of one look at a late or empty list",
          "[contract][github][runner]") {
  for (bool const empty : {false, true}) {
    INFO((empty ? "empty" : "late"));
    GitHubWorld world;
    FakeRun& run = world.forge.runs[77];
    std::string const lost = world.fresh_id();
    run.jobs = {{"train (1)", {"self-hosted"}, {}, "in_progress", "", lost},
                {"train (2)", {"self-hosted"}, {}, "queued", "", ""}};
    auto const agent = world.agent();
    REQUIRE(agent->lost_job(lost));                                           // So the list was asked for just now,
    run.jobs[1].status = "in_progress", run.jobs[1].runner_name = "another";  // and is behind from here on.
    world.forge.empty_jobs = empty;
    auto const noted = agent->restart({"", "77", "o/r", lost, ""});
    REQUIRE(noted);
    CHECK(noted->later);
    CHECK(world.forge.count("POST") == 0);
    CHECK(run.jobs[1].status == "in_progress");
  }
}

TEST_CASE("github recovery: the event that a run is over may come before its list of jobs knows",
          "[contract][github][runner]") {
  for (bool const empty : {false, true}) {
    INFO((empty ? "empty" : "late"));
    GitHubWorld world;
    FakeRun& run = world.forge.runs[77];
    std::string const lost = world.fresh_id();
    run.jobs = {{"train", {"self-hosted"}, {}, "in_progress", "", lost}};
    auto const agent = world.agent();
    REQUIRE(agent->lost_job(lost));
    run.jobs[0].status = "completed", run.jobs[0].conclusion = "failure", run.jobs[0].annotation = kLost;
    run.status = "completed", run.conclusion = "failure";
    world.forge.empty_jobs = empty ? 2 : 0;
    REQUIRE(rerun_interrupted(world.sweep(*agent), "77"));
    CHECK(run.attempt == 2);
  }
  GitHubWorld silent;
  silent.forge.runs[77].status = "completed";
  silent.forge.empty_jobs = 100;
  auto const agent = silent.agent();
  auto const told = rerun_interrupted(silent.sweep(*agent), "77");
  REQUIRE_FALSE(told);
  CHECK(contains(told.error().message, "GitHub does not list what became of the jobs of run 77; try again later"));
}

TEST_CASE("github recovery: a registration that the list does not show yet is found by its number, and taken back",
          "[contract][github][runner]") {
  GitHubWorld world;
  auto const agent = world.agent();
  auto const registration = agent->enroll(world.wanted("here"));
  REQUIRE(registration);
  world.forge.empty_lists = 1;
  REQUIRE(agent->find("here").value());
  // Another process, which knows only the name: late, then there.
  auto const other = world.agent();
  CHECK(take_back(*other, world.clock, "here", {}));
  CHECK(world.forge.runners().empty());
  CHECK_FALSE(other->find("here").value());  // Whatever the list goes on showing.
  CHECK_FALSE(world.agent()->find("here").value());
}

TEST_CASE("github recovery: a runner that has taken a job since the list was made is not stopped",
          "[contract][github][runner]") {
  GitHubWorld world;
  cloud::Machine machine;
  machine.id = world.fresh_id();
  machine.cloud = "aws";
  machine.state = "running";
  world.forge.add({0, machine.id, {"cml"}, true, false, false});
  auto const agent = world.agent();
  machine.repository = agent->web_url();
  ListedCloud place;
  place.all = {machine};
  SweepTask task = world.sweep(*agent);
  task.clouds = {&place};
  REQUIRE(agent->runners());
  // Between the last look and the removal, as late as can be.
  world.http.happens = [&] { world.forge.find(machine.id)->busy = true; };
  auto const refused = stop_runners(task, {machine.id}, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Conflict);
  CHECK(contains(refused.error().message, "is running a job by now"));
  CHECK(place.all.size() == 1);
  REQUIRE(stop_runners(task, {machine.id}, true));
  CHECK(place.all.empty());
}

TEST_CASE("github recovery: gc of one run leaves alone what failed by itself", "[contract][github][runner]") {
  GitHubWorld world;
  FakeRun& run = world.forge.runs[77];
  run.status = "completed", run.conclusion = "failure";
  run.jobs = {{"train", {"self-hosted"}, {}, "completed", "failure", "here", "Process completed with exit code 1."}};
  auto const agent = world.agent();
  REQUIRE(rerun_interrupted(world.sweep(*agent), "77"));
  CHECK(run.attempt == 1);
  CHECK(world.console.logged("run 77 lost no runner"));
  CHECK(rerun_interrupted(world.sweep(*agent), "99").error().kind == ErrorKind::NotFound);
}

TEST_CASE("github recovery: runner groups by their names", "[contract][github][runner]") {
  GitHubWorld world;
  world.forge.groups[5] = "GPU machines";
  auto const organisation = world.agent("ORG");
  RunnerWanted wanted = world.wanted("grouped");
  wanted.group = "gpu machines";
  REQUIRE(organisation->enroll(wanted));
  CHECK(world.forge.find("grouped")->group == 5);
  wanted.group = "nobody";
  auto const none = organisation->enroll(wanted);
  REQUIRE_FALSE(none);
  CHECK(contains(none.error().message, "there are Default, GPU machines"));
  wanted.group = "GPU machines";
  CHECK(world.agent()->enroll(wanted).error().kind == ErrorKind::Usage);
}

TEST_CASE("github recovery: gc takes no machine that works because of one empty answer", "[contract][github][runner]") {
  for (int const empty : {1, 2}) {
    INFO(empty << " answers without runners");
    GitHubWorld world;
    cloud::Machine machine;
    machine.id = world.fresh_id();
    machine.cloud = "aws";
    machine.state = "running";
    world.forge.add({0, machine.id, {"cml"}, true, true, false});
    auto const agent = world.agent();
    machine.repository = agent->web_url();
    ListedCloud place;
    place.all = {machine};
    world.clock.now_ += std::chrono::hours(2);
    world.forge.empty_lists = empty;
    SweepTask task = world.sweep(*agent);
    task.clouds = {&place};
    task.dry_run = true;
    REQUIRE(collect_garbage(task, {}));
    CHECK(world.clock.slept.empty());
    task.dry_run = false;
    world.forge.empty_lists = empty;
    REQUIRE(collect_garbage(task, {}));
    CHECK(world.clock.slept.front() == std::chrono::minutes(1));
    CHECK(place.all.size() == (empty == 1 ? 1 : 0));
  }
}
