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
                                    "--second-look=0",
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

namespace {

// A runner whose agent is to be fetched, or is there, and a shell around it.
struct Serving {
  Serving() {
    put_script(folder.path / "agent/config.sh", "exit 0\n");
    put_script(folder.path / "agent/run.sh",
               fake_agent_teller(forge.port()) +
                   "bye() { tell offline here; exit 0; }\ntrap bye INT\ntell online here cml\necho 'Listening for "
                   "Jobs'\n" +
                   "sh ./then.sh\nwhile :; do sleep 0.05; done\n");
  }
  ProcessResult run(std::string const& around, std::string const& then = "",
                    std::map<std::string, std::string> const& variables = {}) {
    put_script(folder.path / "agent/then.sh", then);
    SpawnedProcess process;
    std::vector<std::pair<std::string, std::string>> environment(variables.begin(), variables.end());
    auto const result =
        process.run({.arguments = {"sh", "-c", around, std::getenv("CML_BINARY"), "runner", "launch", "--driver=github",
                                   "--repo=" + forge.repository_url(), "--name=here", "--idle-timeout=60",
                                   "--runner-path=" + (folder.path / "agent").string()},
                     .directory = folder.path,
                     .environment = environment,
                     .timeout = std::chrono::seconds(120)});
    REQUIRE(result);
    return *result;
  }
  FakeGitHubRunners forge;
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("cli stop: a terminal that is closed ends the runner as SIGTERM does, one under nohup goes on",
          "[cli][runner][stop]") {
  Serving serving;
  auto run = serving.run("exec \"$0\" \"$@\"", "kill -HUP $(ps -o ppid= -p $PPID | tr -d ' ')\n",
                         {{"REPO_TOKEN", "good-token"}});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready terminated");
  CHECK(runner_statuses(run.err).back()["reason"] == "SIGHUP");
  CHECK(serving.forge.runners().empty());
  run = serving.run("trap '' HUP; exec \"$0\" \"$@\"",
                    "cml=$(ps -o ppid= -p $PPID | tr -d ' ')\nkill -HUP $cml\nkill -TERM $cml\n",
                    {{"REPO_TOKEN", "good-token"}});
  INFO(run.err);
  CHECK(runner_statuses(run.err).back()["reason"] == "SIGTERM");
}

TEST_CASE("cli stop: what a job can read of cml holds no token", "[cli][runner][stop]") {
  Serving serving;
  auto const run = serving.run("exec \"$0\" \"$@\" --token good-token",
                               "cml=$(ps -o ppid= -p $PPID | tr -d ' ')\n{ env; tr '\\0' '\\n' < /proc/$cml/environ; "
                               "tr '\\0' ' ' < /proc/$cml/cmdline; } > "
                               "seen.txt\nkill -TERM $cml\n",
                               {{"GITHUB_TOKEN", "github-token"},
                                {"GITLAB_TOKEN", "gitlab-token"},
                                {"GITEA_TOKEN", "gitea-token"},
                                {"FORGEJO_TOKEN", "forgejo-token"},
                                {"BITBUCKET_TOKEN", "bitbucket-token"},
                                {"JENKINS_TOKEN", "jenkins-token"},
                                {"REPO_TOKEN", "repo-token"},
                                {"CML_RUNNER_TOKEN", "runner-token"},
                                {"PLAIN", "plain"}});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  std::string const seen = slurp(serving.folder.path / "agent/seen.txt");
  CHECK(contains(seen, "PLAIN=plain"));
  CHECK(contains(seen, "--driver=github"));
  CHECK_FALSE(contains(seen, "-token\n"));
  CHECK_FALSE(contains(seen, "good-token"));
}

TEST_CASE("cli stop: as the first process of a container cml reaps what jobs leave, and hears signals",
          "[cli][runner][stop]") {
  Serving serving;
  SpawnedProcess process;
  auto const able = process.run({.arguments = {"unshare", "--pid", "--fork", "--mount-proc", "true"}});
  if (!able || able->exit_code != 0) {
    WARN("no namespaces of processes here");
    return;
  }
  auto const run =
      serving.run("exec unshare --pid --fork --mount-proc \"$0\" \"$@\"",
                  // Orphans that end at once; the first process must have reaped them all.
                  "for i in $(seq 20); do sh -c 'sh -c \"exit 0\" & exit 0'; done\n"
                  "for i in $(seq 100); do [ \"$(ps -e -o stat= | grep -c Z)\" = 0 ] && break; sleep 0.05; done\n"
                  "ps -e -o stat= | grep -c Z > zombies.txt\nkill -TERM 1\n",
                  {{"REPO_TOKEN", "good-token"}});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(slurp(serving.folder.path / "agent/zombies.txt") == "0\n");
  CHECK(runner_statuses(run.err).back()["reason"] == "SIGTERM");
  CHECK(serving.forge.runners().empty());
}

TEST_CASE("cli stop: a signal while the agent is fetched ends cml at once, and nothing is registered",
          "[cli][runner][stop]") {
  FakeGitHubRunners forge;
  TemporaryFolder folder;
  int stopped = 0;
  HttpServer downloads([&](ServerRequest const&) -> ServerResponse {
    ::kill(static_cast<pid_t>(parse_integer(trim(slurp(folder.path / "pid"))).value_or(0)), SIGTERM);
    ++stopped;
    return {503, "", {}};
  });
  SpawnedProcess process;
  auto const run = process.run(
      {.arguments = {"sh", "-c", "echo $$ > pid; exec \"$0\" \"$@\"", std::getenv("CML_BINARY"), "runner", "launch",
                     "--driver=gitea", "--repo=" + forge.repository_url(), "--token=good-token", "--workdir=work"},
       .directory = folder.path,
       .environment = {{"CML_GITEA_RUNNER_URL", downloads.url()}, {"PATH", "/usr/bin:/bin"}},
       .timeout = std::chrono::seconds(60)});
  REQUIRE(run);
  CHECK(stopped == 1);
  CHECK(run->exit_code == 143);
  CHECK(forge.count("registration-token") == 0);
}
