#include "runner/sweep.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "runner/duration.hpp"
#include "runner/machine_id.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;
using What = Verdict::What;

cloud::Cloud* cloud_of(SweepTask const& task, cloud::Machine const& machine) {
  for (cloud::Cloud* one : task.clouds)
    if (one->name() == machine.cloud) return one;
  return nullptr;
}

// What answered, and of the rest why it did not: one that is away does not hide the others, nor save them from their
// limits.
struct Around {
  std::vector<Sight> sights;
  SweepRules rules;
  std::vector<Error> missing;
};

Around look_around(SweepTask const& task, SweepRules rules = {}) {
  Around around{{}, std::move(rules), task.closed};
  std::vector<cloud::Machine> machines;
  for (cloud::Cloud* one : task.clouds) {
    cloud::Found const found = one->machines(task.regions);
    for (Error const& error : found.missing)
      around.missing.push_back(Error(error).while_doing("looking for machines in " + std::string(one->name())));
    machines.insert(machines.end(), found.machines.begin(), found.machines.end());
    if (task.regions.empty() && found.missing.empty()) around.rules.whole_clouds.emplace_back(one->name());
  }
  std::vector<RunnerSeen> runners;
  around.rules.knows_runners = false;
  if (task.forge != nullptr) {
    around.rules.repository = task.forge->web_url();
    around.rules.online_lasts = task.forge->online_lasts();
    auto all = task.forge->runners();
    around.rules.knows_runners = static_cast<bool>(all);
    if (all)
      runners = std::move(*all);
    else
      around.missing.push_back(std::move(all).error().while_doing("looking for runners of " + task.forge->web_url()));
  }
  around.sights = match(machines, runners);
  return around;
}

// Tells all but the first, which is returned as the command's own.
Status tell_missing(SweepTask const& task, std::vector<Error> const& missing) {
  for (std::size_t i = 1; i < missing.size(); ++i) task.ports.console.log(LogLevel::Error, missing[i].message);
  if (missing.empty()) return ok();
  return Error(missing.front());
}

// Clouds cut long tags.
bool serves_another(cloud::Machine const& machine, std::string_view repository) {
  constexpr std::size_t kTagBytes = 255;
  return !repository.empty() &&
         !equals_ignoring_case(utf8_prefix(machine.repository, kTagBytes), utf8_prefix(repository, kTagBytes));
}

std::string state_of(Sight const& sight, SweepRules const& rules) {
  if (!sight.runner && sight.machine && (!rules.knows_runners || serves_another(*sight.machine, rules.repository)))
    return "unknown";
  if (!sight.runner) return sight.machine ? "unregistered" : "";
  bool const online = sight.runner->online;
  if (sight.runner->work == Work::Unknown) return online ? "unknown" : "offline";
  if (sight.runner->work == Work::Busy) return online ? "busy" : "busy, offline";
  return online ? "idle" : "offline";
}

void run_again(SweepTask const& task, Job const& job) {
  auto const done = task.forge->restart(job);
  task.ports.console.log(
      done ? LogLevel::Info : LogLevel::Warn,
      done ? std::string("the interrupted job runs again") + (done->later ? " later: " : ": ") + done->what
           : "the interrupted job was not run again: " + done.error().message);
}

Status unregistered_later(SweepTask const& task, std::string const& id, Error const& why) {
  task.ports.console.log(LogLevel::Warn, id + " is unregistered later: " + why.message);
  return ok();
}

// The machine, its job and its registration, in this order: a machine that goes on working cannot lose its job.
Status take_away(SweepTask const& task, Sight const& sight, bool restart) {
  if (sight.machine) {
    cloud::Cloud* const where = cloud_of(task, *sight.machine);
    if (where == nullptr) return Error{ErrorKind::Bug, "no cloud for " + sight.id};
    CML_CHECK_OK(where->remove(*sight.machine));
  }
  if (task.forge == nullptr) return ok();
  if (restart && task.retry) {
    auto const job = task.forge->lost_job(sight.id);
    if (!job && job.error().kind == ErrorKind::Conflict) return unregistered_later(task, sight.id, job.error());
    if (!job) return Error(job.error());
    if (*job) run_again(task, **job);
  }
  if (!sight.runner) return ok();
  auto gone = task.forge->unregister(*sight.runner);
  // The forge has not yet seen that the machine is gone: the next sweep has its turn.
  if (!gone && gone.error().kind == ErrorKind::Conflict) return unregistered_later(task, sight.id, gone.error());
  return gone;
}

// The list may be old, and a job have begun since. The forge refuses to unregister a runner that works, whatever its
// list says: so that is asked for before the machine goes.
Status take_away_idle(SweepTask const& task, Sight const& sight) {
  Sight rest = sight;
  if (sight.runner && sight.runner->online) {
    auto const gone = task.forge->unregister(*sight.runner);
    if (!gone && gone.error().kind == ErrorKind::Conflict)
      return Error{ErrorKind::Conflict,
                   sight.id + " is running a job by now; --force stops it all the same and runs the job again"};
    CML_CHECK_OK(gone);
    rest.runner.reset();
  }
  return take_away(task, rest, false);
}

json row_of(Sight const& sight, SweepRules const& rules) {
  json row{{"id", sight.id}, {"runner", state_of(sight, rules)}};
  if (sight.runner) row["labels"] = sight.runner->labels;
  if (!sight.machine) return row;
  cloud::Machine const& m = *sight.machine;
  row["cloud"] = m.cloud;
  row["region"] = m.region;
  row["zone"] = m.zone;
  row["type"] = m.type;
  row["state"] = m.state;
  row["spot"] = m.spot;
  row["repo"] = m.repository;
  if (m.launched_at) row["launched_at"] = iso_time(*m.launched_at);
  if (m.expires_at) row["expires_at"] = iso_time(*m.expires_at);
  return row;
}

}  // namespace

Verdict judge(Sight const& sight, SweepRules const& rules, Time now) {
  bool const busy = sight.runner && sight.runner->work == Work::Busy, online = sight.runner && sight.runner->online;
  // Not every forge tells whether a runner that is away had a job: lost_job() finds out.
  bool const had_job = busy || (sight.runner && !online);
  std::optional<Time> born;
  if (sight.machine && sight.machine->launched_at) born = sight.machine->launched_at;
  if (!born) born = time_of_id(sight.id);
  bool const young = born && now - *born < rules.older_than;
  if (sight.machine) {
    cloud::Machine const& machine = *sight.machine;
    if (machine.expires_at && now >= *machine.expires_at)
      return {What::Remove, "past its limit, " + iso_time(*machine.expires_at), had_job};
    if (young) return {What::Keep, "young"};
    if (machine.state == "stopped") return {What::Remove, "stopped", had_job};
    if (machine.state == "stray") return {What::Remove, "left over: " + machine.type, false};
    if (!rules.knows_runners) return {What::Keep, "the forge was not asked"};
    if (!sight.runner && serves_another(machine, rules.repository)) return {What::Keep, "serves " + machine.repository};
    if (online) return {What::Keep, busy ? "busy" : "online"};
    // Offline and busy: the forge still waits for it; a machine that runs may be cut off from the network for a while.
    if (busy) return {What::Keep, "busy, offline"};
    return {What::Remove, sight.runner ? "its runner is offline" : "it has no runner", had_job, true};
  }
  if (!sight.runner || !born) return {What::Keep, "not ours"};
  if (young) return {What::Keep, "young"};
  std::string const home = cloud_of_id(sight.id);
  if (std::find(rules.whole_clouds.begin(), rules.whole_clouds.end(), home) == rules.whole_clouds.end())
    return {What::Keep, "not all of " + home + " was looked at"};
  // What the cloud proves, the forge need not know yet.
  bool const stale = rules.online_lasts.count() > 0;
  if (online && !stale) return {What::Keep, busy ? "busy" : "online"};
  return {What::Remove, "its machine is gone", true};
}

std::vector<Sight> match(std::vector<cloud::Machine> const& machines, std::vector<RunnerSeen> const& runners) {
  std::vector<Sight> sights;
  std::multimap<std::string, std::size_t> by_id;
  for (cloud::Machine const& machine : machines) {
    if (cloud_of_id(machine.id) != machine.cloud) continue;  // Bears our label by chance or copy.
    by_id.emplace(machine.id, sights.size());
    sights.push_back({machine.id, machine, std::nullopt});
  }
  for (RunnerSeen const& runner : runners) {
    auto const [first, last] = by_id.equal_range(runner.name);
    for (auto at = first; at != last; ++at) sights[at->second].runner = runner;
    if (first == last && time_of_id(runner.name)) sights.push_back({runner.name, std::nullopt, runner});
  }
  std::sort(sights.begin(), sights.end(), [](Sight const& a, Sight const& b) { return a.id < b.id; });
  return sights;
}

Status list_runners(SweepTask const& task) {
  Around const around = look_around(task);
  if (task.json) {
    json rows = json::array();
    for (Sight const& sight : around.sights) rows.push_back(row_of(sight, around.rules));
    CML_CHECK_OK(task.ports.console.out(rows.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"));
    return tell_missing(task, around.missing);
  }
  std::string text;
  for (Sight const& sight : around.sights) {
    text += sight.id + "\t" + state_of(sight, around.rules);
    if (sight.machine) {
      cloud::Machine const& m = *sight.machine;
      text += "\t" + m.cloud + "\t" + (m.zone.empty() ? m.region : m.zone) + "\t" + m.type + (m.spot ? " (spot)" : "") +
              "\t" + m.state;
      if (m.launched_at)
        text += "\tfor " + describe(std::chrono::duration_cast<seconds>(
                               std::chrono::floor<std::chrono::minutes>(task.ports.clock.now() - *m.launched_at)));
      if (m.expires_at) text += "\tuntil " + iso_time(*m.expires_at);
    }
    text += "\n";
  }
  CML_CHECK_OK(task.ports.console.out(text));
  return tell_missing(task, around.missing);
}

namespace {

Status stop_runner(SweepTask const& task, std::string const& id, bool force, json& rows) {
  Around around = look_around(task);
  bool found = false;
  for (Sight& sight : around.sights) {
    if (sight.id != id) continue;
    if (sight.runner) {  // What that one does by now, where the forge's list is late.
      CML_TRY(now, task.forge->find(id));
      if (!now && !sight.machine) continue;  // Nothing of it is left.
      if (now) sight.runner = std::move(now);
    }
    found = true;
    bool const busy = sight.runner && sight.runner->work == Work::Busy;
    // Where nobody could say, it counts as busy.
    if (sight.runner && sight.runner->online && sight.runner->work == Work::Unknown && !force)
      return Error{ErrorKind::Conflict, id + " may be running a job: " + std::string(task.forge->name()) +
                                            " does not tell; look at its pipelines, then give --force"};
    if (!sight.runner && state_of(sight, around.rules) == "unknown" && sight.machine->state != "stopped" &&
        sight.machine->state != "stray" && !force)
      return Error{ErrorKind::Conflict,
                   id + " serves " +
                       (sight.machine->repository.empty() ? "an unknown repository" : sight.machine->repository) +
                       ", whose runners were not seen, so it may be running a job; give that as --repo, or --force"};
    if (busy && !force)
      return Error{ErrorKind::Conflict, id + " is running a job; --force stops it all the same and runs the job again"};
    if (!task.dry_run) CML_CHECK_OK(force ? take_away(task, sight, busy) : take_away_idle(task, sight));
    json row = row_of(sight, around.rules);
    row["dry_run"] = task.dry_run;
    rows.push_back(std::move(row));
    if (!task.json) CML_CHECK_OK(task.ports.console.out((task.dry_run ? "would stop " : "") + id + "\n"));
  }
  if (found) return ok();
  CML_CHECK_OK(tell_missing(task, around.missing));
  std::vector<std::string_view> ids;
  for (Sight const& sight : around.sights) ids.push_back(sight.id);
  std::string_view const near = nearest(id, ids);
  return Error{ErrorKind::NotFound, "no runner \"" + one_line(id, 60) + "\"; see cml runner list" +
                                        (near.empty() ? "" : ", or did you mean " + std::string(near) + "?")};
}

}  // namespace

Status stop_runners(SweepTask const& task, std::vector<std::string> const& ids, bool force) {
  json rows = json::array();
  Status done = ok();
  for (std::string const& id : ids)
    if (done = stop_runner(task, id, force, rows); !done) break;
  // What was stopped is told also where the next one could not be.
  if (task.json && (done || !rows.empty()))
    CML_CHECK_OK(task.ports.console.out(rows.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"));
  return done;
}

Status collect_garbage(SweepTask const& task, SweepRules rules) {
  Around around = look_around(task, std::move(rules));
  std::vector<Error> failed = around.missing;
  json rows = json::array();
  std::string text;
  std::vector<Verdict> verdicts;
  for (Sight const& sight : around.sights) verdicts.push_back(judge(sight, around.rules, task.ports.clock.now()));
  bool const some_by_absence =
      std::any_of(verdicts.begin(), verdicts.end(), [](Verdict const& verdict) { return verdict.by_absence; });
  if (some_by_absence && !task.dry_run) task.ports.clock.sleep_for(around.rules.second_look);
  for (std::size_t i = 0; i < around.sights.size(); ++i) {
    Sight& sight = around.sights[i];
    Verdict verdict = verdicts[i];
    if (verdict.by_absence && !task.dry_run) {
      auto again = task.forge->find(sight.id);
      if (!again) {
        failed.push_back(std::move(again).error().while_doing("looking again for the runner of " + sight.id));
        continue;
      }
      sight.runner = std::move(*again);
      verdict = judge(sight, around.rules, task.ports.clock.now());
    }
    if (verdict.what == What::Keep) {
      task.ports.console.log(LogLevel::Debug, "keeping " + sight.id + ": " + verdict.why);
      continue;
    }
    if (!task.dry_run) {
      // One that cannot be removed does not save the others.
      if (auto done = take_away(task, sight, verdict.restart_job); !done) {
        failed.push_back(std::move(done).error().while_doing("removing " + sight.id));
        continue;
      }
    }
    text += std::string(task.dry_run ? "would remove " : "removed ") + sight.id + ": " + verdict.why + "\n";
    json row = row_of(sight, around.rules);
    row["why"] = verdict.why;
    rows.push_back(std::move(row));
  }
  // A machine that was taken away may be gone with its registration; its job is not.
  if (around.rules.knows_runners && task.retry) {
    auto jobs = task.forge->interrupted_jobs([](std::string const& name) { return time_of_id(name).has_value(); });
    if (!jobs)
      failed.push_back(std::move(jobs).error());
    else
      for (Job const& job : *jobs) {
        rows.push_back({{"job", job.id}, {"run", job.pipeline}, {"runner", job.runner}});
        if (!task.dry_run)
          run_again(task, job);
        else
          text += "would run again: run " + job.pipeline + " of " + job.repository + "\n";
      }
  }
  CML_CHECK_OK(
      task.ports.console.out(task.json ? rows.dump(-1, ' ', false, json::error_handler_t::replace) + "\n" : text));
  return tell_missing(task, failed);
}

Status rerun_interrupted(SweepTask const& task, std::string const& run) {
  if (task.forge == nullptr) return Error{ErrorKind::Usage, "--run needs the forge: give --repo and --token"};
  CML_TRY(jobs, task.forge->interrupted_in(run));
  std::string text;
  std::optional<Error> failed;
  json rows = json::array();
  for (Job const& job : jobs) {
    rows.push_back({{"job", job.id}, {"run", run}, {"runner", job.runner}});
    if (task.dry_run || !task.retry) {
      text += "would run again: job " + job.id + " of run " + run + ", which lost " + job.runner + "\n";
      continue;
    }
    auto const done = task.forge->restart(job);
    if (done)
      text += "runs again: " + done->what + "\n";
    else if (done.error().kind == ErrorKind::Conflict)  // Once is enough.
      task.ports.console.log(LogLevel::Warn, "the interrupted job was not run again: " + done.error().message);
    else
      failed = done.error();
  }
  if (jobs.empty()) task.ports.console.log(LogLevel::Info, "run " + one_line(run, 40) + " lost no runner");
  CML_CHECK_OK(
      task.ports.console.out(task.json ? rows.dump(-1, ' ', false, json::error_handler_t::replace) + "\n" : text));
  if (failed) return std::move(*failed);
  return ok();
}

}  // namespace cml::runner
