#pragma once

#include <chrono>

namespace cml {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::system_clock::time_point now() = 0;
  virtual void sleep_for(std::chrono::milliseconds) = 0;  // Retries wait here, so tests never wait.
};

}  // namespace cml
