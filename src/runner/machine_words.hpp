// The command line by which the boot script starts cml-agent (or cml) on a machine: written by the launcher, read by
// cml-agent. cml reads the same words as options of "runner launch".
#pragma once

#include <string>
#include <vector>

#include "runner/launch.hpp"

namespace cml::runner {

struct MachineTask {
  std::string driver, repository_url, api_url;
  LaunchOptions launch;  // With name, registration_file and machine_of.
};
std::vector<std::string> words_of(MachineTask const&);
// Usage for a word that words_of() does not write.
Result<MachineTask> task_of(std::vector<std::string> const& words);

}  // namespace cml::runner
