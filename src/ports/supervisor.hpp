// One long-running child with everything it starts, as one process group, and the signals meant for us meanwhile.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace cml {

struct ChildRequest {
  std::vector<std::string> arguments;  // arguments[0] is looked up in PATH; never a shell.
  std::filesystem::path directory;
  std::vector<std::pair<std::string, std::string>> environment;  // Added to the inherited one.
  std::vector<std::string> without;                              // Names taken out of the inherited one.
};

struct ChildLine {  // Of its stdout or stderr, without the line break; very long ones come in pieces.
  std::string text;
};
struct ChildExit {
  int code = 0;  // 128 + signal when killed.
};
struct SignalReceived {
  std::string name;  // "SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"
};
struct PowerButton {};  // ACPI asks the machine to shut down.
using SupervisorEvent = std::variant<ChildLine, ChildExit, SignalReceived, PowerButton>;

class Supervisor {
 public:
  virtual ~Supervisor() = default;
  // From now on SIGTERM, SIGINT, SIGQUIT and SIGHUP become events instead of ending this process.
  virtual Status watch_signals() = 0;
  // At most one child at a time. NotFound when the program cannot be started.
  virtual Status start(ChildRequest const&) = 0;
  // What has happened, at once when there is something; else after at most so long. A ChildExit comes after all lines.
  virtual std::vector<SupervisorEvent> wait(std::chrono::milliseconds at_most) = 0;
  enum class Stop { Interrupt, Kill };
  virtual void stop_child(Stop) = 0;  // The whole group.
  // Tells the service manager's watchdog, if there is one, that we are alive.
  virtual void alive() = 0;
};

}  // namespace cml
