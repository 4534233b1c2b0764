// A month of 10,000 launches in virtual time: the real state machine and the real sweeper, in a world where agents
// crash, supervisors die or hang, machines lose their network, spot markets take them away and the forge is down now
// and then.
#include <catch2/catch.hpp>

#include <map>
#include <queue>
#include <set>

#include "runner/machine_id.hpp"
#include "runner/sweep.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

namespace {

constexpr seconds kMonth = std::chrono::hours(30 * 24);
constexpr int kLaunches = 10000;
constexpr seconds kServiceWatchdog{
    600};  // WatchdogSec of the boot script: a hanging supervisor is killed, and the power goes.

struct Simulated {
  std::string id;
  Time born, limit;
  Policy policy;
  Life life;
  bool machine_there = true, registered = true;
  enum class Supervisor { Fine, Dead, Hanging } supervisor = Supervisor::Fine;
  Time hangs_since;
  bool agent_alive = true, offline = false;
  int job = 0;  // 0: none.
  int cut = 0;  // The one that was cut off here, as the forge remembers it by the runner's name.
  Time job_ends;
  std::optional<Time> spot_end;  // When the cloud takes it.
  Time ended;
};

class Month {
 public:
  explicit Month(std::uint64_t seed) : seed_(seed) {}

  void run() {
    for (Time now = start_; now < start_ + kMonth + std::chrono::hours(24 * 3); now += seconds(10)) {
      now_ = now;
      forge_down_ = forge_down_ ? chance(1, 30) ? false : true : chance(1, 4000);
      while (launched < kLaunches && now >= start_ + kMonth * launched / kLaunches) launch();
      for (Simulated& machine : machines_) advance(machine);
      if ((now - start_).count() % std::chrono::nanoseconds(std::chrono::minutes(30)).count() == 0) sweep();
      // What is over needs no more attention.
      for (std::size_t i = 0; i < machines_.size();) {
        if (machines_[i].machine_there || machines_[i].registered) {
          ++i;
          continue;
        }
        finish(machines_[i]);
        machines_[i] = std::move(machines_.back());
        machines_.pop_back();
      }
    }
  }

  int launched = 0, ended = 0, interrupted = 0, outlived = 0, stopped_while_busy = 0, crashes = 0, hangs = 0,
      endless = 0, over_limit = 0;
  std::set<int> failures;       // Jobs that failed by themselves.
  std::map<int, int> restarts;  // By job.
  std::map<int, bool> cut_off;  // Jobs that did not end by themselves.
  std::size_t left() const { return machines_.size(); }
  std::string longest;

 private:
  std::uint64_t random() { return seed_ = seed_ * 6364136223846793005u + 1442695040888963407u, seed_ >> 33; }
  bool chance(std::uint64_t of, std::uint64_t among) { return random() % among < of; }

  void launch() {
    Simulated m;
    m.id = make_id("m", "aws", now_, ids_);
    m.born = now_;
    m.policy.max_lifetime = std::chrono::hours(2 + static_cast<int>(random() % 20));
    m.policy.single = chance(1, 3);
    if (chance(1, 2)) m.policy.job_limit = std::chrono::hours(5);  // As GitHub's five days.
    m.limit = now_ + *m.policy.max_lifetime;
    m.life = born(now_);
    if (chance(1, 4)) m.spot_end = now_ + seconds(static_cast<long long>(random() % 20000));
    if (chance(1, 50)) m.agent_alive = false;  // The boot failed: nothing ever registers as online.
    ++launched;
    machines_.push_back(m);
  }

  void power_off(Simulated& m) {
    if (!m.machine_there) return;
    m.machine_there = false;
    m.ended = now_;
    if (m.job != 0) cut_off[m.cut = m.job] = true;  // Its end is only known to the forge.
    if (now_ > m.limit + seconds(60)) ++outlived, longest = m.id;
  }

  void job_over(Simulated& m, bool success) {
    if (!success) cut_off[m.cut = m.job] = true;
    m.job = 0;
  }

  void restart(int job) {
    // As GitHub counts attempts: the second try of the same one is refused.
    if (restarts[job] == 0) ++restarts[job];
  }

  void play(Simulated& m, Event const& first) {
    std::vector<Event> events{first};
    while (!events.empty()) {
      Event const event = events.front();
      events.erase(events.begin());
      bool const was_busy = m.life.phase == Phase::Busy;
      Step next = step(m.life, m.policy, event, now_);
      m.life = next.life;
      over_limit += was_busy && m.life.phase == Phase::Draining && m.life.reason.substr(0, 10) == "job-limit:";
      // An idle time-out never takes a machine that works.
      if (was_busy && m.life.phase == Phase::Draining && m.life.reason.substr(0, 8) == "timeout:") ++stopped_while_busy;
      for (Action const& action : next.actions) {
        using Outcome = UnregisterAnswered::Outcome;
        if (std::holds_alternative<Unregister>(action)) {
          bool const reached = !forge_down_ && !m.offline;
          bool const busy = m.job != 0;
          if (reached && !busy) m.registered = false;
          events.push_back(UnregisterAnswered{!reached ? Outcome::Failed
                                              : busy   ? Outcome::StillBusy
                                                       : Outcome::Done,
                                              ""});
        } else if (auto* stop = std::get_if<StopAgent>(&action)) {
          if (m.job != 0 && (stop->kill || chance(9, 10))) ++interrupted;
          if (stop->kill || chance(9, 10)) {  // Some agents ignore the first signal.
            if (m.job != 0) job_over(m, false);
            m.agent_alive = false;
            events.push_back(AgentExited{stop->kill ? 137 : 0});
          }
        } else if (auto* again = std::get_if<RestartJob>(&action)) {
          bool const reached = !forge_down_ && !m.offline;
          if (reached) restart(static_cast<int>(std::stol(again->job.pipeline)));
          events.push_back(RestartAnswered{reached, "", !reached});
        } else if (std::holds_alternative<Finish>(action)) {
          power_off(m);  // ExecStopPost of the service.
        }
      }
    }
  }

  void advance(Simulated& m) {
    if (!m.machine_there) {
      if (!m.registered) return;
      return;  // gc unregisters it.
    }
    // The machine's own clock and the cloud's market know nothing of cml.
    if (now_ >= m.limit + seconds(30)) return power_off(m);
    if (m.spot_end && now_ >= *m.spot_end) return power_off(m);
    if (m.supervisor == Simulated::Supervisor::Dead) return power_off(m);
    if (m.supervisor == Simulated::Supervisor::Hanging) {
      if (now_ - m.hangs_since >= kServiceWatchdog) power_off(m);
      return;
    }
    if (chance(1, 200000)) return ++crashes, void(m.supervisor = Simulated::Supervisor::Dead);
    if (chance(1, 200000)) return ++hangs, m.hangs_since = now_, void(m.supervisor = Simulated::Supervisor::Hanging);
    if (m.offline ? chance(1, 20) : chance(1, 20000)) m.offline = !m.offline;
    if (m.agent_alive) {
      if (m.life.phase == Phase::Starting && now_ - m.born > seconds(90)) play(m, AgentReady{});
      if (m.life.phase == Phase::Idle && m.job == 0 && chance(1, 20) && !m.offline) {
        m.job = ++jobs_;
        m.job_ends = now_ + seconds(static_cast<long long>(60 + random() % 20000));
        if (chance(1, 30)) m.job_ends = now_ + std::chrono::hours(100), ++endless;  // Longer than any limit.
        play(m, JobStarted{{"", std::to_string(m.job), ""}});
      }
      if (m.job != 0 && now_ >= m.job_ends) {
        bool const failed = chance(1, 8);  // By itself: that is its own affair.
        if (failed) failures.insert(m.job);
        job_over(m, true);
        play(m, JobEnded{!failed});
      }
      if (m.agent_alive && m.life.phase != Phase::Gone && chance(1, 100000)) {
        ++crashes;
        m.agent_alive = false;
        if (m.job != 0) job_over(m, false);
        play(m, AgentExited{139});
      }
      if (m.spot_end && m.machine_there && now_ + seconds(120) >= *m.spot_end)
        play(m, Interruption{"spot", *m.spot_end});
    }
    if (m.machine_there) play(m, Tick{});
  }

  // The real judgement on what the clouds and the forge would tell.
  void sweep() {
    if (forge_down_ || chance(1, 50)) return;  // A scheduled run that failed; the next one comes.
    std::vector<cloud::Machine> machines;
    std::vector<RunnerSeen> runners;
    std::map<std::string, Simulated*> by_id;
    for (Simulated& m : machines_) {
      by_id[m.id] = &m;
      if (m.machine_there) {
        cloud::Machine machine;
        machine.id = m.id;
        machine.cloud = "aws";
        machine.state = "running";
        machine.launched_at = m.born;
        machine.expires_at = m.limit;
        machines.push_back(machine);
      }
      bool const online = m.machine_there && m.agent_alive && !m.offline && m.life.phase != Phase::Starting;
      if (m.registered) runners.push_back({"1", m.id, online, m.job != 0 ? Work::Busy : Work::Idle, {}});
    }
    SweepRules rules;
    rules.whole_clouds = {"aws"};
    for (Sight const& sight : match(machines, runners)) {
      Verdict const verdict = judge(sight, rules, now_);
      if (verdict.what == Verdict::What::Keep) continue;
      Simulated& m = *by_id.at(sight.id);
      if (m.machine_there && m.job != 0 && now_ < m.limit) ++stopped_while_busy;
      power_off(m);
      if (verdict.restart_job && m.cut != 0) restart(m.cut);
      m.job = 0;
      m.registered = false;
    }
  }

  void finish(Simulated const&) { ++ended; }

  std::uint64_t seed_;
  FakeRandom ids_;
  Time start_ = Time() + std::chrono::hours(500000), now_ = start_;
  std::vector<Simulated> machines_;
  bool forge_down_ = false;
  int jobs_ = 0;
};

}  // namespace

TEST_CASE("a month: no machine outlives its limit, none is stopped while busy, interrupted jobs run again once",
          "[runner][month]") {
  Month month(2026);
  month.run();
  CHECK(month.launched == kLaunches);
  CHECK(month.ended == kLaunches);
  CHECK(month.left() == 0);
  INFO("longest " << month.longest);
  CHECK(month.outlived == 0);
  CHECK(month.stopped_while_busy == 0);
  // The month was not an easy one.
  CHECK(month.interrupted > 500);
  CHECK(month.crashes > 20);
  CHECK(month.hangs > 5);
  CHECK(month.failures.size() > 500);
  CHECK(month.endless > 200);
  CHECK(month.over_limit > 50);
  for (int job : month.failures) CHECK_FALSE(month.cut_off[job]);
  int once = 0, never = 0, twice = 0;
  for (auto const& [job, cut] : month.cut_off) {
    if (!cut) continue;
    int const count = month.restarts.count(job) > 0 ? month.restarts.at(job) : 0;
    once += count == 1;
    never += count == 0;
    twice += count > 1;
  }
  for (auto const& [job, count] : month.restarts)
    if (count > 0) CHECK(month.cut_off[job]);  // Only what was cut off.
  CHECK(once > 500);
  CHECK(twice == 0);
  INFO("never restarted: " << never << " of " << once);
  CHECK(never == 0);
}
