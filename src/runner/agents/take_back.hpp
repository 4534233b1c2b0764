#pragma once

#include "runner/agents/agent.hpp"

namespace cml::runner {

// Removes this runner's registration: also one that the forge's list does not show, by the id that the registration
// gave, or after a second look a little later, as lists are late and empty at times.
inline Status take_back(RunnerForge& forge, Clock& clock, std::string const& name, Registration const& registration) {
  constexpr seconds kSecondLook{1};
  CML_TRY(found, forge.find(name));
  if (!found && registration.id.empty()) {
    clock.sleep_for(kSecondLook);
    CML_TRY(again, forge.find(name));
    found = std::move(again);
  }
  if (found) return forge.unregister(*found);
  if (registration.id.empty()) return ok();
  RunnerSeen hidden;
  hidden.id = registration.id;
  hidden.name = name;
  return forge.unregister(hidden);
}

}  // namespace cml::runner
