// The life of one runner as a pure function: an event in, actions out. supervise.cpp carries the actions out; the tests
// play events from tables.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cml::runner {

using Time = std::chrono::system_clock::time_point;
using std::chrono::seconds;

enum class Phase {
  Starting,  // The agent was started and has not said that it listens.
  Idle,
  Busy,
  Draining,  // On the way out: no return, save where the forge says that a job has just been assigned.
  Gone
};
std::string_view name_of(Phase);

struct Policy {
  std::optional<seconds> idle_timeout = seconds(300);  // Nothing: never.
  std::optional<seconds> max_lifetime;                 // Counted from the start; also interrupts a job.
  std::optional<seconds> job_limit;  // A job this old is ended here before the forge ends it for good.
  seconds start_limit{1200};         // For the agent to say that it listens.
  seconds stop_grace{30};            // From asking the agent to end to killing it.
  bool single = false;
  bool retry = true;                                             // Interrupted jobs are run again.
  std::string left_over = "\"cml runner gc\" removes it later";  // Of a registration that could not be removed.
};

struct Job {
  std::string id, pipeline;  // As the forge's log or hook names them; may be empty.
  std::string repository;    // Where the forge said so ("owner/name"); empty: the runner's own.
  std::string runner;        // The name of the one that had it, where that is known.
  std::string maker;         // The job that made that runner's machine, where that is known (GitLab).
  bool operator==(Job const&) const = default;
};

struct Tick {};
struct AgentReady {};
struct JobStarted {
  Job job;
};
struct JobIdentified {  // The names of the running job, known later than its start.
  Job job;
};
struct JobEnded {
  std::optional<bool> success = false;  // Nothing: it is over, and that is all that is known.
};
struct AgentExited {
  int code = 0;
};
struct StopRequested {
  std::string reason;      // "SIGTERM"
  bool after_job = false;  // A running job may finish first.
};
struct Interruption {  // The machine will be taken away.
  std::string reason;
  std::optional<Time> deadline;
};
struct RegistrationGone {};  // Somebody removed it on the forge: no job will ever come.
struct UnregisterAnswered {
  enum class Outcome { Done, StillBusy, Failed } outcome = Outcome::Done;
  std::string message;
};
struct RestartAnswered {
  bool done = false;
  std::string message;
  // The forge could not be asked: the registration stays, so that the sweeper finds the job by it.
  bool unreachable = false;
  bool later = false;  // Not yet: others of its run still work.
};
using Event = std::variant<Tick, AgentReady, JobStarted, JobIdentified, JobEnded, AgentExited, StopRequested,
                           Interruption, RegistrationGone, UnregisterAnswered, RestartAnswered>;

struct Announce {  // A line for those who read the log: ready, job_started, job_ended.
  std::string_view status;
  Job job;
  std::optional<bool> success;
  bool operator==(Announce const&) const = default;
};
struct Unregister {  // Answered by UnregisterAnswered.
  bool operator==(Unregister const&) const = default;
};
struct CloseRunner {  // No further job; the running one goes on.
  bool operator==(CloseRunner const&) const = default;
};
struct StopAgent {
  bool kill = false;  // The whole group, at once.
  bool operator==(StopAgent const&) const = default;
};
struct RestartJob {  // Answered by RestartAnswered; asked for at most once in a life.
  Job job;
  bool operator==(RestartJob const&) const = default;
};
struct Say {  // A line for people.
  std::string line;
  bool warning = false;
  bool operator==(Say const&) const = default;
};
struct Finish {
  std::string reason;
  bool failed = false;  // The reason is an error.
  bool operator==(Finish const&) const = default;
};
using Action = std::variant<Announce, Unregister, CloseRunner, StopAgent, RestartJob, Say, Finish>;

struct Life {
  Phase phase = Phase::Starting;
  Time started, idle_since, job_since;
  Job job;
  bool in_job = false;         // Between a job's start and its end, in whatever phase.
  std::string stop_after_job;  // Reason to leave once the job is over; empty: none.
  std::optional<Time> cut_at;  // The machine will be taken away: the job may work on until then.
  Time taken_at;               // When that is.

  // While draining.
  std::string reason;
  bool failed = false;
  bool soft = false;  // The forge may call it off.
  bool agent_gone = false;
  bool unregistered = false;  // Done, or given up.
  bool stop_asked = false, killed = false;
  bool restart_due = false, restart_asked = false;
  Time kill_at, give_up_at, ask_again_at;
};

struct Step {
  Life life;
  std::vector<Action> actions;
};
Life born(Time now);
Step step(Life, Policy const&, Event const&, Time now);

}  // namespace cml::runner
