#pragma once

#include "runner/agents/agent.hpp"

namespace cml::runner {

// Removes the registration of a runner that was looked for: also one that the forge's list does not show, by the id
// that the registration gave, as lists are late and empty at times.
inline Status take_back(RunnerForge& forge, std::optional<RunnerSeen> const& found, std::string const& name,
                        Registration const& registration) {
  if (found) return forge.unregister(*found);
  if (registration.id.empty()) return ok();
  RunnerSeen hidden;
  hidden.id = registration.id;
  hidden.name = name;
  return forge.unregister(hidden);
}

}  // namespace cml::runner
