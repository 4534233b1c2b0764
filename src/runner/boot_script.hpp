// The script that a fresh machine or container runs, from templates/cloud. It holds one registration and no other
// secret.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runner/agents/unaided.hpp"
#include "runner/launch.hpp"
#include "runner/machine_program.hpp"

namespace cml::runner {

struct BootRequest {
  std::string id, cloud;
  std::string driver, repository_url, api_url;
  LaunchOptions launch;
  std::string startup_script;      // Base64.
  std::optional<Unaided> unaided;  // The machine needs no program of ours.
  MachineProgram program;          // Else this one.
  std::string registration;        // As text; for machines it is in the script, for pods in a secret.
  seconds max_lifetime{0};
};
// What a machine or pod keeps of a registration, as its program or its script reads it.
std::string kept_registration(std::optional<Unaided> const&, Registration const&);
Result<std::string> machine_script(BootRequest const&);
Result<std::string> pod_script(BootRequest const&, std::string const& registration_path);
// The image of a pod that serves this forge: of the agent's makers, where they have one.
std::string pod_image(std::string_view driver);

}  // namespace cml::runner
