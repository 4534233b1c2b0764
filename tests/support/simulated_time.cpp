#include "support/simulated_time.hpp"

#include <thread>

#include "base/text.hpp"

namespace cml::test {
namespace {
thread_local std::size_t this_job = 0;
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
}  // namespace

void SimulatedTime::hand_on() {
  running_ = kNobody;
  if (!turns_.empty()) {
    Turn const next = *turns_.begin();
    turns_.erase(turns_.begin());
    now_ = next.at;
    running_ = next.job;
  }
  changed_.notify_all();
}

void SimulatedTime::run(std::vector<std::function<void()>> const& jobs) {
  std::unique_lock<std::mutex> lock(mutex_);
  now_ = Duration(0);
  running_ = kNobody;
  std::vector<std::thread> threads;
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    turns_.insert({Duration(0), order_++, job});
    threads.emplace_back([this, job, &jobs] {
      this_job = job;
      {
        std::unique_lock<std::mutex> own(mutex_);
        changed_.wait(own, [&] { return running_ == job; });
      }
      jobs[job]();
      std::unique_lock<std::mutex> own(mutex_);
      hand_on();
    });
  }
  hand_on();
  lock.unlock();
  for (std::thread& thread : threads) thread.join();
}

void SimulatedTime::wait(Duration duration) {
  std::unique_lock<std::mutex> lock(mutex_);
  turns_.insert({now_ + duration, order_++, this_job});
  hand_on();
  changed_.wait(lock, [&] { return running_ == this_job; });
}

std::chrono::system_clock::time_point SimulatedClock::now() {
  return std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000)) + time_.now();
}

Result<HttpResponse> SlowHttp::send(HttpRequest const& request) { return std::move(send_all({request}, 1).front()); }

std::vector<Result<HttpResponse>> SlowHttp::send_all(std::vector<HttpRequest> const& requests, int parallel) {
  if (requests.empty()) return {};
  for (HttpRequest const& request : requests) {
    bool const query = contains(request.url, "/graphql") && contains(request.body, "\"query\":\"query");
    if (request.method == "GET" || query) continue;
    writes.push_back(time_.now());
    if (request.method != "DELETE") creations.push_back(time_.now());
  }
  auto const rounds = (static_cast<long long>(requests.size()) + parallel - 1) / parallel;
  time_.wait(latency_ * rounds / 2);
  auto answers = inner_.send_all(requests, parallel);
  time_.wait(latency_ * rounds / 2);
  return answers;
}

std::uint64_t SeededRandom::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace cml::test
