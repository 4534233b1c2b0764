// The state machine by tables: events at seconds, and the actions they must give, written as words.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "runner/life_cycle.hpp"

using namespace cml;
using namespace cml::runner;

namespace {

using Busy = UnregisterAnswered::Outcome;
UnregisterAnswered const kDone{Busy::Done, ""}, kStillBusy{Busy::StillBusy, "is still running a job"},
    kRefused{Busy::Failed, "no network"};

std::string word(Action const& action) {
  struct Visitor {
    std::string operator()(Announce const& a) {
      return std::string(a.status) + (a.success ? (*a.success ? "+" : "-") : "");
    }
    std::string operator()(Unregister const&) { return "unregister"; }
    std::string operator()(CloseRunner const&) { return "close"; }
    std::string operator()(StopAgent const& a) { return a.kill ? "kill" : "stop"; }
    std::string operator()(RestartJob const& a) { return "restart(" + a.job.pipeline + ")"; }
    std::string operator()(Say const& a) { return a.warning ? "warn" : "say"; }
    std::string operator()(Finish const& a) { return (a.failed ? "fail(" : "finish(") + a.reason + ")"; }
  };
  return std::visit(Visitor{}, action);
}

struct Moment {
  int second;
  Event event;
  std::string actions;  // Joined by blanks.
};
struct Case {
  std::string name;
  Policy policy;
  std::vector<Moment> moments;
  Phase end = Phase::Gone;
};

Policy policy(void (*change)(Policy&) = nullptr) {
  Policy result;
  if (change != nullptr) change(result);
  return result;
}
JobStarted job(std::string pipeline) { return {{"7", std::move(pipeline), ""}}; }

}  // namespace

TEST_CASE("life cycle: every way through it", "[runner][life]") {
  Time const zero = Time() + std::chrono::hours(500000);
  std::vector<Case> const cases{
      {"idle time-out, the agent ends when asked",
       policy(),
       {{5, AgentReady{}, "ready"},
        {304, Tick{}, ""},
        {305, Tick{}, "unregister"},
        {305, kDone, "stop"},
        {307, AgentExited{0}, "finish(timeout:300)"},
        {308, Tick{}, ""}}},
      {"the idle time counts from the end of the last job",
       policy(),
       {{1, AgentReady{}, "ready"},
        {200, job("55"), "job_started"},
        {900, Tick{}, ""},
        {1000, JobEnded{true}, "job_ended+"},
        {1299, Tick{}, ""},
        {1300, Tick{}, "unregister"},
        {1300, kDone, "stop"},
        {1301, AgentExited{130}, "finish(timeout:300)"}}},
      {"a job was assigned in the same moment: the forge calls the idle time-out off",
       policy(),
       {{1, AgentReady{}, "ready"},
        {301, Tick{}, "unregister"},
        {301, kStillBusy, "say"},
        {302, job("55"), "job_started"},
        {9000, Tick{}, ""}},
       Phase::Busy},
      {"never",
       policy([](Policy& p) { p.idle_timeout.reset(); }),
       {{1, AgentReady{}, "ready"}, {9'000'000, Tick{}, ""}},
       Phase::Idle},
      {"single: ends after one job, whatever its result",
       policy([](Policy& p) { p.single = true; }),
       {{1, AgentReady{}, "ready"},
        {2, job("55"), "job_started close"},
        {60, JobEnded{false}, "job_ended- unregister"}},
       Phase::Draining},
      {"single: while the result is on its way the forge still calls it busy",
       policy([](Policy& p) { p.single = true; }),
       {{1, AgentReady{}, "ready"},
        {2, job("55"), "job_started close"},
        {60, JobEnded{true}, "job_ended+ unregister"},
        {60, kStillBusy, ""},
        {65, Tick{}, ""},
        {70, Tick{}, "unregister"},
        {70, kDone, "stop"},
        {71, AgentExited{0}, "finish(single job)"}}},
      {"single: an agent that leaves by itself",
       policy([](Policy& p) { p.single = true; }),
       {{1, AgentReady{}, "ready"},
        {2, job("55"), "job_started close"},
        {60, JobEnded{true}, "job_ended+ unregister"},
        {60, kStillBusy, ""},
        {62, AgentExited{0}, "unregister"},
        {62, kDone, "finish(single job)"}}},
      {"spot notice while idle",
       policy(),
       {{1, AgentReady{}, "ready"},
        {10, Interruption{"spot", zero + seconds(130)}, "unregister"},
        {10, kDone, "stop"},
        {12, AgentExited{0}, "finish(spot)"}}},
      {"spot notice while busy: the job works on until shortly before, and runs again once",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, Interruption{"spot", zero + seconds(130)}, "say"},
        {11, Interruption{"spot", zero + seconds(130)}, ""},
        {84, Tick{}, ""},
        {85, Tick{}, "stop"},
        {87, AgentExited{0}, "restart(55)"},
        {100, RestartAnswered{true, "run 55"}, "say unregister"},
        {100, kDone, "finish(spot)"}}},
      {"spot notice while busy, and the job ends in time: no other one is taken",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, Interruption{"spot", zero + seconds(130)}, "say"},
        {70, JobEnded{true}, "job_ended+ unregister"},
        {70, kDone, "stop"},
        {71, AgentExited{0}, "finish(spot)"}}},
      {"the job's run still has others at work: it runs again later",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, StopRequested{"SIGTERM"}, "stop"},
        {12, AgentExited{0}, "restart(55)"},
        {13, RestartAnswered{false, "run 55", false, true}, "say unregister"},
        {13, kDone, "finish(SIGTERM)"}}},
      {"somebody removed the registration: nothing is served any more, and that is the reason",
       policy([](Policy& p) { p.idle_timeout.reset(); }),
       {{1, AgentReady{}, "ready"},
        {5, RegistrationGone{}, "stop"},
        {6, RegistrationGone{}, ""},
        {7, AgentExited{0}, "fail(its registration is gone from the forge: somebody removed the runner there)"}}},
      {"the same in the middle of a job, which runs again",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, RegistrationGone{}, "stop"},
        {12, AgentExited{0}, "restart(55)"},
        {13, RestartAnswered{true, ""},
         "say fail(its registration is gone from the forge: somebody removed the runner there)"}}},
      {"spot notice shorter than the grace: the agent is killed in time for the rest",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, Interruption{"spot", zero + seconds(45)}, "stop"},
        {27, Tick{}, ""},  // Of 35 seconds half for the agent, half for us.
        {28, Tick{}, "kill"},
        {28, AgentExited{137}, "restart(55)"},
        {30, RestartAnswered{false, "refused"}, "warn unregister"},
        {30, kRefused, "warn finish(spot)"}}},
      {"spot notice while busy and the forge is away: the registration stays for the sweeper",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, Interruption{"spot", {}}, "stop"},
        {12, AgentExited{0}, "restart(55)"},
        {15, RestartAnswered{false, "no network", true}, "warn finish(spot)"}}},
      {"no retry",
       policy([](Policy& p) { p.retry = false; }),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, Interruption{"spot", {}}, "stop"},
        {12, AgentExited{0}, "unregister"},
        {12, kDone, "finish(spot)"}}},
      {"SIGTERM while busy",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, StopRequested{"SIGTERM"}, "stop"},
        {11, StopRequested{"SIGTERM"}, ""},
        {12, JobEnded{false}, "job_ended-"},
        {12, AgentExited{0}, "restart(55)"},
        {13, RestartAnswered{true, ""}, "say unregister"},
        {13, kDone, "finish(SIGTERM)"}}},
      {"SIGTERM as the job ends well: nothing is run again",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, StopRequested{"SIGTERM"}, "stop"},
        {11, JobEnded{true}, "job_ended+"},
        {12, AgentExited{0}, "unregister"},
        {12, kDone, "finish(SIGTERM)"}}},
      {"SIGINT while busy waits for the job, the second one does not",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, StopRequested{"SIGINT", true}, "say"},
        {500, Tick{}, ""},
        {510, StopRequested{"SIGINT", true}, "stop"},
        {512, AgentExited{0}, "restart(55)"},
        {513, RestartAnswered{true, ""}, "say unregister"},
        {513, kDone, "finish(SIGINT)"}}},
      {"SIGINT while busy, and the job ends",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, StopRequested{"SIGINT", true}, "say"},
        {20, JobEnded{true}, "job_ended+ unregister"},
        {20, kDone, "stop"},
        {21, AgentExited{0}, "finish(SIGINT)"}}},
      {"SIGTERM while the idle time-out is under way",
       policy(),
       {{1, AgentReady{}, "ready"},
        {301, Tick{}, "unregister"},
        {301, StopRequested{"SIGTERM"}, "stop"},
        {301, kDone, ""},
        {302, AgentExited{0}, "finish(timeout:300)"}}},
      {"SIGTERM while idle, but a job has just been assigned",
       policy(),
       {{1, AgentReady{}, "ready"},
        {10, StopRequested{"SIGTERM"}, "unregister"},
        {10, kStillBusy, "stop"},
        {11, job("56"), "job_started"},
        {12, AgentExited{0}, "restart(56)"},
        {13, RestartAnswered{true, ""}, "say unregister"},
        {13, kDone, "finish(SIGTERM)"}}},
      {"the agent crashes while idle",
       policy(),
       {{1, AgentReady{}, "ready"},
        {10, AgentExited{1}, "unregister"},
        {10, kDone, "fail(runner closed with exit code 1)"}}},
      {"the agent crashes while busy: its job runs again",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, job("55"), "job_started"},
        {10, AgentExited{139}, "restart(55)"},
        {11, RestartAnswered{true, ""}, "say unregister"},
        {11, kDone, "fail(runner closed with exit code 139)"}}},
      {"the agent closes by itself without trouble",
       policy(),
       {{1, AgentReady{}, "ready"},
        {10, AgentExited{0}, "unregister"},
        {10, kDone, "finish(runner closed with exit code 0)"}}},
      {"the agent crashes before it listens",
       policy(),
       {{1, AgentExited{2}, "unregister"}, {1, kDone, "fail(runner closed with exit code 2)"}}},
      {"the agent never listens",
       policy(),
       {{1199, Tick{}, ""},
        {1200, Tick{}, "unregister"},
        {1200, kDone, "stop"},
        {1229, Tick{}, ""},
        {1230, Tick{}, "kill"},
        {1231, AgentExited{137}, "fail(the agent was not ready after 1200 s)"}}},
      {"the forge cannot be reached: the machine goes all the same",
       policy(),
       {{1, AgentReady{}, "ready"},
        {301, Tick{}, "unregister"},
        {301, kRefused, "warn stop"},
        {302, AgentExited{0}, "finish(timeout:300)"}}},
      {"an agent that cannot be killed does not hold the machine",
       policy(),
       {{1, AgentReady{}, "ready"},
        {301, Tick{}, "unregister"},
        {301, kDone, "stop"},
        {331, Tick{}, "kill"},
        {390, Tick{}, ""},
        {391, Tick{}, "finish(timeout:300)"}}},
      {"maximum lifetime while idle",
       policy([](Policy& p) {
         p.max_lifetime = seconds(1000);
         p.idle_timeout.reset();
       }),
       {{1, AgentReady{}, "ready"},
        {999, Tick{}, ""},
        {1000, Tick{}, "unregister"},
        {1000, kDone, "stop"},
        {1001, AgentExited{0}, "finish(max-lifetime:1000)"}}},
      {"maximum lifetime while busy: the job moves to another machine",
       policy([](Policy& p) { p.max_lifetime = seconds(1000); }),
       {{1, AgentReady{}, "ready"},
        {900, job("55"), "job_started"},
        {1000, Tick{}, "stop"},
        {1001, AgentExited{0}, "restart(55)"},
        {1002, RestartAnswered{true, ""}, "say unregister"},
        {1002, kDone, "finish(max-lifetime:1000)"}}},
      {"the forge's limit for one job",
       policy([](Policy& p) { p.job_limit = seconds(431700); }),
       {{1, AgentReady{}, "ready"},
        {100, job("55"), "job_started"},
        {431799, Tick{}, ""},
        {431800, Tick{}, "stop"},
        {431801, AgentExited{0}, "restart(55)"},
        {431802, RestartAnswered{true, ""}, "say unregister"},
        {431802, kDone, "finish(job-limit:431700)"}}},
      {"the names of the job come later than its start",
       policy(),
       {{1, AgentReady{}, "ready"},
        {5, JobStarted{}, "job_started"},
        {6, JobIdentified{{"", "77", "o/r"}}, ""},
        {10, Interruption{"spot", {}}, "stop"},
        {12, AgentExited{0}, "restart(77)"},
        {13, RestartAnswered{true, ""}, "say unregister"},
        {13, kDone, "finish(spot)"}}},
      {"an agent that says twice that it listens",
       policy(),
       {{1, AgentReady{}, "ready"}, {2, AgentReady{}, ""}, {3, job("1"), "job_started"}, {4, AgentReady{}, ""}},
       Phase::Busy},
  };
  for (Case const& item : cases) {
    INFO(item.name);
    Life life = born(zero);
    for (std::size_t i = 0; i < item.moments.size(); ++i) {
      Moment const& moment = item.moments[i];
      auto next = step(life, item.policy, moment.event, zero + seconds(moment.second));
      life = next.life;
      std::string words;
      for (Action const& action : next.actions) words += (words.empty() ? "" : " ") + word(action);
      INFO("at " << moment.second << " s, event " << i);
      CHECK(words == moment.actions);
    }
    CHECK(name_of(life.phase) == name_of(item.end));
  }
}

// Whatever happens in whatever order, the promises hold.
TEST_CASE("life cycle: random events never restart twice, and a stop always ends", "[runner][life]") {
  std::uint64_t seed = 7;
  auto const random = [&](std::uint64_t below) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
  };
  for (int run = 0; run < 20000; ++run) {
    Policy rules;
    rules.single = random(3) == 0;
    if (random(2) == 0) rules.max_lifetime = seconds(1000 + random(5000));
    Time now = Time() + std::chrono::hours(500000);
    Life life = born(now);
    int restarts = 0, finishes = 0;
    bool stopped_busy_by_idle = false;
    auto const play = [&](Event const& event) {
      Phase const before = life.phase;
      auto next = step(life, rules, event, now);
      life = next.life;
      std::vector<Action> actions = next.actions;
      for (std::size_t i = 0; i < actions.size(); ++i) {
        if (auto* finish = std::get_if<Finish>(&actions[i])) {
          ++finishes;
          if (before == Phase::Busy && finish->reason.substr(0, 8) == "timeout:") stopped_busy_by_idle = true;
        }
        Event answer = Tick{};
        if (std::holds_alternative<Unregister>(actions[i])) {
          auto const outcome = random(3);
          answer = outcome == 0 ? kDone : outcome == 1 ? kStillBusy : kRefused;
        } else if (std::holds_alternative<RestartJob>(actions[i])) {
          ++restarts;
          answer = RestartAnswered{random(2) == 0, ""};
        } else {
          continue;
        }
        auto more = step(life, rules, answer, now);
        life = more.life;
        actions.insert(actions.end(), more.actions.begin(), more.actions.end());
      }
    };
    for (int i = 0; i < 60 && life.phase != Phase::Gone; ++i) {
      now += seconds(random(120));
      switch (random(9)) {
        case 0:
          play(AgentReady{});
          break;
        case 1:
          play(JobStarted{{"", "1", ""}});
          break;
        case 2:
          play(JobEnded{random(2) == 0});
          break;
        case 3:
          if (random(8) == 0) play(AgentExited{static_cast<int>(random(2))});
          break;
        case 4:
          if (random(8) == 0) play(StopRequested{"SIGTERM", false});
          break;
        case 5:
          if (random(8) == 0) play(Interruption{"spot", now + seconds(120)});
          break;
        default:
          play(Tick{});
      }
    }
    play(StopRequested{"SIGTERM", false});
    for (int i = 0; i < 200 && life.phase != Phase::Gone; ++i) {
      now += seconds(1);
      play(Tick{});
    }
    CHECK(life.phase == Phase::Gone);
    CHECK(restarts <= 1);
    CHECK(finishes == 1);
    CHECK_FALSE(stopped_busy_by_idle);
  }
}

TEST_CASE("life cycle: the end of a job is announced once, however often the agent says it", "[runner]") {
  Policy policy;
  policy.single = true;
  Time const now{};
  Life life = step(born(now), policy, AgentReady{}, now).life;
  Step const started = step(life, policy, JobStarted{}, now),
             first = step(started.life, policy, JobEnded{std::nullopt}, now),
             second = step(first.life, policy, JobEnded{std::nullopt}, now);
  auto const announced = [](Step const& taken) {
    return std::any_of(taken.actions.begin(), taken.actions.end(),
                       [](Action const& action) { return std::holds_alternative<Announce>(action); });
  };
  CHECK(announced(first));
  CHECK_FALSE(announced(second));
  CHECK(second.life.phase == first.life.phase);
}
