// The script that a fresh machine or container runs, from templates/cloud. It holds one registration and no other
// secret.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/provision.hpp"

namespace cml::runner {

struct BootRequest {
  std::string id, cloud;
  std::string driver, repository_url, api_url;
  LaunchOptions launch;
  std::string startup_script;  // Base64.
  std::string cml_url;         // "{arch}" becomes x64 or arm64; "#sha256=HEX" is taken off and checked.
  std::string registration;    // As text; for machines it is in the script, for pods in a secret.
  seconds max_lifetime{0};
};
// One word for the shell, whatever it holds.
std::string shell_quote(std::string_view text);
Result<std::string> machine_script(BootRequest const&);
Result<std::string> pod_script(BootRequest const&, std::string const& registration_path);
// The image of a pod that serves this forge: of the agent's makers, where they have one.
std::string pod_image(std::string_view driver);

}  // namespace cml::runner
