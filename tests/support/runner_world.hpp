// A forge, a cloud and a launcher in one process: what a launch did, what a kill at any request leaves, what gc makes
// of it.
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

// What may become of one request: it never arrives, it is refused for now, or it takes effect and the answer is lost.
enum class Fault { Unsent, Refused, Lost };

// Requests to 127.0.0.1 go out, all others to `cloud`. Throws Killed at request number `kill_at` (from 1), before it is
// sent or just after it took effect; request number `fault_at` has the fault.
class WorldHttp : public HttpClient {
 public:
  explicit WorldHttp(Environment const& environment) : curl_(environment, "cml/test") {}
  Result<HttpResponse> send(HttpRequest const& request) override {
    ++sent;
    if (kill_at == sent && kill_before) throw Killed();
    if (fault_at == sent && fault == Fault::Unsent)
      return Error{ErrorKind::Unreachable, request.method + " " + request.url + ": no route"};
    if (fault_at == sent && fault == Fault::Refused) return HttpResponse{503, {}, "try later"};
    auto const own = local ? local(request) : std::nullopt;
    Result<HttpResponse> answer = own                                    ? Result<HttpResponse>(*own)
                                  : contains(request.url, "//127.0.0.1") ? curl_.send(request)
                                                                         : cloud(request);
    if (kill_at == sent) throw Killed();
    if (fault_at == sent)
      return Error{ErrorKind::Network, request.method + " " + request.url + ": the server broke off"};
    return answer;
  }
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const& requests, int) override {
    std::vector<Result<HttpResponse>> answers;
    for (HttpRequest const& request : requests) answers.push_back(send(request));
    return answers;
  }
  std::function<Result<HttpResponse>(HttpRequest const&)> cloud;
  std::function<std::optional<HttpResponse>(HttpRequest const&)> local;  // Asked first.
  int sent = 0, kill_at = 0, fault_at = 0;
  bool kill_before = true;
  Fault fault = Fault::Unsent;

 private:
  CurlHttp curl_;
};

struct World : FakePorts {
  World() {
    forge.now = [this] { return clock.now(); };
    process.fallback = [](ProcessRequest const& request) -> Result<ProcessResult> {
      if (request.arguments[0] == "ssh-keygen") return ProcessResult{0, "ssh-rsa AAAAfake\n", ""};
      return ProcessResult{127, "", "no " + request.arguments[0]};
    };
    forge.online_at_once = false;
    launch.single = true;
    options.regions = {"us-west"};
  }
  runner::AgentSetup agent_setup() {
    return {{"http", authority.empty() ? "127.0.0.1:" + std::to_string(forge.port()) : authority, path},
            "",
            Secret("good-token"),
            &http,
            &clock};
  }
  cloud::CloudSetup setup() {
    return {&http,    &clock,       &files,
            &process, &environment, [this](std::string const& line) { console.log(LogLevel::Info, line); }};
  }
  Status launch_now() {
    auto agent = runner::make_agent(driver, agent_setup());
    auto place = cloud::make_cloud(options.cloud, setup());
    if (!place) return std::move(place).error();
    return runner::launch_in_cloud(ports, **agent, **place, launch, options);
  }
  // `of`: the forge whose runners count; nothing: this world's.
  Status gc(std::vector<std::string> regions = {}, bool dry_run = false, FakeGitHubRunners* of = nullptr) {
    auto place_of_runners = agent_setup();
    if (of != nullptr) place_of_runners.repository.authority = "127.0.0.1:" + std::to_string(of->port());
    auto agent = runner::make_agent(driver, place_of_runners);
    auto place = cloud::make_cloud(options.cloud, setup());
    if (!place) return std::move(place).error();
    runner::SweepTask const task{ports, agent->get(), {place->get()}, {}, std::move(regions), false, dry_run};
    return runner::collect_garbage(task, {});
  }

  FakeGitHubRunners forge;
  // Another forge than that one.
  std::string driver = "github", authority, path = "o/r";
  std::function<std::size_t()> registered = [this] { return forge.runners().size(); };
  WorldHttp http{environment};
  Ports ports = with_http(http);
  runner::LaunchOptions launch;
  runner::CloudOptions options;
};

// Launches once to count the requests, then again for each of them, killed before it is sent and after it took effect;
// half an hour later gc must find and remove everything. `prepare` sets a world up; `nothing_left` tells whether its
// cloud is empty again. Returns how many of the kills left something behind. `AnyWorld` derives from World and has a
// flag `boots`.
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
      left_something += !nothing_left(world) || world.registered() > 0;
      world.clock.now_ += std::chrono::minutes(31);
      auto const swept = world.gc();
      INFO((swept ? "" : swept.error().message));
      REQUIRE(swept);
      CHECK(nothing_left(world));
      CHECK(world.registered() == 0);
    }
  return left_something;
}

// Two hundred launches into one account, each killed before or after a request of its own choice: one sweep half an
// hour later takes away what they all left, in less than three minutes of the world's clock. `variant` makes the world
// as launch number N wants it.
template <class AnyWorld>
void kill_at_random(std::function<void(AnyWorld&, int)> const& variant, int variants,
                    std::function<bool(AnyWorld&)> const& nothing_left) {
  constexpr int kLaunches = 200;
  std::vector<int> requests;
  for (int i = 0; i < variants; ++i) {
    AnyWorld whole;
    variant(whole, i);
    REQUIRE(whole.launch_now());
    requests.push_back(whole.http.sent);
  }
  AnyWorld world;
  world.boots = false;
  FakeRandom chance;
  int killed = 0;
  for (int i = 0; i < kLaunches; ++i) {
    variant(world, i % variants);
    auto const among = static_cast<std::uint64_t>(requests[static_cast<std::size_t>(i % variants)]);
    world.http.kill_at = world.http.sent + 1 + static_cast<int>((chance.next() >> 33) % among);
    world.http.kill_before = chance.next() >> 63 == 0;
    try {
      (void)world.launch_now();
    } catch (Killed const&) {
      ++killed;
    }
  }
  world.http.kill_at = 0;
  CHECK(killed > kLaunches * 9 / 10);  // What an account holds already may save a request.
  CHECK_FALSE(nothing_left(world));
  CHECK(world.registered() > 20);
  world.clock.now_ += std::chrono::minutes(31);
  auto const began = world.clock.now();
  auto const swept = world.gc();
  INFO((swept ? "" : swept.error().message));
  REQUIRE(swept);
  CHECK(nothing_left(world));
  CHECK(world.registered() == 0);
  CHECK(world.clock.now() - began < std::chrono::minutes(3));
}

// One request of a launch goes wrong, each of them in each way: then there is one machine with its registration, or
// neither. Returns how many of the launches failed. `machines` counts those of the world's cloud, with what belongs to
// them.
template <class AnyWorld>
int fault_everywhere(std::function<void(AnyWorld&)> const& prepare,
                     std::function<std::size_t(AnyWorld&)> const& machines) {
  int requests = 0, failed = 0;
  {
    AnyWorld whole;
    prepare(whole);
    REQUIRE(whole.launch_now());
    requests = whole.http.sent;
  }
  for (int at = 1; at <= requests; ++at)
    for (Fault fault : {Fault::Unsent, Fault::Refused, Fault::Lost}) {
      AnyWorld world;
      prepare(world);
      world.http.fault_at = at;
      world.http.fault = fault;
      auto const launched = world.launch_now();
      INFO("request " << at << " of " << requests << ", fault " << static_cast<int>(fault) << ": "
                      << (launched ? "launched" : launched.error().message));
      CHECK(machines(world) == (launched ? 1 : 0));
      CHECK(world.registered() == (launched ? 1 : 0));
      failed += !launched;
    }
  return failed;
}

// A sweep of a machine past its limit that is killed at any request: the next sweep finishes it.
template <class AnyWorld>
void kill_sweep_everywhere(std::function<void(AnyWorld&)> const& prepare,
                           std::function<bool(AnyWorld&)> const& nothing_left) {
  int requests = 1;
  for (int cut = 0; cut <= requests; ++cut)
    for (bool before : {true, false}) {
      AnyWorld world;
      prepare(world);
      REQUIRE(world.launch_now());
      world.clock.now_ += std::chrono::hours(8 * 24);
      int const sent = world.http.sent;
      world.http.kill_at = cut == 0 ? 0 : sent + cut;
      world.http.kill_before = before;
      try {
        (void)world.gc();
        requests = world.http.sent - sent;
      } catch (Killed const&) {
      }
      if (nothing_left(world))  // Whose machine is gone is away.
        for (FakeRunner const& runner : world.forge.runners()) world.forge.find(runner.name)->online = false;
      INFO("killed " << (before ? "before" : "after") << " request " << cut << " of " << requests);
      world.http.kill_at = 0;
      world.clock.now_ += std::chrono::minutes(5);
      REQUIRE(world.gc());
      CHECK(nothing_left(world));
      CHECK(world.forge.runners().empty());
    }
}

}  // namespace cml::test
