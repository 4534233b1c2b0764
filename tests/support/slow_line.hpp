// The line of one job to a forge far away, in simulated time: its own clock, its own chances, its own retries.
#pragma once

#include <chrono>

#include "platform/curl_http.hpp"
#include "platform/retrying_http.hpp"
#include "support/fakes.hpp"
#include "support/simulated_time.hpp"

namespace cml::test {

struct SlowLine {
  SlowLine(SimulatedTime& time, std::uint64_t seed, SimulatedTime::Duration latency)
      : clock(time), random(seed), slow(curl, time, latency) {}
  FakeEnvironment environment;
  SimulatedClock clock;
  SeededRandom random;
  CurlHttp curl{environment, "cml/test", {std::chrono::seconds(5), std::chrono::seconds(1)}};
  SlowHttp slow;
  RetryingHttp http{slow, clock, random};
};

}  // namespace cml::test
