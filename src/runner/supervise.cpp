#include "runner/supervise.hpp"

#include <deque>

#include "base/text.hpp"
#include "runner/status_line.hpp"

namespace cml::runner {
namespace {

constexpr std::chrono::milliseconds kTick{1000};
constexpr seconds kNoticeEvery{5};
constexpr seconds kAskEvery{5};  // A forge whose agent does not tell of jobs.

class Loop {
 public:
  Loop(Supervision const& task) : task_(task), life_(born(task.clock.now())), next_notice_(task.clock.now()) {}

  Status run(ChildRequest const& child) {
    CML_CHECK_OK(task_.supervisor.start(child));
    task_.forge.forget_job(task_.place);
    while (!finished_) {
      task_.supervisor.alive();
      for (SupervisorEvent const& event : task_.supervisor.wait(kTick)) take(event);
      if (task_.notice && task_.clock.now() >= next_notice_) {
        next_notice_ = task_.clock.now() + kNoticeEvery;
        if (auto const notice = task_.notice()) play(*notice);
      }
      ask_for_jobs();
      if (life_.phase == Phase::Busy && life_.job.pipeline.empty())
        if (auto const job = task_.forge.current_job(task_.place)) play(JobIdentified{*job});
      play(Tick{});
    }
    if (finished_->failed) return Error{ErrorKind::BadInput, finished_->reason};
    task_.console.log(LogLevel::Info, terminated_line(finished_->reason));
    return ok();
  }

 private:
  void ask_for_jobs() {
    if (task_.clock.now() < next_question_) return;
    if (life_.phase != Phase::Idle && life_.phase != Phase::Busy) return;
    next_question_ = task_.clock.now() + kAskEvery;
    ask_for_end();
    if (!task_.has_token || !task_.forge.must_be_asked()) return;
    auto const seen = task_.forge.find(task_.runner_name);
    if (!seen || !*seen) return;  // Away for a moment.
    if ((*seen)->busy && life_.phase == Phase::Idle) play(JobStarted{});
    if (!(*seen)->busy && life_.phase == Phase::Busy) play(JobEnded{std::nullopt});
  }

  void ask_for_end() {
    if (life_.phase != Phase::Busy) return;
    auto const end = task_.forge.job_end(life_.job);
    if (end && *end) play(**end);
  }

  void take(SupervisorEvent const& event) {
    if (auto* line = std::get_if<ChildLine>(&event)) {
      task_.console.log(LogLevel::Debug, clean_line(line->text, 2000));
      if (auto const meaning = task_.forge.read_line(line->text)) play(*meaning);
    } else if (auto* exit = std::get_if<ChildExit>(&event)) {
      ask_for_end();  // An agent for one job ends with it.
      play(AgentExited{exit->code});
    } else if (auto* signal = std::get_if<SignalReceived>(&event)) {
      play(StopRequested{signal->name, signal->name == "SIGINT"});
    } else {
      play(Interruption{"ACPI shutdown", std::nullopt});
    }
  }

  // Actions may answer with events at once; they are played in order.
  void play(Event const& first) {
    std::deque<Event> events{first};
    while (!events.empty()) {
      Event const event = events.front();
      events.pop_front();
      // The hook's note belongs to one job.
      bool const job_over = std::holds_alternative<JobEnded>(event);
      if ((job_over || std::holds_alternative<AgentExited>(event)) && life_.job.pipeline.empty())
        if (auto const job = task_.forge.current_job(task_.place))
          life_ = step(life_, task_.policy, JobIdentified{*job}, task_.clock.now()).life;
      if (job_over) task_.forge.forget_job(task_.place);
      Step next = step(std::move(life_), task_.policy, event, task_.clock.now());
      life_ = std::move(next.life);
      for (Action const& action : next.actions)
        if (auto answer = carry_out(action)) events.push_back(std::move(*answer));
    }
  }

  std::optional<Event> carry_out(Action const& action) {
    if (auto* announce = std::get_if<Announce>(&action)) {
      task_.console.log(LogLevel::Info, status_line(*announce, task_.forge.web_url(), task_.clock.now()));
    } else if (std::holds_alternative<Unregister>(action)) {
      return unregister();
    } else if (auto* stop = std::get_if<StopAgent>(&action)) {
      task_.supervisor.stop_child(stop->kill ? Supervisor::Stop::Kill : Supervisor::Stop::Interrupt);
    } else if (auto* restart = std::get_if<RestartJob>(&action)) {
      if (!task_.has_token)
        return RestartAnswered{false, "this machine holds no token; \"cml runner gc\" does it", true};
      auto const done = task_.forge.restart(restart->job);
      if (done) return RestartAnswered{true, *done};
      ErrorKind const kind = done.error().kind;
      return RestartAnswered{
          false, done.error().message,
          kind == ErrorKind::Network || kind == ErrorKind::Unreachable || kind == ErrorKind::RateLimited};
    } else if (auto* say = std::get_if<Say>(&action)) {
      task_.console.log(say->warning ? LogLevel::Warn : LogLevel::Info, clean_line(say->line, 1000));
    } else {
      finished_ = std::get<Finish>(action);
    }
    return std::nullopt;
  }

  Event unregister() {
    using Outcome = UnregisterAnswered::Outcome;
    if (!task_.has_token) {
      auto const left = task_.forge.leave(task_.registration);
      if (left || left.error().kind == ErrorKind::Unsupported) return UnregisterAnswered{Outcome::Done, ""};
      return UnregisterAnswered{Outcome::Failed, left.error().message};
    }
    auto const found = task_.forge.find(task_.runner_name);
    if (!found) return UnregisterAnswered{Outcome::Failed, found.error().message};
    if (!*found) return UnregisterAnswered{Outcome::Done, ""};
    auto const gone = task_.forge.unregister(**found);
    if (gone) return UnregisterAnswered{Outcome::Done, ""};
    return UnregisterAnswered{gone.error().kind == ErrorKind::Conflict ? Outcome::StillBusy : Outcome::Failed,
                              gone.error().message};
  }

  Supervision const& task_;
  Life life_;
  std::optional<Finish> finished_;
  Time next_notice_, next_question_;
};

}  // namespace

Status supervise(Supervision const& task, ChildRequest const& child) { return Loop(task).run(child); }

}  // namespace cml::runner
