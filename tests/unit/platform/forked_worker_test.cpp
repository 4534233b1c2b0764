#include "platform/forked_worker.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "base/text.hpp"

using namespace cml;

namespace {

std::string do_work(std::string_view request) {
  if (request == "crash") std::raise(SIGKILL);
  if (request == "spin") {
    std::atomic<unsigned> rounds{0};
    while (true) ++rounds;
  }
  if (request == "segv") {
    std::signal(SIGSEGV, SIG_DFL);
    std::raise(SIGSEGV);
  }
  if (request == "half a second") {
    timespec used{};
    timespec begin{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    auto const since = [&] { return (used.tv_sec - begin.tv_sec) * 1'000'000'000 + used.tv_nsec - begin.tv_nsec; };
    while (since() < 500'000'000) ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return "done";
  }
  if (request == "who") return std::to_string(::getpid());
  return "answer to " + std::string(request);
}

}  // namespace

TEST_CASE("worker: one child answers, and a new one takes its place after a crash", "[platform][worker]") {
  auto const worker = ForkedWorkers().start(do_work, {});
  CHECK(worker->ask("a").value() == "answer to a");
  std::string const large(3'000'000, 'x');
  CHECK(worker->ask(large).value() == "answer to " + large);
  std::string const first = worker->ask("who").value();
  CHECK(worker->ask("who").value() == first);
  CHECK(first != std::to_string(::getpid()));
  auto const crashed = worker->ask("segv");
  REQUIRE_FALSE(crashed);
  CHECK(crashed.error().kind == ErrorKind::Unsupported);
  CHECK(contains(crashed.error().message, "signal 11"));
  CHECK(worker->ask("b").value() == "answer to b");
  CHECK(worker->ask("who").value() != first);
  CHECK(worker->ask("crash").error().kind == ErrorKind::TooLarge);
  CHECK(worker->ask("c").value() == "answer to c");
}

TEST_CASE("worker: once the time for all is used up, nothing more is done", "[platform][worker]") {
  WorkerLimits limits;
  limits.processor_time = std::chrono::seconds(0);
  limits.total_processor_time = std::chrono::seconds(1);
  auto const worker = ForkedWorkers().start(do_work, limits);
  CHECK(worker->ask("a").value() == "answer to a");
  // About a second each, of children that are gone.
  for (int i = 0; i < 2; ++i) CHECK(worker->ask("spin").error().kind == ErrorKind::TooLarge);
  auto const refused = worker->ask("b");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::TooLarge);
  CHECK(contains(refused.error().message, "--total-plot-time"));
}

TEST_CASE("worker: the time of a child that still lives counts as well", "[platform][worker]") {
  WorkerLimits limits;
  limits.total_processor_time = std::chrono::seconds(1);
  auto const worker = ForkedWorkers().start(do_work, limits);
  CHECK(worker->ask("half a second").value() == "done");
  CHECK(worker->ask("half a second").value() == "done");
  CHECK_FALSE(worker->ask("half a second"));
}

TEST_CASE("worker: a request that computes without end is ended by its processor time", "[platform][worker]") {
  WorkerLimits limits;
  limits.processor_time = std::chrono::seconds(0);  // The kernel counts whole seconds: one is always given.
  auto const worker = ForkedWorkers().start(do_work, limits);
  auto const spun = worker->ask("spin");
  REQUIRE_FALSE(spun);
  CHECK(spun.error().kind == ErrorKind::TooLarge);
  CHECK(contains(spun.error().message, "processor time"));
  CHECK(worker->ask("a").value() == "answer to a");
}
