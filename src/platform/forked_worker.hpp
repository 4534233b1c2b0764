#pragma once

#include "ports/worker.hpp"

namespace cml {

// A child by fork(), spoken to over a pair of sockets; each message is its length in eight bytes, then its bytes.
class ForkedWorkers : public WorkerStarter {
 public:
  std::shared_ptr<Worker> start(Work work, WorkerLimits const& limits) override;
};

}  // namespace cml
