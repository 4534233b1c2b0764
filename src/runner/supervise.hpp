// Drives one life (life_cycle.hpp) with a real agent: its output, our signals, the cloud's notices and the forge's
// answers.
#pragma once

#include <functional>
#include <optional>

#include "ports/console.hpp"
#include "ports/supervisor.hpp"
#include "runner/agents/agent.hpp"

namespace cml::runner {

struct Supervision {
  Supervisor& supervisor;
  Clock& clock;
  Console& console;
  RunnerForge& forge;
  Workplace const& place;
  Policy policy;
  std::string runner_name;
  Registration registration;
  bool has_token = true;  // Without one the forge's own clean-up and "cml runner gc" do what we cannot.
  std::function<std::optional<Interruption>()> notice;  // Asked every few seconds; may be empty.
};

// From starting the agent to its end. An error when the agent failed.
Status supervise(Supervision const&, ChildRequest const&);

}  // namespace cml::runner
