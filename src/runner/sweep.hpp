// cml runner list, stop and gc: what there is in the clouds and on the forge, and what of it must go.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloud/cloud.hpp"
#include "runner/launch.hpp"

namespace cml::runner {

// A machine, its registration, or both, under one id.
struct Sight {
  std::string id;
  std::optional<cloud::Machine> machine;
  std::optional<RunnerSeen> runner;
};

struct SweepRules {
  seconds older_than = std::chrono::minutes(30);  // What is younger may still be coming up.
  bool knows_runners = true;                      // The forge has answered, so a missing registration is a fact...
  std::string repository;                 // ... about machines that serve this one. Empty: they are not told apart.
  std::vector<std::string> whole_clouds;  // All their machines were seen, so that a missing one is gone.
  seconds online_lasts{0};                // The forge's word that a runner is online may be so old.
  seconds second_look = std::chrono::minutes(1);  // Before a machine that runs goes, the forge is asked once more.
};
struct Verdict {
  enum class What { Keep, Remove } what = What::Keep;
  std::string why;
  bool restart_job = false;  // Its job was, or will be, cut off.
  bool by_absence = false;   // Because the forge has no runner of it, or none that is online: one answer is no proof.
};
// Pure: the one place that decides what goes. Nothing that is busy goes before its limit.
Verdict judge(Sight const&, SweepRules const&, Time now);

// Machines and registrations matched by id. Those whose ids are not ours (cloud_of_id) are left out.
std::vector<Sight> match(std::vector<cloud::Machine> const&, std::vector<RunnerSeen> const&);

struct SweepTask {
  Ports const& ports;
  RunnerForge* forge = nullptr;  // Null: no forge was given.
  std::vector<cloud::Cloud*> clouds;
  std::vector<Error> closed;  // Of clouds that were asked for and let nobody in; the others are looked at all the same.
  std::vector<std::string> regions;  // Empty: wherever the clouds let us look.
  bool json = false, dry_run = false;
  bool retry = true;  // Interrupted jobs are run again.
};
Status list_runners(SweepTask const&);
// NotFound when there is neither machine nor registration; Conflict when it is busy, unless `force`.
Status stop_runners(SweepTask const&, std::vector<std::string> const& ids, bool force);
Status collect_garbage(SweepTask const&, SweepRules rules);
// Runs again what was interrupted in this run, or pipeline, that is over; touches nothing else.
Status rerun_interrupted(SweepTask const&, std::string const& run);

}  // namespace cml::runner
