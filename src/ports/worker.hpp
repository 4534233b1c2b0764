// Work on input that may end the process that does it: done by a child, again by a new one when the child is gone.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cml {

struct WorkerLimits {
  std::chrono::seconds processor_time{60};         // For one request.
  std::chrono::seconds total_processor_time{600};  // For all requests of one worker; asked before each.
  std::uint64_t memory_bytes = 4ull << 30;         // Of address space.
};

class Worker {
 public:
  virtual ~Worker() = default;
  // What the work answers. TooLarge when it needed more than the limits, Unsupported when the child crashed: this
  // request alone is lost, the next one gets a new child. TooLarge, too, and nothing is done, once the time for all is
  // used up.
  virtual Result<std::string> ask(std::string_view request) = 0;
};

class WorkerStarter {
 public:
  virtual ~WorkerStarter() = default;
  // `work` runs in a copy of this process as it is at the first request: start it before threads are.
  using Work = std::function<std::string(std::string_view request)>;
  virtual std::shared_ptr<Worker> start(Work work, WorkerLimits const&) = 0;
};

}  // namespace cml
