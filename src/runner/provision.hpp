// cml runner launch --cloud: a machine that registers itself, and leaves nothing behind when something fails.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cloud/cloud.hpp"
#include "runner/launch.hpp"
#include "runner/machine_program.hpp"

namespace cml::runner {

struct CloudOptions {
  std::string cloud;
  std::vector<std::string> regions{"us-west"}, types;
  std::string gpu, image, permission_set, security_group, subnet, startup_script;  // The script is base64.
  long long disk_gb = 0;                                                           // 0: the cloud's default.
  bool spot = false, spot_fallback = false;
  double spot_price = -1;
  std::vector<std::pair<std::string, std::string>> metadata, node_selector;
  Secret ssh_private;
  std::string api_url;  // Of the forge, for the machine; empty: derived there, too.
  std::string cml_url, cml_version;
  MachineProgram program;  // Of the machine, unless its forge's agent does without.
  long long count = 1;
  bool dry_run = false, json = false;
  bool wait = true;
};

// "key=value" pairs; the value may be missing.
std::vector<std::pair<std::string, std::string>> parse_pairs(std::vector<std::string> const&);

// Whether a machine for this forge runs a program of ours beside the forge's agent.
bool needs_program(RunnerForge const&, LaunchOptions const&);
Status launch_in_cloud(Ports const&, RunnerForge&, cloud::Cloud&, LaunchOptions const&, CloudOptions const&);

}  // namespace cml::runner
