#include "runner/sweep.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "runner/duration.hpp"
#include "runner/provision.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;
using What = Verdict::What;

cloud::Cloud* cloud_of(SweepTask const& task, cloud::Machine const& machine) {
  for (cloud::Cloud* one : task.clouds)
    if (one->name() == machine.cloud) return one;
  return nullptr;
}

Result<std::vector<Sight>> look_around(SweepTask const& task) {
  std::vector<cloud::Machine> machines;
  for (cloud::Cloud* one : task.clouds) {
    auto found = one->machines(task.regions);
    if (!found) return std::move(found).error().while_doing("looking for machines in " + std::string(one->name()));
    machines.insert(machines.end(), found->begin(), found->end());
  }
  std::vector<RunnerSeen> runners;
  if (task.forge != nullptr) {
    CML_TRY(all, task.forge->runners());
    runners = std::move(all);
  }
  return match(machines, runners);
}

std::string state_of(Sight const& sight) {
  if (!sight.runner) return sight.machine ? "unregistered" : "";
  if (sight.runner->busy) return sight.runner->online ? "busy" : "busy, offline";
  return sight.runner->online ? "idle" : "offline";
}

void run_again(SweepTask const& task, Job const& job) {
  auto const done = task.forge->restart(job);
  task.tools.console.log(done ? LogLevel::Info : LogLevel::Warn,
                         done ? "the interrupted job runs again: " + *done : "the interrupted job was not run again: " + done.error().message);
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
    CML_TRY(job, task.forge->lost_job(sight.id));
    if (job) run_again(task, *job);
  }
  if (!sight.runner) return ok();
  auto gone = task.forge->unregister(*sight.runner);
  // The forge has not yet seen that the machine is gone: the next sweep has its turn.
  if (!gone && gone.error().kind == ErrorKind::Conflict) {
    task.tools.console.log(LogLevel::Warn, sight.id + " is unregistered later: " + gone.error().message);
    return ok();
  }
  return gone;
}

json row_of(Sight const& sight) {
  json row{{"id", sight.id}, {"runner", state_of(sight)}};
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
  bool const busy = sight.runner && sight.runner->busy, online = sight.runner && sight.runner->online;
  std::optional<Time> born;
  if (sight.machine && sight.machine->launched_at) born = sight.machine->launched_at;
  if (!born) born = time_of_id(sight.id);
  bool const young = born && now - *born < rules.older_than;
  if (sight.machine) {
    cloud::Machine const& machine = *sight.machine;
    if (machine.expires_at && now >= *machine.expires_at) return {What::Remove, "past its limit, " + iso_time(*machine.expires_at), busy};
    if (young) return {What::Keep, "young"};
    if (machine.state == "stopped") return {What::Remove, "stopped", busy};
    if (machine.state == "stray") return {What::Remove, "left over: " + machine.type, false};
    if (!rules.knows_runners) return {What::Keep, "the forge was not asked"};
    if (online) return {What::Keep, busy ? "busy" : "online"};
    // Offline and busy: the forge still waits for it; a machine that runs may be cut off from the network for a while.
    if (busy) return {What::Keep, "busy, offline"};
    return {What::Remove, sight.runner ? "its runner is offline" : "it has no runner", false};
  }
  if (!sight.runner || !born) return {What::Keep, "not ours"};
  if (young) return {What::Keep, "young"};
  if (!rules.knows_machines) return {What::Keep, "no cloud was asked"};
  if (online) return {What::Keep, busy ? "busy" : "online"};
  return {What::Remove, "its machine is gone", true};
}

std::vector<Sight> match(std::vector<cloud::Machine> const& machines, std::vector<RunnerSeen> const& runners) {
  std::vector<Sight> sights;
  std::multimap<std::string, std::size_t> by_id;
  for (cloud::Machine const& machine : machines) {
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
  CML_TRY(sights, look_around(task));
  if (task.json) {
    json rows = json::array();
    for (Sight const& sight : sights) rows.push_back(row_of(sight));
    return task.tools.console.out(rows.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
  }
  std::string text;
  for (Sight const& sight : sights) {
    text += sight.id + "\t" + state_of(sight);
    if (sight.machine) {
      cloud::Machine const& m = *sight.machine;
      text += "\t" + m.cloud + "\t" + (m.zone.empty() ? m.region : m.zone) + "\t" + m.type + (m.spot ? " (spot)" : "") + "\t" + m.state;
      if (m.launched_at) text += "\tfor " + describe(std::chrono::duration_cast<seconds>(std::chrono::floor<std::chrono::minutes>(task.tools.clock.now() - *m.launched_at)));
      if (m.expires_at) text += "\tuntil " + iso_time(*m.expires_at);
    }
    text += "\n";
  }
  return task.tools.console.out(text);
}

Status stop_runner(SweepTask const& task, std::string const& id, bool force) {
  CML_TRY(sights, look_around(task));
  bool found = false;
  for (Sight const& sight : sights) {
    if (sight.id != id) continue;
    found = true;
    bool const busy = sight.runner && sight.runner->busy;
    if (busy && !force) return Error{ErrorKind::Conflict, id + " is running a job; --force stops it all the same and runs the job again"};
    if (task.dry_run) {
      CML_CHECK_OK(task.tools.console.out("would stop " + id + "\n"));
      continue;
    }
    CML_CHECK_OK(take_away(task, sight, busy));
    CML_CHECK_OK(task.tools.console.out(id + "\n"));
  }
  if (found) return ok();
  std::vector<std::string_view> ids;
  for (Sight const& sight : sights) ids.push_back(sight.id);
  std::string_view const near = nearest(id, ids);
  return Error{ErrorKind::NotFound, "no runner \"" + one_line(id, 60) + "\"; see cml runner list" + (near.empty() ? "" : ", or did you mean " + std::string(near) + "?")};
}

Status collect_garbage(SweepTask const& task, SweepRules rules) {
  rules.knows_runners = task.forge != nullptr;
  rules.knows_machines = !task.clouds.empty();
  CML_TRY(sights, look_around(task));
  std::optional<Error> first;
  json rows = json::array();
  std::string text;
  for (Sight const& sight : sights) {
    Verdict const verdict = judge(sight, rules, task.tools.clock.now());
    if (verdict.what == What::Keep) {
      task.tools.console.log(LogLevel::Debug, "keeping " + sight.id + ": " + verdict.why);
      continue;
    }
    if (!task.dry_run) {
      // One that cannot be removed does not save the others.
      if (auto done = take_away(task, sight, verdict.restart_job); !done) {
        task.tools.console.log(LogLevel::Error, "removing " + sight.id + ": " + done.error().message);
        if (!first) first = done.error();
        continue;
      }
    }
    text += std::string(task.dry_run ? "would remove " : "removed ") + sight.id + ": " + verdict.why + "\n";
    json row = row_of(sight);
    row["why"] = verdict.why;
    rows.push_back(std::move(row));
  }
  // A machine that was taken away may be gone with its registration; its job is not.
  if (task.forge != nullptr && task.retry) {
    auto const jobs = task.forge->interrupted_jobs([](std::string const& name) { return time_of_id(name).has_value(); });
    if (!jobs && !first) first = jobs.error();
    if (jobs)
      for (Job const& job : *jobs) {
        if (!task.dry_run) run_again(task, job);
        else text += "would run again: run " + job.pipeline + " of " + job.repository + "\n";
      }
  }
  CML_CHECK_OK(task.tools.console.out(task.json ? rows.dump(-1, ' ', false, json::error_handler_t::replace) + "\n" : text));
  if (first) return std::move(*first);
  return ok();
}

}  // namespace cml::runner
