// cml runner logs: what a machine of ours printed, as its cloud keeps it. No port of the machine needs to be open.
#pragma once

#include <string>
#include <vector>

#include "cloud/cloud.hpp"
#include "runner/launch.hpp"

namespace cml::runner {

// Prints it, or JSON. NotFound when there is no such machine in these regions (none: all that the cloud lets us see).
Status show_logs(Ports const&, cloud::Cloud&, std::vector<std::string> const& regions, std::string const& id,
                 bool json);

}  // namespace cml::runner
