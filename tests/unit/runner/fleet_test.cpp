// A month of one repository over the fakes of GitHub and EC2, in virtual time: real launches, real sweeps and real
// re-runs, in a world where lists are late and empty, new machines show late, the spot market takes machines away,
// agents hang, networks fail and events get lost. The machines behave as their boot script has it (serve_test.cpp);
// month_test.cpp plays the same with cml on the machine.
#include <catch2/catch.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "support/fake_ec2.hpp"
#include "support/runner_world.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

char const* const kSilent = "The self-hosted runner lost communication with the server.";
char const* const kToldToGo = "The runner has received a shutdown signal.";
constexpr int kRuns = 80, kDays = 30;
constexpr seconds kStep{30}, kIdle{300}, kGitHubNotices{600};

struct LivingMachine {
  std::string id, instance;
  Time ready_at, limit, idle_since;
  std::optional<Time> taken_at, hangs_at, away_until;  // Spot, the agent's end, the network.
  bool boots = true, listens = false, gone = false;
  std::optional<Time> job_ends;
};

struct Fleet : World {
  explicit Fleet(std::uint64_t seed) : state(seed) {
    environment.variables = {{"AWS_ACCESS_KEY_ID", "ID"}, {"AWS_SECRET_ACCESS_KEY", "SECRET"}};
    options.cloud = "aws";
    options.spot = true;
    http.cloud = [this](HttpRequest const& request) { return ec2.handle(request); };
    http.local = [this](HttpRequest const& request) { return in_process(request); };
    ec2.now = [this] { return iso_time(clock.now()); };
    ec2.clock = [this] { return clock.now(); };
    ec2.on_start = [this](FakeInstance const& instance) { begin(instance); };
    clock.on_sleep = [this] {
      for (LivingMachine& machine : machines) advance(machine);
    };
  }

  void run() {
    Time const start = clock.now(), end = start + hours(24 * kDays);
    Time next_sweep = start;
    for (int begun = 0; clock.now() < end + hours(48); clock.sleep_for(kStep)) {
      while (begun < kRuns && clock.now() >= start + hours(24 * kDays) * begun / kRuns) queue(++begun);
      forge.work([this](FakeJob const& job) { deploy(job); });
      tell_runs();
      events();
      if (clock.now() < next_sweep) continue;
      next_sweep = clock.now() + hours(4);
      forge.empty_lists = chance(1, 10);
      forge.empty_jobs = chance(1, 10);
      forge.empty_runs = chance(1, 10);
      if (chance(1, 10)) ec2.away = {"us-west-1"};
      (void)gc();
      ec2.away.clear();
      forge.empty_lists = forge.empty_jobs = forge.empty_runs = 0;
    }
  }

  int outlived = 0, stopped_at_work = 0, cut_off = 0, by_themselves = 0, never_booted = 0;
  std::set<long long> interrupted;  // Runs of which a job was cut off in the first attempt.

 private:
  std::uint64_t random_number() { return state = state * 6364136223846793005u + 1442695040888963407u, state >> 33; }
  bool chance(std::uint64_t of, std::uint64_t among) { return random_number() % among < of; }
  seconds up_to(long long most) { return seconds(static_cast<long long>(random_number()) % most); }

  std::optional<HttpResponse> in_process(HttpRequest const& request) {
    auto const url = parse_url(request.url);
    if (!url || url->host != "127.0.0.1") return std::nullopt;
    ServerRequest asked{request.method, url->path, "", request.body, {}};
    if (auto const at = request.url.find('?'); at != std::string::npos) asked.query = request.url.substr(at + 1);
    for (auto const& [name, value] : request.headers) asked.headers[to_lower(name)] = value;
    asked.headers["authorization"] = request.credential.reveal();
    ServerResponse const answer = forge.respond(asked);
    HttpResponse given{answer.status, {}, answer.body, ""};
    for (auto const& [name, value] : answer.headers) given.headers.emplace_back(to_lower(name), value);
    return given;
  }

  void queue(int number) {
    std::string const label = "gpu-" + std::to_string(number);
    FakeRun& run = forge.runs[number];
    run.created_at = iso_time(clock.now());
    run.jobs = {{"deploy", {"ubuntu-latest", label}, {}}, {"train", {"self-hosted", label}, {"deploy"}}};
  }

  // The launching job; where no machine comes up, it fails.
  void deploy(FakeJob const& job) {
    launch.labels = {job.labels[1]};
    launch.single = chance(1, 2);
    launch.max_lifetime = hours(1) + up_to(6 * 3600);
    launch.max_lifetime_given = true;
    if (launch_now()) return;
    for (auto& [id, run] : forge.runs)
      for (FakeJob& one : run.jobs)
        if (one.name == "deploy" && one.labels == job.labels) one.conclusion = "failure";
  }

  void begin(FakeInstance const& instance) {
    LivingMachine machine;
    machine.id = instance.tags.at("cml-id");
    machine.instance = instance.id;
    machine.ready_at = clock.now() + seconds(60) + up_to(120);
    machine.limit = *parse_iso_time(instance.tags.at("cml-expires-at"));
    machine.boots = !chance(1, 20);
    never_booted += !machine.boots;
    if (chance(1, 4)) machine.taken_at = machine.ready_at + minutes(5) + up_to(3 * 3600);
    if (chance(1, 20)) machine.hangs_at = machine.ready_at + minutes(5) + up_to(3 * 3600);
    machines.push_back(machine);
  }

  FakeInstance& instance_of(LivingMachine const& machine) {
    return *std::find_if(ec2.instances.begin(), ec2.instances.end(),
                         [&](FakeInstance const& one) { return one.id == machine.instance; });
  }
  std::pair<long long, FakeJob*> job_of(LivingMachine const& machine) {
    for (auto& [id, run] : forge.runs)
      for (FakeJob& job : run.jobs)
        if (job.runner_name == machine.id && job.status == "in_progress") return {id, &job};
    return {0, nullptr};
  }

  // The agent's last word, or none: then GitHub notices after a while.
  void cut(LivingMachine& machine, bool could_tell) {
    auto const [run, job] = job_of(machine);
    if (FakeRunner* runner = forge.find(machine.id)) runner->online = false;
    if (job == nullptr) return;
    ++cut_off;
    if (forge.runs[run].attempt == 1) interrupted.insert(run);
    pending.push_back(
        {clock.now() + (could_tell ? seconds(0) : kGitHubNotices), machine.id, could_tell ? kToldToGo : kSilent});
  }
  void power_off(LivingMachine& machine, bool could_tell) {
    machine.gone = true;
    instance_of(machine).state = "terminated";
    cut(machine, could_tell);
    outlived += clock.now() > machine.limit + seconds(60);
  }

  void advance(LivingMachine& machine) {
    if (machine.gone) return;
    Time const now = clock.now();
    auto const [run, job] = job_of(machine);
    if (instance_of(machine).state == "terminated") {  // By a sweep or an undo.
      machine.gone = true;
      stopped_at_work += job != nullptr && now < machine.limit && !machine.hangs_at;
      return cut(machine, false);
    }
    if (now >= machine.limit) return power_off(machine, false);  // Its own timer.
    if (machine.taken_at && now >= *machine.taken_at) return power_off(machine, chance(1, 2));
    if (!machine.boots) {
      if (now >= machine.ready_at + minutes(30)) power_off(machine, false);
      return;
    }
    if (now < machine.ready_at) return;
    FakeRunner* runner = forge.find(machine.id);
    if (!machine.listens) {
      machine.listens = true;
      machine.idle_since = now;
      if (runner == nullptr)
        forge.add({0, machine.id, {"self-hosted", launch.labels[0]}, true, false, false, 1, now});
      else
        runner->online = true;
      return;
    }
    if (runner == nullptr) return power_off(machine, true);  // Its registration is gone: the agent ends.
    if (machine.hangs_at && now >= *machine.hangs_at) {      // The watchdog takes it ten minutes later.
      if (runner->online) cut(machine, false);
      if (now >= *machine.hangs_at + minutes(10)) power_off(machine, false);
      return;
    }
    if (machine.away_until) runner->online = now >= *machine.away_until;
    if (runner->online) machine.away_until.reset();
    if (!machine.away_until && chance(1, 400)) machine.away_until = now + up_to(5400), runner->online = false;
    if (job != nullptr) {
      if (!machine.job_ends) machine.job_ends = now + minutes(1) + up_to(4 * 3600);
      if (now < *machine.job_ends || !runner->online) return;
      bool const failed = chance(1, 8);
      by_themselves += failed;
      job->status = "completed", job->conclusion = failed ? "failure" : "success";
      if (failed) job->annotation = "Process completed with exit code 1.";
      runner->busy = false;
      machine.job_ends.reset();
      machine.idle_since = now;
      if (!runner->single) return;
      forge.forget(machine.id);
      return power_off(machine, true);
    }
    if (now - machine.idle_since >= kIdle) power_off(machine, true);
  }

  // What GitHub makes of silence, of failed needs and of jobs that are over.
  void tell_runs() {
    for (Pending const& one : pending) {
      if (clock.now() < one.at) continue;
      for (auto& [id, run] : forge.runs)
        for (FakeJob& job : run.jobs)
          if (job.runner_name == one.runner && job.status == "in_progress")
            job.status = "completed", job.conclusion = "failure", job.annotation = one.annotation;
      if (FakeRunner* runner = forge.find(one.runner)) runner->busy = false;
    }
    std::erase_if(pending, [&](Pending const& one) { return clock.now() >= one.at; });
    for (auto& [id, run] : forge.runs) {
      if (run.status == "completed") continue;
      FakeJob& train = run.job("train");
      if (run.job("deploy").conclusion == "failure" && train.status == "queued")
        train.status = "completed", train.conclusion = "skipped";
      if (train.status != "completed") {
        run.status = train.status == "in_progress" ? "in_progress" : "queued";
        continue;
      }
      run.status = "completed";
      run.conclusion = train.conclusion == "success" ? "success" : "failure";
      if (run.conclusion != "success" && !chance(1, 20)) over.push_back({clock.now() + up_to(300), id});
    }
  }

  // "on: workflow_run"; one in twenty is never sent.
  void events() {
    auto const now = clock.now();
    std::vector<long long> due;
    for (auto const& [at, id] : over)
      if (at <= now) due.push_back(id);
    std::erase_if(over, [&](auto const& one) { return one.first <= now; });
    for (long long id : due) {
      forge.empty_jobs = chance(1, 5);
      auto const agent = make_agent(driver, agent_setup());
      (void)rerun_interrupted({ports, agent->get(), {}, {}, {}, false, false}, std::to_string(id));
      forge.empty_jobs = 0;
    }
  }

  struct Pending {
    Time at;
    std::string runner, annotation;
  };
  std::uint64_t state;
  FakeEc2 ec2;
  std::vector<LivingMachine> machines;
  std::vector<Pending> pending;
  std::vector<std::pair<Time, long long>> over;

 public:
  int living() const { return ec2.living(); }
};

}  // namespace

TEST_CASE(
    "fleet: a month over late and empty lists: no machine outlives its limit, none is stopped at work, what was "
    "interrupted runs again once, on a machine",
    "[runner][month]") {
  for (std::uint64_t const seed : {1u, 77u, 2026u}) {
    INFO("seed " << seed);
    Fleet fleet(seed);
    fleet.run();
    CHECK(fleet.living() == 0);
    CHECK(fleet.forge.runners().empty());
    CHECK(fleet.outlived == 0);
    CHECK(fleet.stopped_at_work == 0);
    CHECK(fleet.cut_off > kRuns / 20);  // It was not an easy month.
    CHECK(fleet.by_themselves > kRuns / 40);
    CHECK(fleet.never_booted > 0);
    for (auto const& [id, run] : fleet.forge.runs) {
      INFO("run " << id << " " << run.status << " attempt " << run.attempt);
      CHECK(run.attempt == (fleet.interrupted.count(id) > 0 ? 2 : 1));
      CHECK(run.status == "completed");
      // Its job found a machine, unless none came up at all.
      CHECK((run.jobs[0].conclusion == "failure" || !run.jobs[1].runner_name.empty()));
    }
  }
}
