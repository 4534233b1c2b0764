// The process that launches is stopped or killed while it launches: by signals as CI services send them, to the real
// binary.
#include <catch2/catch.hpp>

#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_cluster.hpp"
#include "support/fake_github_runners.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct StoppedLaunch {
  StoppedLaunch() {
    cluster.created = [] { return iso_time(std::chrono::system_clock::now()); };
  }
  // Sends the signal when the cluster has made the machine's last part.
  ProcessResult stopped_by(int signal) {
    cluster.on_start = [this, signal](std::string const&) {
      ::kill(static_cast<pid_t>(parse_integer(trim(slurp(folder.path / "pid"))).value_or(0)), signal);
    };
    SpawnedProcess process;
    auto const result =
        process.run({.arguments = {"sh", "-c", "echo $$ > pid; exec \"$0\" \"$@\"", std::getenv("CML_BINARY"), "runner",
                                   "launch", "--cloud=kubernetes", "--cloud-type=1-2000", "--single", "--driver=github",
                                   "--repo=" + forge.repository_url(), "--token=good-token",
                                   "--cml-url=https://releases.test/cml-linux-{arch}"},
                     .directory = folder.path,
                     .environment = {{"KUBERNETES_CONFIGURATION", access}},
                     .timeout = std::chrono::seconds(120)});
    REQUIRE(result);
    return *result;
  }
  FakeGitHubRunners forge;
  FakeCluster cluster;
  TemporaryFolder folder;
  std::string const access = kubeconfig(cluster.server.url(), "{token: cluster}");
};

}  // namespace

TEST_CASE("cli stop: a launch that is told to stop takes away what is not online yet", "[cli][runner][stop]") {
  for (int const signal : {SIGINT, SIGTERM, SIGQUIT}) {
    StoppedLaunch launch;
    auto const run = launch.stopped_by(signal);
    INFO(signal << run.err);
    CHECK(run.exit_code == 1);
    CHECK(contains(run.err, "stopped by SIG"));
    CHECK(launch.cluster.jobs.empty());
    CHECK(launch.cluster.secrets.empty());
    CHECK(launch.forge.runners().empty());
  }
}

TEST_CASE("cli stop: what a launch leaves that was killed is found by gc", "[cli][runner][stop]") {
  StoppedLaunch launch;
  CHECK(launch.stopped_by(SIGKILL).exit_code != 0);
  CHECK(launch.cluster.jobs.size() == 1);
  CHECK(launch.forge.runners().size() == 1);
  std::vector<std::string> const gc{"runner",
                                    "gc",
                                    "--cloud=kubernetes",
                                    "--driver=github",
                                    "--repo=" + launch.forge.repository_url(),
                                    "--token=good-token"};
  auto const with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), gc.begin(), gc.end());
    return run_cml(more, launch.folder.path, "", {{"KUBERNETES_CONFIGURATION", launch.access}});
  };
  CHECK(with({}).out == "");  // It may still be coming up.
  CHECK(contains(with({"--older-than=0", "--dry-run"}).out, "would remove cml-"));
  CHECK(launch.cluster.jobs.size() == 1);
  auto const swept = with({"--older-than=0"});
  INFO(swept.err);
  CHECK(swept.exit_code == 0);
  CHECK(contains(swept.out, ": its runner is offline"));
  CHECK(launch.cluster.jobs.empty());
  CHECK(launch.cluster.secrets.empty());
  CHECK(launch.forge.runners().empty());
}

TEST_CASE("cli stop: an agent whose cml was killed is told to end", "[cli][runner][stop]") {
  FakeGitHubRunners forge;
  TemporaryFolder folder;
  put_script(folder.path / "agent/config.sh", "exit 0\n");
  put_script(folder.path / "agent/run.sh",
             "trap 'echo told > told.txt; exit 0' INT\nkill -KILL $PPID\nwhile :; do sleep 0.05; done\n");
  auto const run = run_cml({"runner", "launch", "--driver=github", "--repo=" + forge.repository_url(),
                            "--token=good-token", "--name=here", "--runner-path=" + (folder.path / "agent").string()},
                           folder.path);
  CHECK(run.exit_code == 137);
  auto const there = [&] { return std::filesystem::exists(folder.path / "agent/told.txt"); };
  for (int i = 0; i < 200 && !there(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(there());
}
