#include "runner/arrival.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "runner/duration.hpp"

namespace cml::runner {
namespace {

constexpr seconds kReadyLimit{1200}, kPollEvery{5}, kLookEvery{30};
constexpr std::size_t kLooksAtOnce = 50;  // More machines are looked at less often: clouds count requests.
constexpr std::size_t kFew = 3;           // Awaited runners that are asked for one by one.
constexpr std::size_t kTailBytes = 4000;

class Arrival {
 public:
  Arrival(ArrivalTask const& task, std::vector<Launched>& launched) : task_(task), launched_(launched) {}

  void run() {
    Time const began = task_.ports.clock.now();
    Time next_look = began + kLookEvery;
    while (true) {
      auto const asked = mark_online();
      if (!asked) task_.fail(asked.error());
      if (awaited() == 0) return;
      Time const now = task_.ports.clock.now();
      if (!asked) break;
      if (auto const signal = task_.stopped(std::chrono::milliseconds(0))) {
        task_.fail({ErrorKind::Conflict, *signal + " before the runner was online"});
        break;
      }
      if (now >= next_look) {
        next_look = now + kLookEvery * (1 + static_cast<long long>(awaited() / kLooksAtOnce));
        take_failures_away();
      }
      if (now - began >= kReadyLimit) {
        if (awaited() > 0)
          task_.fail(gave_up(*first_awaited(), "was not online after " + runner::describe(kReadyLimit)));
        break;
      }
      (void)task_.stopped(kPollEvery);
    }
    take_away([](Launched const& started) { return !started.online; });
  }

 private:
  void take_away(std::function<bool(Launched const&)> const& which) {
    for (Launched const& started : launched_)
      if (which(started)) cloud::undo(started.plan, task_.log, task_.left);
    launched_.erase(std::remove_if(launched_.begin(), launched_.end(), which), launched_.end());
  }

  std::vector<Launched>::const_iterator first_awaited() const {
    return std::find_if(launched_.begin(), launched_.end(), [](Launched const& started) { return !started.online; });
  }

  std::size_t awaited() const {
    return static_cast<std::size_t>(
        std::count_if(launched_.begin(), launched_.end(), [](Launched const& started) { return !started.online; }));
  }

  // One filtered request a runner, or the whole list when many are awaited. A forge that is away for a moment is no
  // failure.
  Status mark_online() {
    std::size_t const waiting = awaited();
    auto const mark = [&](Launched& started, RunnerSeen const& runner) {
      if (!runner.online || started.online) return;
      started.online = true;
      task_.log("the runner " + started.wanted.name + " is online");
    };
    if (waiting > kFew) {
      auto const all = task_.forge.presence();
      if (!all) return tolerate(all.error());
      for (RunnerSeen const& runner : *all)
        for (Launched& started : launched_)
          if (started.wanted.name == runner.name) mark(started, runner);
      return ok();
    }
    for (Launched& started : launched_) {
      if (started.online) continue;
      auto const found = task_.forge.find(started.wanted.name);
      if (!found) return tolerate(found.error());
      if (*found) mark(started, **found);
    }
    return ok();
  }

  Status tolerate(Error const& error) {
    if (lacks_access(error.kind)) return error;
    task_.ports.console.log(LogLevel::Debug, error.message);
    return ok();
  }

  // Many are looked for in the cloud's list first, and only those that are not well there are looked at.
  void take_failures_away() {
    std::set<std::string> well, over;
    if (awaited() > kFew) {
      std::set<std::string> regions;
      for (Launched const& started : launched_)
        if (!started.plan.machine->region.empty()) regions.insert(started.plan.machine->region);
      cloud::Found const all = task_.place.machines({regions.begin(), regions.end()});
      for (Error const& error : all.missing) task_.ports.console.log(LogLevel::Debug, error.message);
      if (!all.missing.empty()) return;
      for (cloud::Machine const& machine : all.machines)
        if (!is_over(machine) && machine.state != "stray") well.insert(machine.id);
    }
    for (Launched& started : launched_) {
      if (started.online || well.count(started.wanted.name) > 0) continue;
      auto const now = task_.place.look(*started.plan.machine);
      bool const no_room = !now && now.error().kind == ErrorKind::TooLarge;
      if (!no_room && !(now && is_over(*now))) continue;
      if (!no_room && has_served(started)) {
        started.online = true;
        task_.log("the runner " + started.wanted.name + " has served its job and is gone");
        continue;
      }
      over.insert(started.wanted.name);
      task_.fail(no_room ? now.error() : gave_up(started, "ended before its runner was online"));
    }
    take_away([&](Launched const& started) { return over.count(started.wanted.name) > 0; });
  }
  // A short job may be over between two questions. The forge forgets a runner for one job only after that.
  bool has_served(Launched const& started) {
    if (!started.wanted.single || started.registration->id.empty()) return false;
    auto const found = task_.forge.find(started.wanted.name);
    return found && !*found;
  }

  Error gave_up(Launched const& started, std::string const& what) {
    auto const output = task_.place.console_output(*started.plan.machine);
    if (output && !output->empty()) {
      std::string const tail = output->size() > kTailBytes ? output->substr(output->size() - kTailBytes) : *output;
      for (std::string const& line : split(tail, '\n'))
        if (!trim(line).empty())
          task_.ports.console.log(LogLevel::Warn, started.wanted.name + "| " + clean_line(line, 300));
    } else if (!output) {
      task_.ports.console.log(LogLevel::Debug, output.error().message);
    }
    return {ErrorKind::Network, "the machine " + started.wanted.name + " " + what +
                                    "; its last output is above if the cloud keeps it. Can it reach the forge and the "
                                    "releases of cml (NAT, proxy, --cml-url)?"};
  }

  ArrivalTask const& task_;
  std::vector<Launched>& launched_;
};

}  // namespace

void wait_until_online(ArrivalTask const& task, std::vector<Launched>& launched) { Arrival(task, launched).run(); }

}  // namespace cml::runner
