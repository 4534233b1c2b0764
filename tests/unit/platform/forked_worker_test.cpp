#include "platform/forked_worker.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
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
