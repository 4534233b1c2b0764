// What it costs to watch 500 runners come up: `tools/bench runners`. Hidden from ordinary runs by its tag.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "support/child_process.hpp"
#include "support/fake_cluster.hpp"
#include "support/fake_github_runners.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using std::chrono::seconds;

namespace {

constexpr std::size_t kRunners = 500;
constexpr seconds kWatched{60};
constexpr double kMostMegabytes = 50, kMostShare = 0.05;

// Seconds of a processor that the process has used.
double processor_time(int process) {
  std::string const text = slurp("/proc/" + std::to_string(process) + "/stat");
  auto const fields = split(text.substr(text.rfind(')') + 2), ' ');
  double const ticks =
      static_cast<double>(parse_integer(fields.at(11)).value_or(0) + parse_integer(fields.at(12)).value_or(0));
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double peak_megabytes(int process) {
  for (std::string const& line : split(slurp("/proc/" + std::to_string(process) + "/status"), '\n'))
    if (line.substr(0, 6) == "VmHWM:") return std::strtod(line.c_str() + 6, nullptr) / 1024;
  return 0;
}

}  // namespace

TEST_CASE("bench: one launcher watches 500 runners", "[.bench_runners]") {
  char const* const binary = std::getenv("CML_BINARY");
  REQUIRE(binary != nullptr);
  FakeGitHubRunners forge;
  FakeCluster cluster;
  cluster.created = [] { return iso_time(std::chrono::system_clock::now()); };
  TemporaryFolder folder;
  auto const began = std::chrono::steady_clock::now();
  ChildProcess launcher(
      {"sh", "-c",
       "exec \"$0\" runner launch --cloud=kubernetes --count=" + std::to_string(kRunners) +
           " --driver=github --repo=" + forge.repository_url() + " --single 2> " + (folder.path / "log").string(),
       binary},
      {"REPO_TOKEN=good-token", "KUBERNETES_CONFIGURATION=" + kubeconfig(cluster.server.url(), "{token: cluster}")});
  REQUIRE(launcher.started());
  auto const made = [&] {
    std::lock_guard<std::mutex> const lock(cluster.mutex);
    return cluster.secrets.size();
  };
  for (int i = 0; i < 1200 && made() < kRunners; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  REQUIRE(made() == kRunners);
  double const launched = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  double const before = processor_time(launcher.id());
  std::size_t const requests_before = forge.requests().size();
  int const not_modified_before = forge.not_modified();
  // A tenth of them comes up every ten seconds, so that some answers are new and some are not.
  for (int part = 0; part < 6; ++part) {
    std::this_thread::sleep_for(kWatched / 6);
    forge.bring_online(kRunners / 10);
  }
  double const share = (processor_time(launcher.id()) - before) / static_cast<double>(kWatched.count());
  double const memory = peak_megabytes(launcher.id());
  std::size_t const requests = forge.requests().size() - requests_before;
  int const not_modified = forge.not_modified() - not_modified_before;
  forge.bring_online(kRunners);
  int code = -1;
  for (int i = 0; i < 300 && !launcher.ended(&code); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  INFO(slurp(folder.path / "log").substr(0, 2000));
  CHECK(code == 0);
  std::printf(
      "%zu runners made in %.1f s; watched for %lld s: %.2f%% of a core (at most %g%%), %.1f MB at most (%g), %zu "
      "requests to the forge, %d of them free (304)\n",
      kRunners, launched, static_cast<long long>(kWatched.count()), share * 100, kMostShare * 100, memory,
      kMostMegabytes, requests, not_modified);
  CHECK(share <= kMostShare);
  CHECK(memory <= kMostMegabytes);
}
