#include "runner/life_cycle.hpp"

#include <algorithm>
#include <utility>

namespace cml::runner {
namespace {

constexpr seconds kAskAgain{10};  // Between two tries to unregister a runner that the forge still calls busy.
constexpr seconds kGiveUp{60};    // After killing the agent: the machine goes even when the agent's end was never seen.
constexpr seconds kKeepForUs{
    30};  // Of a spot notice, half of it at most: for running the job again after the agent ended.
// Before the machine is taken away: the agent's end, and running the job again, fit in.
constexpr seconds kBeforeTheEnd{45};
constexpr std::string_view kSingle = "single job";

class Stepper {
 public:
  Stepper(Life life, Policy const& policy, Time now) : life_(std::move(life)), policy_(policy), now_(now) {}

  Step take(Event const& event) && {
    if (life_.phase != Phase::Gone) std::visit([this](auto const& e) { on(e); }, event);
    return {std::move(life_), std::move(actions_)};
  }

 private:
  enum class Hard { No, Yes };

  void on(Tick const&) {
    if (life_.phase == Phase::Draining) return drain_on();
    if (life_.cut_at && now_ >= *life_.cut_at) return cut();
    if (policy_.max_lifetime && now_ - life_.started >= *policy_.max_lifetime)
      return stop("max-lifetime:" + std::to_string(policy_.max_lifetime->count()), Hard::Yes);
    if (life_.phase == Phase::Starting && now_ - life_.started >= policy_.start_limit) {
      life_.failed = true;
      return stop("the agent was not ready after " + std::to_string(policy_.start_limit.count()) + " s", Hard::Yes);
    }
    if (life_.phase == Phase::Idle && policy_.idle_timeout && now_ - life_.idle_since >= *policy_.idle_timeout)
      return stop("timeout:" + std::to_string(policy_.idle_timeout->count()), Hard::No);
    if (life_.phase == Phase::Busy && policy_.job_limit && now_ - life_.job_since >= *policy_.job_limit)
      return stop("job-limit:" + std::to_string(policy_.job_limit->count()), Hard::Yes);
  }

  void on(AgentReady const&) {
    if (life_.phase != Phase::Starting) return;  // Printed again after a lost connection.
    life_.phase = Phase::Idle;
    life_.idle_since = now_;
    actions_.push_back(Announce{"ready", {}, {}});
  }

  void on(JobStarted const& event) {
    actions_.push_back(Announce{"job_started", event.job, {}});
    life_.job = event.job;
    life_.job_since = now_;
    life_.in_job = true;
    if (life_.phase != Phase::Draining) {
      life_.phase = Phase::Busy;
      if (policy_.single) actions_.push_back(CloseRunner{});
      return;
    }
    // It slipped in before the forge knew that we leave.
    if (life_.soft && !life_.stop_asked) {
      life_.phase = Phase::Busy;
      life_.soft = false;
      life_.unregistered = false;
      actions_.push_back(Say{"Cancelling shutdown: a job has started", false});
    } else {
      life_.restart_due = policy_.retry;
    }
  }

  void on(JobIdentified const& event) {
    if (life_.phase == Phase::Busy || life_.restart_due) life_.job = event.job;
  }

  void on(JobEnded const& event) {
    if (!life_.in_job) return;  // Said twice: an agent that is told to go says it once more.
    life_.in_job = false;
    actions_.push_back(Announce{"job_ended", life_.job, event.success});
    bool const draining = life_.phase == Phase::Draining;
    // A job that ended well needs no second run; one that was cut off by us does.
    if (draining && event.success.value_or(false)) life_.restart_due = false;
    if (draining) return;
    life_.phase = Phase::Idle;
    life_.idle_since = now_;
    life_.job = {};
    if (!life_.stop_after_job.empty()) return stop(life_.stop_after_job, Hard::Yes);
    if (policy_.single) return stop(std::string(kSingle), Hard::No);
  }

  void on(AgentExited const& event) {
    life_.agent_gone = true;
    if (life_.phase == Phase::Draining) return drain_on();
    bool const was_busy = life_.phase == Phase::Busy;
    std::string const reason = "runner closed with exit code " + std::to_string(event.code);
    life_.failed = event.code != 0;
    begin_draining(reason, Hard::Yes);
    life_.restart_due = was_busy && policy_.retry;
    drain_on();
  }

  void on(StopRequested const& event) {
    if (life_.phase == Phase::Busy && event.after_job && life_.stop_after_job.empty()) {
      life_.stop_after_job = event.reason;
      actions_.push_back(Say{event.reason + ": the running job may finish; once more to stop it", false});
      return;
    }
    stop(event.reason, Hard::Yes);
  }

  // A busy machine works on as long as it may: a job in its last minute is not lost.
  void on(Interruption const& event) {
    if (life_.phase == Phase::Busy && event.deadline && *event.deadline - now_ > kBeforeTheEnd) {
      if (life_.stop_after_job != event.reason) {
        auto const left = std::chrono::duration_cast<seconds>(*event.deadline - now_);
        actions_.push_back(Say{event.reason + " in " + std::to_string(left.count()) + " s: the job works on until " +
                                   std::to_string(kBeforeTheEnd.count()) + " s before",
                               false});
      }
      life_.stop_after_job = event.reason;
      life_.taken_at = *event.deadline;
      life_.cut_at = *event.deadline - kBeforeTheEnd;
      return;
    }
    stop(event.reason, Hard::Yes);
    if (event.deadline) hurry(*event.deadline);
  }

  void cut() {
    life_.cut_at.reset();
    stop(life_.stop_after_job, Hard::Yes);
    hurry(life_.taken_at);
  }

  void hurry(Time deadline) {
    if (life_.phase != Phase::Draining) return;
    auto const left = std::max(deadline - now_, Time::duration(0));
    Time const latest = now_ + left - std::min<Time::duration>(kKeepForUs, left / 2);
    life_.kill_at = std::min(life_.kill_at, latest);
    life_.give_up_at = std::min(life_.give_up_at, deadline);
  }

  // Nothing is left to unregister. A job that runs can report nothing any more, but its run can start again.
  void on(RegistrationGone const&) {
    if (life_.phase == Phase::Draining) return;
    bool const busy = life_.phase == Phase::Busy;
    life_.failed = true;
    begin_draining("its registration is gone from the forge: somebody removed the runner there", Hard::Yes);
    life_.unregistered = true;
    life_.restart_due = busy && policy_.retry;
    ask_agent_to_stop();
  }

  void on(UnregisterAnswered const& event) {
    using Outcome = UnregisterAnswered::Outcome;
    if (life_.phase != Phase::Draining) return;
    if (event.outcome == Outcome::StillBusy && life_.soft && !life_.agent_gone) {
      if (life_.reason == kSingle) {  // The result is still on its way: ask again until the agent is gone.
        life_.ask_again_at = now_ + kAskAgain;
        return;
      }
      actions_.push_back(Say{"Cancelling shutdown: " + event.message, false});
      life_.phase = Phase::Idle;
      life_.idle_since = now_;
      return;
    }
    if (event.outcome == Outcome::StillBusy && !life_.agent_gone)
      return ask_agent_to_stop();  // Asked again once it is gone.
    life_.unregistered = true;
    if (event.outcome != Outcome::Done)
      actions_.push_back(
          Say{"the runner could not be unregistered: " + event.message + "; " + policy_.left_over, true});
    drain_on();
  }

  void on(RestartAnswered const& event) {
    if (life_.phase != Phase::Draining) return;
    if (event.later)
      actions_.push_back(Say{"the interrupted job runs again later: " + event.message, false});
    else if (!event.done)
      actions_.push_back(Say{"the interrupted job was not run again: " + event.message, true});
    else
      actions_.push_back(Say{"the interrupted job runs again: " + event.message, false});
    life_.restart_due = false;
    if (!event.done && event.unreachable) life_.unregistered = true;
    drain_on();
  }

  void begin_draining(std::string reason, Hard hard) {
    life_.phase = Phase::Draining;
    life_.reason = std::move(reason);
    life_.soft = hard == Hard::No;
    life_.kill_at = now_ + policy_.stop_grace;
    life_.give_up_at = life_.kill_at + kGiveUp;
  }

  void stop(std::string reason, Hard hard) {
    if (life_.phase == Phase::Draining) {  // The first reason counts, but there is no way back any more.
      bool const was_soft = std::exchange(life_.soft, false);
      if (was_soft) {
        life_.kill_at = now_ + policy_.stop_grace;
        life_.give_up_at = life_.kill_at + kGiveUp;
        ask_agent_to_stop();
      }
      return;
    }
    bool const busy = life_.phase == Phase::Busy;
    begin_draining(std::move(reason), hard);
    if (busy) {  // The forge would refuse to unregister it: the agent ends first.
      life_.restart_due = policy_.retry;
      ask_agent_to_stop();
    } else {
      actions_.push_back(Unregister{});  // First, so that no job comes any more.
    }
  }

  void ask_agent_to_stop() {
    if (life_.stop_asked || life_.agent_gone) return;
    life_.stop_asked = true;
    actions_.push_back(StopAgent{false});
  }

  // The one order of leaving: agent gone, job run again, registration gone, finished.
  void drain_on() {
    if (life_.restart_due && life_.agent_gone && !life_.restart_asked) {
      life_.restart_asked = true;
      actions_.push_back(RestartJob{life_.job});
      return;
    }
    if (!life_.agent_gone) {
      if (life_.soft && !life_.unregistered) {
        if (life_.reason == kSingle && life_.ask_again_at != Time() && now_ >= life_.ask_again_at) {
          life_.ask_again_at = Time();
          actions_.push_back(Unregister{});
        }
        return;
      }
      ask_agent_to_stop();
      if (now_ >= life_.kill_at && !life_.killed) {
        life_.killed = true;
        actions_.push_back(StopAgent{true});
      }
      if (now_ < life_.give_up_at) return;
      life_.agent_gone = true;
      return drain_on();
    }
    if (life_.restart_due && now_ < life_.give_up_at) return;  // The answer is awaited.
    if (!life_.unregistered) {
      life_.unregistered = true;  // Asked once, whatever the answer.
      life_.soft = false;
      actions_.push_back(Unregister{});
      return;
    }
    life_.phase = Phase::Gone;
    actions_.push_back(Finish{life_.reason, life_.failed});
  }

  Life life_;
  Policy const& policy_;
  Time now_;
  std::vector<Action> actions_;
};

}  // namespace

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::Starting:
      return "starting";
    case Phase::Idle:
      return "idle";
    case Phase::Busy:
      return "busy";
    case Phase::Draining:
      return "draining";
    case Phase::Gone:
      return "gone";
  }
  return "";
}

Life born(Time now) {
  Life life;
  life.started = life.idle_since = now;
  return life;
}

Step step(Life life, Policy const& policy, Event const& event, Time now) {
  return Stepper(std::move(life), policy, now).take(event);
}

}  // namespace cml::runner
