// cml runner launch --cloud: a machine that registers itself, and leaves nothing behind when something fails.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cloud/cloud.hpp"
#include "runner/launch.hpp"

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
  std::string api_url;               // Of the forge, for the machine; empty: derived there, too.
  std::string cml_url, cml_version;  // Where the machine fetches this program.
  long long count = 1;
  bool dry_run = false, json = false;
  bool wait = true;
};

// "cml-NAME-TTTTTTRR-RRRRCCCC": names the machine, all that belongs to it and the runner. T, seconds in base 36, lets
// the sweeper tell its age anywhere; R is chance, as many may have one name; C is a check of all before it and of the
// cloud's name.
std::string make_id(std::string_view name, std::string_view cloud, Time now, Random&);
// When the id was made; nothing for names that are not ours.
std::optional<Time> time_of_id(std::string_view id);
// The cloud that its machine was made in; empty for names that are not ours.
std::string cloud_of_id(std::string_view id);

// "x64" or "arm64", by the cloud's names of machine types; generic ones are x64.
std::string architecture_of(std::string_view cloud, std::string_view type);

// "key=value" pairs; the value may be missing.
std::vector<std::pair<std::string, std::string>> parse_pairs(std::vector<std::string> const&);

Status launch_in_cloud(Ports const&, RunnerForge&, cloud::Cloud&, LaunchOptions const&, CloudOptions const&);

}  // namespace cml::runner
