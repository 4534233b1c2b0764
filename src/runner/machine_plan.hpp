// What a launch in a cloud would make in a region: the machine's plan, with the runner's registration before it.
#pragma once

#include <memory>
#include <string>

#include "cloud/cloud.hpp"
#include "runner/provision.hpp"

namespace cml::runner {

struct PlanTask {
  Ports const& ports;
  RunnerForge& forge;
  cloud::Cloud& place;
  LaunchOptions const& launch;
  CloudOptions const& options;
  seconds lifetime{0};  // 0: without end.
  std::string ssh_public;
};

// One machine on its way.
struct Launched {
  cloud::Plan plan;
  RunnerWanted wanted;
  std::shared_ptr<Registration> registration = std::make_shared<Registration>();
  bool online = false;
};

// The runner of a machine, under a name that nothing else has.
RunnerWanted runner_wanted(PlanTask const&);
// Looks things up and makes nothing. TooLarge: there is none to be had in this region.
Result<Launched> plan_machine(PlanTask const&, RunnerWanted const&, std::string const& region);

// "x64" or "arm64", of the machine or, for pods, of the nodes that the selector chooses.
std::string architecture_for(CloudOptions const&, std::string const& type);

// False where the cloud has it no more, or has it and it does not run.
bool is_over(cloud::Machine const&);

}  // namespace cml::runner
