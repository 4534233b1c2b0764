// cml runner launch: what was asked for, and the way that ends with a runner on this machine.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "ports/ports.hpp"
#include "runner/agents/agent.hpp"

namespace cml::runner {

struct LaunchOptions {
  std::vector<std::string> labels{"cml"};
  bool labels_given = false;
  bool run_untagged = false;  // Also with labels that the user gave.
  std::string group;          // Of runners of a GitHub organisation.
  std::string name;
  std::optional<seconds> idle_timeout = seconds(300);
  std::optional<seconds> max_lifetime;
  bool max_lifetime_given = false;
  bool single = false, reuse = false, reuse_idle = false, no_retry = false;
  std::string workdir, runner_path;
  std::vector<std::string> docker_volumes;
  std::string docker_image;
  long long max_agents = 0;       // 0: no cap on runners with these labels.
  std::string registration_file;  // On a machine that a launcher made.
  std::string machine_of;         // The cloud that this machine belongs to; its notices are watched.
};

// "a, b,,c": the parts without blanks; Usage when none is left or one holds what labels may not hold.
Result<std::vector<std::string>> parse_labels(std::string_view text);

// What is asked for, in the words of the agents.
RunnerWanted wanted_of(LaunchOptions const&, std::string name, std::string note);
// False: its machine is known to be gone, though the forge still calls it online. Empty: the forge's word counts.
using Lives = std::function<bool(RunnerSeen const&)>;
// True: a runner that does is there already, and a line said so. Conflict when the name is taken.
Result<bool> reuse_existing(RunnerForge&, LaunchOptions const&, Console&, Lives const& = {});
// How many of `wanted` may be made under max_agents; says so when it is fewer.
Result<long long> below_cap(RunnerForge&, LaunchOptions const&, Ports const&, long long wanted, Lives const& = {});
// The variables that the agent and its jobs must not see.
std::vector<std::string> hidden_variables(Environment const&);
// Runs until the runner ends.
Status launch_here(Ports const&, RunnerForge&, LaunchOptions const&, bool has_token);

}  // namespace cml::runner
