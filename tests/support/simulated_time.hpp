// Many jobs at once without waiting: each runs in a thread, one at a time, and time goes on only while all of them
// wait. The order is decided by simulated time alone, so a run with the same seeds is the same again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <tuple>
#include <vector>

#include "ports/clock.hpp"
#include "ports/http.hpp"
#include "ports/random.hpp"

namespace cml::test {

class SimulatedTime {
 public:
  using Duration = std::chrono::milliseconds;
  // Starts them all at time zero; returns when the last has ended.
  void run(std::vector<std::function<void()>> const& jobs);
  // Called by a job: lets the others go on until so much later.
  void wait(Duration);
  Duration now() const { return now_; }

 private:
  void hand_on();  // To whose turn is next; with the mutex held.
  struct Turn {
    Duration at;
    long long order;  // Whoever asked first, among turns at the same time.
    std::size_t job;
    auto operator<=>(Turn const&) const = default;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<Turn> turns_;
  std::size_t running_ = 0;
  long long order_ = 0;
  Duration now_{0};
};

class SimulatedClock : public Clock {
 public:
  explicit SimulatedClock(SimulatedTime& time) : time_(time) {}
  std::chrono::system_clock::time_point now() override;
  void sleep_for(std::chrono::milliseconds duration) override { time_.wait(duration); }

 private:
  SimulatedTime& time_;
};

// A line that takes half of `latency` each way; where more requests go out than `parallel`, rounds of them.
class SlowHttp : public HttpClient {
 public:
  SlowHttp(HttpClient& inner, SimulatedTime& time, SimulatedTime::Duration latency)
      : inner_(inner), time_(time), latency_(latency) {}
  Result<HttpResponse> send(HttpRequest const&) override;
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const&, int parallel) override;
  std::vector<SimulatedTime::Duration> writes;     // When each was sent; GraphQL's queries are none.
  std::vector<SimulatedTime::Duration> creations;  // Of those, what makes or changes something: all but deletions.

 private:
  HttpClient& inner_;
  SimulatedTime& time_;
  SimulatedTime::Duration latency_;
};

class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;  // SplitMix64.

 private:
  std::uint64_t state_;
};

}  // namespace cml::test
