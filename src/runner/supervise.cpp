#include "runner/supervise.hpp"

#include <deque>

#include "base/text.hpp"
#include "runner/agents/take_back.hpp"
#include "runner/status_line.hpp"

namespace cml::runner {
namespace {

constexpr std::chrono::milliseconds kTick{1000};
constexpr seconds kNoticeEvery{5};
constexpr seconds kAskEvery{5};            // A forge whose agent does not tell of jobs.
constexpr seconds kRegistrationEvery{60};  // For the registration, which somebody may remove.
constexpr seconds kBelieveGone{60};        // One look that finds no registration is no proof.
constexpr int kUnregisterTries = 3;        // To take a registration away.
constexpr std::size_t kLastWords = 8, kLastBytes = 600;

class Loop {
 public:
  Loop(Supervision const& task) : task_(task), life_(born(task.clock.now())), next_notice_(task.clock.now()) {}

  Status run(ChildRequest const& child) {
    CML_CHECK_OK(task_.supervisor.start(child));
    task_.forge.forget_job(task_.place);
    (void)task_.forge.has_worked(task_.place);  // What was done before does not count.
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
    remove_secrets();
    if (finished_->failed) return Error{ErrorKind::BadInput, finished_->reason + last_words()};
    task_.console.log(LogLevel::Info, terminated_line(finished_->reason));
    return ok();
  }

 private:
  void ask_for_jobs() {
    bool const serving = life_.phase == Phase::Idle || life_.phase == Phase::Busy;
    if (!serving || task_.clock.now() < next_question_) return;
    // A runner for one job must be seen at work before that job is over.
    next_question_ = task_.clock.now() + (task_.policy.single ? kTick : kAskEvery);
    ask_for_end();
    bool const asks = task_.forge.must_be_asked();
    bool const worked = asks && task_.forge.has_worked(task_.place);
    if (task_.has_token && (asks || task_.clock.now() >= next_look_)) {
      next_look_ = task_.clock.now() + kRegistrationEvery;
      auto const seen = task_.forge.find(task_.runner_name);
      if (!seen) return;  // Away for a moment.
      if (!*seen) return missing();
      missing_since_.reset();
      if (asks && (*seen)->work == Work::Busy && life_.phase == Phase::Idle) return play(JobStarted{});
      if (asks && (*seen)->work == Work::Idle && life_.phase == Phase::Busy) return play(JobEnded{std::nullopt});
    }
    // Over between two questions.
    if (task_.has_token && worked && life_.phase == Phase::Idle) play(JobStarted{}), play(JobEnded{std::nullopt});
  }

  // The registration was not there, or the agent said so: twice, apart, that is believed.
  void missing() {
    Time const now = task_.clock.now();
    if (!missing_since_ || now - last_missing_ > 2 * kRegistrationEvery) missing_since_ = now;
    last_missing_ = now;
    if (now - *missing_since_ >= kBelieveGone) play(RegistrationGone{});
  }

  void ask_for_end() {
    if (life_.phase != Phase::Busy) return;
    auto const end = task_.forge.job_end(life_.job);
    if (!end && end.error().kind == ErrorKind::Unauthorized && !task_.has_token) return missing();
    if (end && *end) play(**end);
  }

  void remove_secrets() const {
    for (std::filesystem::path const& file : task_.forge.secret_files(task_.place))
      if (task_.place.files.kind(file) == FileKind::Regular) (void)task_.place.files.remove(file);
  }

  // Why an agent failed stands in what it printed, which is otherwise for --log=debug.
  std::string last_words() const {
    std::string text;
    for (std::string const& line : last_) text += (text.empty() ? "" : " | ") + line;
    if (text.size() > kLastBytes) text = "..." + text.substr(text.size() - kLastBytes);
    return text.empty() ? "" : "; the agent's last words: " + clean_line(text, kLastBytes + 3);
  }

  void take(SupervisorEvent const& event) {
    if (auto* line = std::get_if<ChildLine>(&event)) {
      task_.console.log(LogLevel::Debug, clean_line(line->text, 2000));
      last_.push_back(clean_line(line->text, 300));
      if (last_.size() > kLastWords) last_.pop_front();
      auto const meaning = task_.forge.read_line(line->text);
      if (!meaning) return;
      if (std::holds_alternative<RegistrationGone>(*meaning)) return missing();
      missing_since_.reset();
      if (std::holds_alternative<AgentReady>(*meaning)) remove_secrets();
      play(*meaning);
    } else if (auto* exit = std::get_if<ChildExit>(&event)) {
      ask_for_end();  // An agent for one job ends with it.
      task_.forge.end_rest(task_.place);
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
      if (stop->kill) task_.forge.end_rest(task_.place);
      task_.supervisor.stop_child(stop->kill ? Supervisor::Stop::Kill : Supervisor::Stop::Interrupt);
    } else if (std::holds_alternative<CloseRunner>(action)) {
      if (!task_.has_token) return std::nullopt;
      if (auto closed = task_.forge.close(task_.runner_name); !closed)
        task_.console.log(LogLevel::Warn, "another job may come: " + closed.error().message);
    } else if (auto* restart = std::get_if<RestartJob>(&action)) {
      if (!task_.has_token)
        return RestartAnswered{false, "this machine holds no token; \"cml runner gc\" does it", true};
      Job job = restart->job;
      job.runner = task_.runner_name;
      auto const done = task_.forge.restart(job);
      if (done) return RestartAnswered{!done->later, done->what, false, done->later};
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
    // Removing twice is removing: a server that stumbles once is asked again.
    for (int tries = 1;; ++tries) {
      Status const gone = take_back(task_.forge, task_.clock, task_.runner_name, task_.registration);
      if (gone) return UnregisterAnswered{Outcome::Done, ""};
      ErrorKind const kind = gone.error().kind;
      if (kind != ErrorKind::Network || tries == kUnregisterTries)
        return UnregisterAnswered{kind == ErrorKind::Conflict ? Outcome::StillBusy : Outcome::Failed,
                                  gone.error().message};
      task_.clock.sleep_for(kTick);
    }
  }

  Supervision const& task_;
  Life life_;
  std::optional<Finish> finished_;
  Time next_notice_, next_question_, next_look_;
  std::optional<Time> missing_since_;
  Time last_missing_;
  std::deque<std::string> last_;
};

}  // namespace

Status supervise(Supervision const& task, ChildRequest const& child) { return Loop(task).run(child); }

}  // namespace cml::runner
