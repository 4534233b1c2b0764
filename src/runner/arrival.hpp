// Machines that were made come up, or are taken away again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runner/machine_plan.hpp"

namespace cml::runner {

struct ArrivalTask {
  Ports const& ports;
  RunnerForge& forge;
  cloud::Cloud& place;
  std::function<void(std::string const&)> log;
  std::function<void(Error)> fail;                                               // Takes what went wrong; all goes on.
  std::function<std::optional<std::string>(std::chrono::milliseconds)> stopped;  // Waits so long for a reason to end.
  std::vector<std::string>& left;                                                // What could not be undone.
};
// The forge is asked, not the machine: no port of it needs to be open. One that does not come up is taken away and out
// of the list; the others, which may be running jobs by then, stay and end by themselves.
void wait_until_online(ArrivalTask const&, std::vector<Launched>&);

}  // namespace cml::runner
