// Jobs that run at the same time, in a time of their own: one thread a job, of which one runs while the others wait for
// their moment. What happens depends on the seed alone.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "ports/clock.hpp"

namespace cml::test {

class VirtualTime : public Clock {
 public:
  explicit VirtualTime(unsigned seed) : random_(seed) {}
  std::chrono::system_clock::time_point now() override {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000)) + now_;
  }
  // Of the job that calls it: the others go on meanwhile.
  void sleep_for(std::chrono::milliseconds duration) override {
    std::unique_lock lock(mutex_);
    wait_until(now_ + duration, lock);
  }
  // A way to a server and its work, or the way back.
  void travel(std::chrono::milliseconds mean) {
    sleep_for(std::chrono::milliseconds(
        std::uniform_int_distribution<long>(mean.count() / 2, mean.count() * 3 / 2)(random_)));
  }
  // Starts all jobs within `spread`, and returns when they have ended.
  void run(std::vector<std::function<void()>> const& jobs, std::chrono::milliseconds spread) {
    std::vector<std::thread> threads;
    alive_ = jobs.size();
    for (auto const& job : jobs) {
      auto const start = std::chrono::milliseconds(std::uniform_int_distribution<long>(0, spread.count())(random_));
      threads.emplace_back([this, job, start] {
        {
          std::unique_lock lock(mutex_);
          wait_until(start, lock);
        }
        job();
        std::unique_lock lock(mutex_);
        --alive_;
        let_next_run();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

 private:
  void wait_until(std::chrono::milliseconds when, std::unique_lock<std::mutex>& lock) {
    // By time, then by chance: threads come here in no certain order at the start.
    auto const place = waiting_.emplace(std::pair(when, ++tickets_), false).first;
    let_next_run();
    woken_.wait(lock, [&] { return place->second; });
    now_ = place->first.first;
    waiting_.erase(place);
  }
  // Once every job waits: the one whose moment comes first.
  void let_next_run() {
    if (waiting_.size() != alive_ || waiting_.empty()) return;
    waiting_.begin()->second = true;
    woken_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable woken_;
  std::map<std::pair<std::chrono::milliseconds, unsigned>, bool> waiting_;
  std::size_t alive_ = 0;
  unsigned tickets_ = 0;
  std::chrono::milliseconds now_{0};
  std::mt19937 random_;
};

}  // namespace cml::test
