// What it costs to watch 500 runners come up, and to sweep over 2,000 machines: `tools/bench runners`. Hidden from
// ordinary runs by its tag.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "support/child_process.hpp"
#include "runner/machine_id.hpp"
#include "runner/machine_words.hpp"
#include "support/fake_cluster.hpp"
#include "support/fake_ec2.hpp"
#include "support/fake_github_runners.hpp"
#include "support/fakes.hpp"
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

TEST_CASE("bench: one sweep over 2,000 machines", "[.bench_runners]") {
  char const* const binary = std::getenv("CML_BINARY");
  REQUIRE(binary != nullptr);
  constexpr int kMachines = 2000, kDead = 100;
  FakeGitHubRunners forge;
  Ec2Server ec2;
  TemporaryFolder folder;
  FakeRandom random;
  auto const now = std::chrono::system_clock::now();
  for (int i = 0; i < kMachines; ++i) {
    FakeInstance machine;
    machine.id = "i-" + std::to_string(i + 1);
    machine.region = "us-west-1";
    machine.zone = "us-west-1a";
    machine.type = "m5.2xlarge";
    auto const born = now - std::chrono::hours(2 + i % 40);
    machine.launched = iso_time(born);
    std::string const id = runner::make_id("train", "aws", born, random);
    machine.tags = {{"cml-id", id},
                    {"cml-repo", forge.repository_url()},
                    {"cml-labels", "cml"},
                    {"cml-expires-at", iso_time(now + std::chrono::hours(24))}};
    if (i % (kMachines / kDead) != 0) forge.add({0, id, {"cml"}, true, i % 2 == 0, false});
    ec2.ec2.instances.push_back(std::move(machine));
  }
  auto const began = std::chrono::steady_clock::now();
  std::vector<std::string> environment{"REPO_TOKEN=good-token"};
  for (auto const& [name, value] : ec2.variables({})) environment.push_back(name + "=" + value);
  ChildProcess sweep(
      {"sh", "-c",
       "\"$0\" runner gc --cloud=aws --cloud-region=us-west-1 --second-look=0 --driver=github --repo=" +
           forge.repository_url() + " > " + (folder.path / "out").string() + " 2> " + (folder.path / "log").string() +
           "; code=$?; echo done >> " + (folder.path / "out").string() + "; exit $code",
       binary},
      environment);
  REQUIRE(sweep.started());
  int code = -1;
  for (int i = 0; i < 6000 && !sweep.ended(&code); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  double const took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  INFO(slurp(folder.path / "log").substr(0, 2000));
  CHECK(code == 0);
  CHECK(ec2.ec2.living() == kMachines - kDead);
  CHECK(forge.runners().size() == kMachines - kDead);
  std::printf("gc over %d machines, %d of them dead: %.1f s, %zu requests to the forge, %d to EC2\n", kMachines, kDead,
              took, forge.requests().size(), static_cast<int>(ec2.ec2.bodies.size()));
}

TEST_CASE("bench: cml-agent's memory, and the time until it listens", "[.bench_runners]") {
  constexpr double kMostAgentMegabytes = 20;
  TemporaryFolder folder;
  std::string const act_runner =
      "#!/bin/sh\ntrap 'exit 0' INT\necho 'level=info msg=\"declare successfully\"'\nwhile :; do sleep 0.2; done\n";
  HttpServer maker([&](ServerRequest const& request) -> ServerResponse {
    return {200, contains(request.path, ".sha256") ? sha256_hex(act_runner) + "  act_runner\n" : act_runner, {}};
  });
  std::ofstream(folder.path / "registration")
      << R"({"id": "5", "secret": "s", "details": {"uuid": "u", "instance": ")" + maker.url() + "\"}}";
  runner::MachineTask task{"gitea", maker.url() + "/o/r", maker.url() + "/api/v1", {}};
  task.launch.name = "cml-x";
  task.launch.idle_timeout = seconds(5);
  task.launch.registration_file = (folder.path / "registration").string();
  std::vector<std::string> words{
      "sh", "-c", "log=$1; shift; exec \"$0\" \"$@\" 2> \"$log\"",
      std::filesystem::path(std::getenv("CML_BINARY")).replace_filename("cml-agent").string(),
      (folder.path / "log").string()};
  for (std::string const& word : runner::words_of(task)) words.push_back(word);
  auto const began = std::chrono::steady_clock::now();
  ChildProcess agent(words, {"HOME=" + folder.path.string(), "CML_GITEA_RUNNER_URL=" + maker.url()});
  REQUIRE(agent.started());
  double online = -1, memory = 0;
  int code = -1;
  for (int i = 0; i < 3000 && !agent.ended(&code); ++i) {
    if (online < 0 && contains(slurp(folder.path / "log"), "\"ready\""))
      online = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    memory = std::max(memory, peak_megabytes(agent.id()));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  INFO(slurp(folder.path / "log"));
  CHECK(code == 0);
  std::printf("cml-agent: listens after %.2f s, fetching its agent from this machine; %.1f MB at most (%g)\n", online,
              memory, kMostAgentMegabytes);
  CHECK(online >= 0);
  CHECK(memory <= kMostAgentMegabytes);
}
