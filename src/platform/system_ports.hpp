// The small real ports: clock, environment, randomness.
#pragma once

#include <random>

#include "ports/clock.hpp"
#include "ports/environment.hpp"
#include "ports/random.hpp"

namespace cml {

class SystemClock : public Clock {
 public:
  std::chrono::system_clock::time_point now() override;
  void sleep_for(std::chrono::milliseconds) override;
};

class SystemEnvironment : public Environment {
 public:
  std::optional<std::string> get(std::string_view name) const override;
  std::vector<std::pair<std::string, std::string>> all() const override;
};

class SystemRandom : public Random {
 public:
  std::uint64_t next() override;

 private:
  std::random_device device_;
};

}  // namespace cml
