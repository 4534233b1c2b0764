// A forge, a cloud and a launcher in one process: what a launch did, what a kill at any request leaves, what gc makes of it.
#pragma once

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <stdexcept>

#include "base/text.hpp"
#include "base/url.hpp"
#include "base/time_text.hpp"
#include "cloud/cloud.hpp"
#include "platform/curl_http.hpp"
#include "runner/provision.hpp"
#include "runner/sweep.hpp"
#include "support/fake_github_runners.hpp"
#include "support/fakes.hpp"

namespace cml::test {

struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

// Requests to 127.0.0.1 go out, all others to `cloud`. Throws Killed at request number `kill_at` (from 1), before it is sent or
// just after it took effect.
class WorldHttp : public HttpClient {
 public:
  explicit WorldHttp(Environment const& environment) : curl_(environment, "cml/test") {}
  Result<HttpResponse> send(HttpRequest const& request) override {
    ++sent;
    if (kill_at == sent && kill_before) throw Killed();
    Result<HttpResponse> answer = contains(request.url, "//127.0.0.1") ? curl_.send(request) : cloud(request);
    if (kill_at == sent) throw Killed();
    return answer;
  }
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const& requests, int) override {
    std::vector<Result<HttpResponse>> answers;
    for (HttpRequest const& request : requests) answers.push_back(send(request));
    return answers;
  }
  std::function<Result<HttpResponse>(HttpRequest const&)> cloud;
  int sent = 0, kill_at = 0;
  bool kill_before = true;

 private:
  CurlHttp curl_;
};

// Waiting takes the clock's time.
class FakeSupervisor : public Supervisor {
 public:
  explicit FakeSupervisor(Clock& clock) : clock(clock) {}
  Status watch_signals() override { return ok(); }
  Status start(ChildRequest const& request) override { return started.push_back(request), ok(); }
  std::vector<SupervisorEvent> wait(std::chrono::milliseconds at_most) override {
    if (events.empty() && at_most.count() > 0) clock.sleep_for(at_most);
    return std::exchange(events, {});
  }
  void stop_child(Stop) override {}
  void alive() override {}
  Clock& clock;
  std::vector<ChildRequest> started;
  std::vector<SupervisorEvent> events;
};

struct World {
  World() : http(environment), tools{http, clock, files, process, environment, random, console, supervisor} {
    process.fallback = [](ProcessRequest const& request) -> Result<ProcessResult> {
      if (request.arguments[0] == "ssh-keygen") return ProcessResult{0, "ssh-rsa AAAAfake\n", ""};
      return ProcessResult{127, "", "no " + request.arguments[0]};
    };
    forge.online_at_once = false;
    launch.single = true;
    options.regions = {"us-west"};
  }
  runner::AgentSetup agent_setup() { return {{"http", "127.0.0.1:" + std::to_string(forge.port()), "o/r"}, "", Secret("good-token"), &http, &clock}; }
  cloud::CloudSetup setup() {
    return {&http, &clock, &files, &process, &environment, [this](std::string const& line) { console.log(LogLevel::Info, line); }};
  }
  Status launch_now() {
    auto agent = runner::make_agent("github", agent_setup());
    auto place = cloud::make_cloud(options.cloud, setup());
    if (!place) return std::move(place).error();
    return runner::launch_in_cloud(tools, **agent, **place, launch, options);
  }
  Status gc(std::vector<std::string> regions = {}, bool dry_run = false) {
    auto agent = runner::make_agent("github", agent_setup());
    auto place = cloud::make_cloud(options.cloud, setup());
    if (!place) return std::move(place).error();
    runner::SweepTask const task{tools, agent->get(), {place->get()}, {}, std::move(regions), false, dry_run};
    return runner::collect_garbage(task, {});
  }

  FakeGitHubRunners forge;
  FakeEnvironment environment;
  FakeClock clock;
  MemoryFileSystem files;
  FakeProcess process;
  FakeRandom random;
  FakeConsole console;
  FakeSupervisor supervisor{clock};
  WorldHttp http;
  runner::Tools tools;
  runner::LaunchOptions launch;
  runner::CloudOptions options;
};

// Launches once to count the requests, then again for each of them, killed before it is sent and after it took effect; half an
// hour later gc must find and remove everything. `prepare` sets a world up; `nothing_left` tells whether its cloud is empty again.
// Returns how many of the kills left something behind. `AnyWorld` derives from World and has a flag `boots`.
template <class AnyWorld>
int kill_everywhere(std::function<void(AnyWorld&)> const& prepare, std::function<bool(AnyWorld&)> const& nothing_left) {
  int requests = 0, left_something = 0;
  {
    AnyWorld whole;
    prepare(whole);
    REQUIRE(whole.launch_now());
    requests = whole.http.sent;
  }
  REQUIRE(requests > 3);
  for (int cut = 1; cut <= requests; ++cut)
    for (bool before : {true, false}) {
      INFO("killed " << (before ? "before" : "after") << " request " << cut << " of " << requests);
      AnyWorld world;
      prepare(world);
      world.boots = false;  // It never comes up: nobody would see it end.
      world.http.kill_at = cut;
      world.http.kill_before = before;
      try {
        (void)world.launch_now();
      } catch (Killed const&) {
      }
      world.http.kill_at = 0;
      left_something += !nothing_left(world) || !world.forge.runners().empty();
      world.clock.now_ += std::chrono::minutes(31);
      auto const swept = world.gc();
      INFO((swept ? "" : swept.error().message));
      REQUIRE(swept);
      CHECK(nothing_left(world));
      CHECK(world.forge.runners().empty());
    }
  return left_something;
}

}  // namespace cml::test
