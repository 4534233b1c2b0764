// The real supervisor: a child in a group of its own, pipes, and signals through a pipe to ourselves.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>

#include "ports/supervisor.hpp"

namespace cml {

class GroupSupervisor : public Supervisor {
 public:
  // `power_socket`: where acpid tells of buttons; silently ignored when nobody listens there.
  explicit GroupSupervisor(std::filesystem::path power_socket = "/var/run/acpid.socket");
  ~GroupSupervisor() override;  // Kills what is left of the group.
  Status watch_signals() override;
  Status start(ChildRequest const&) override;
  std::vector<SupervisorEvent> wait(std::chrono::milliseconds at_most) override;
  void stop_child(Stop) override;
  void alive() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cml
