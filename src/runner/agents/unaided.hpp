// How a machine serves as a runner without cml on it: its boot script starts the forge's own agent, reads what that
// prints and ends the machine (templates/cloud/serve.sh). For agents whose lines tell when a job begins and ends.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace cml::runner {

// One word for the shell, whatever it holds.
inline std::string shell_quote(std::string_view text) {
  return "'" + replace_all(std::string(text), "'", "'\\''") + "'";
}

struct AgentFile {
  std::string architecture, url;  // "x64" or "arm64"
  std::string sha256;             // Empty: it stands in the list that `sums` names.
};
// Bash below may use $folder (of this runner), $home (where an archive's content is), $program (what was fetched
// alone), $in_pod (yes or no) and the values.
struct Unaided {
  std::string installed;         // What an image may hold already, so that nothing is fetched.
  std::vector<AgentFile> files;  // One an architecture; none: nothing is to be fetched.
  std::string sums;              // "HEX *FILE" lines, where the sums are not known yet.
  bool archive = false;          // tar.gz, else a program.
  // Of the registration: kept in a file for root alone until the agent listens, and no variables of the agent's.
  std::vector<std::pair<std::string, std::string>> values;
  std::string set_up;  // Bash that makes the array `agent`, the command to run.
  std::string rest;    // Bash that ends what may outlive the agent's own process.
  std::string leave;   // Bash that unregisters by what the registration itself holds.
  // What stands in the agent's lines; `gone` may be empty.
  std::string ready, started, ended, gone;
  bool ends_itself = true;  // After one job, where that was asked for.
  long long job_limit = 0;  // Seconds after which the forge would end a job for good; 0: none.
};

}  // namespace cml::runner
