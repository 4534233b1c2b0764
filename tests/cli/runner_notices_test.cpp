// A machine that is taken away in the middle of a job, end to end: the cloud's own notice, the agent's end, and the
// job's second run.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <mutex>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "platform/spawned_process.hpp"
#include "runner/machine_id.hpp"
#include "support/fake_cluster.hpp"
#include "support/fake_github_runners.hpp"
#include "support/fakes.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

// The three clouds' metadata services, each insisting on what it insists on, with the notice already out.
struct Metadata {
  Metadata()
      : server([this](ServerRequest const& request) -> ServerResponse {
          std::lock_guard<std::mutex> const lock(mutex);
          calls.push_back(request.method + " " + request.path);
          // So near that no job works on until then.
          std::string const deadline = iso_time(std::chrono::system_clock::now() + std::chrono::seconds(40));
          if (request.path == "/latest/api/token")
            return request.method == "PUT" && !request.header("x-aws-ec2-metadata-token-ttl-seconds").empty()
                       ? ServerResponse{200, "session", {}}
                       : ServerResponse{400, "", {}};
          if (request.path == "/latest/meta-data/spot/instance-action") {
            if (request.header("x-aws-ec2-metadata-token") != "session") return {401, "", {}};
            return {200, json{{"action", "terminate"}, {"time", deadline}}.dump(), {}};
          }
          if (request.path == "/computeMetadata/v1/instance/preempted")
            return request.header("metadata-flavor") == "Google" ? ServerResponse{200, "TRUE", {}}
                                                                 : ServerResponse{403, "", {}};
          if (request.path == "/metadata/scheduledevents" && request.header("metadata") == "true")
            return {200,
                    json{{"DocumentIncarnation", 1},
                         {"Events", json::array({{{"EventId", "e"},
                                                  {"EventType", "Preempt"},
                                                  {"ResourceType", "VirtualMachine"},
                                                  {"Resources", json::array({"vm"})},
                                                  {"EventStatus", "Scheduled"},
                                                  {"NotBefore", http_date(std::chrono::system_clock::now() +
                                                                          std::chrono::seconds(30))}}})}}
                        .dump(),
                    {}};
          return {404, "", {}};
        }) {}
  std::mutex mutex;
  std::vector<std::string> calls;
  HttpServer server;
};

// Takes a job at once; asked to end, it tells GitHub, which forgets a runner for one job.
std::string noticed_agent_script(int port, std::string const& name, std::string const& then = "") {
  return fake_agent_teller(port) + "bye() { echo 'Exiting...'; tell leave " + name +
         "; exit 0; }\ntrap bye INT\ntell online " + name + " cml\ntell busy " + name +
         "\nGITHUB_RUN_ID=55 GITHUB_REPOSITORY=o/r \"$ACTIONS_RUNNER_HOOK_JOB_STARTED\"\nprintf 'x: Listening for "
         "Jobs\\nx: Running job: train\\n'\n" +
         then + "while :; do sleep 0.05; done\n";
}

// GitHub, some minutes later: the run failed because its runner went away.
FakeRun lost_run(std::string const& runner) {
  FakeRun run;
  run.status = "completed";
  run.conclusion = "failure";
  run.runner_name = runner;
  run.no_failed_jobs = true;
  run.annotation =
      "The runner has received a shutdown signal. This can happen when the runner service is stopped, or a manually "
      "started runner is canceled.";
  return run;
}

std::string fresh_id() {
  FakeRandom random;
  return runner::make_id("train", "aws", std::chrono::system_clock::now(), random);
}

void gc_runs_it_again_once(FakeGitHubRunners& forge, std::filesystem::path const& folder, std::string const& name,
                           std::map<std::string, std::string> const& environment = {},
                           std::vector<std::string> more = {}) {
  forge.runs[55] = lost_run(name);
  more.insert(more.begin(),
              {"runner", "gc", "--driver=github", "--repo=" + forge.repository_url(), "--token=good-token"});
  auto with_dry = more, with_no = more;
  with_dry.push_back("--dry-run");
  with_no.push_back("--no-retry");
  CHECK(contains(run_cml(with_dry, folder, "", environment).out, "would run again: run 55 of o/r"));
  CHECK(run_cml(with_no, folder, "", environment).exit_code == 0);
  CHECK(forge.runs[55].attempt == 1);
  auto const swept = run_cml(more, folder, "", environment);
  INFO(swept.err);
  CHECK(swept.exit_code == 0);
  CHECK(contains(swept.err, "the interrupted job runs again: run 55 of o/r"));
  CHECK(forge.runs[55].attempt == 2);
  forge.runs[55].status = "completed";
  forge.runs[55].conclusion = "failure";
  CHECK_FALSE(contains(run_cml(more, folder, "", environment).err, "runs again"));
  CHECK(forge.runs[55].attempt == 2);
}

}  // namespace

TEST_CASE("cli notices: AWS, Google Cloud and Azure take a machine away, its job runs again, once",
          "[cli][runner][notices]") {
  struct Case {
    std::string cloud, variable, reason;
  };
  for (Case const& item :
       {Case{"aws", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "spot interruption"},
        Case{"gcp", "GCE_METADATA_HOST", "preemption"}, Case{"azure", "CML_AZURE_METADATA_ENDPOINT", "preempt"}}) {
    INFO(item.cloud);
    FakeGitHubRunners forge;
    Metadata metadata;
    TemporaryFolder folder;
    std::string const name = fresh_id();
    std::string const service =
        item.cloud == "gcp" ? "127.0.0.1:" + std::to_string(metadata.server.port()) : metadata.server.url();
    put_script(folder.path / "agent/run.sh", noticed_agent_script(forge.port(), name));
    // As on the machine: a registration and no token.
    std::ofstream(folder.path / "registration.json")
        << R"({"id": "20", "secret": "jit-x", "details": {"kind": "jit"}})";
    auto const run =
        run_cml({"runner", "launch", "--driver=github", "--repo=" + forge.repository_url(), "--name=" + name,
                 "--registration=" + (folder.path / "registration.json").string(), "--machine-of=" + item.cloud,
                 "--single", "--runner-path=" + (folder.path / "agent").string()},
                folder.path, "", {{item.variable, service}});
    INFO(run.err);
    CHECK(run.exit_code == 0);
    CHECK(status_words(run.err) == "ready job_started terminated");
    CHECK(runner_statuses(run.err).back()["reason"] == item.reason);
    CHECK(contains(run.err, "the interrupted job was not run again: this machine holds no token"));
    CHECK_FALSE(metadata.calls.empty());
    CHECK(forge.runners().empty());
    gc_runs_it_again_once(forge, folder.path, name);
  }
}

TEST_CASE("cli notices: a machine that has a token runs the job again itself", "[cli][runner][notices]") {
  FakeGitHubRunners forge;
  Metadata metadata;
  TemporaryFolder folder;
  forge.runs[55] = {};
  forge.runs[55].no_failed_jobs = true;
  forge.runs[55].runner_name = "here";
  put_script(folder.path / "agent/config.sh", "exit 0\n");
  put_script(folder.path / "agent/run.sh", noticed_agent_script(forge.port(), "here"));
  auto const run =
      run_cml({"runner", "launch", "--driver=github", "--repo=" + forge.repository_url(), "--token=good-token",
               "--name=here", "--machine-of=aws", "--runner-path=" + (folder.path / "agent").string()},
              folder.path, "", {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.server.url()}});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started terminated");
  CHECK(contains(run.err, "the interrupted job runs again: run 55 of o/r"));
  CHECK(forge.runs[55].attempt == 2);
  CHECK(forge.runners().empty());
}

TEST_CASE("cli notices: Kubernetes ends a pod by SIGTERM, its job runs again, once", "[cli][runner][notices]") {
  FakeGitHubRunners forge;
  FakeCluster cluster;
  cluster.created = [] { return iso_time(std::chrono::system_clock::now()); };
  cluster.on_start = [&](std::string const&) { forge.bring_online(1); };
  TemporaryFolder folder;
  std::map<std::string, std::string> const access{
      {"KUBERNETES_CONFIGURATION", kubeconfig(cluster.server.url(), "{token: cluster}")}};
  auto const launched = run_cml({"runner", "launch", "--cloud=kubernetes", "--cloud-type=1-2000", "--single",
                                 "--driver=github", "--repo=" + forge.repository_url(), "--token=good-token"},
                                folder.path, "", access);
  INFO(launched.err);
  REQUIRE(launched.exit_code == 0);
  std::string const name = cluster.jobs.begin()->first;
  // What the pod would do, here: the container's command, with the secret and the image's agent in other
  // places.
  std::ofstream(folder.path / "registration.json")
      << cluster.secrets.at(name)["stringData"]["registration"].get<std::string>();
  std::string command = replace_all(
      cluster.jobs.begin()->second["spec"]["template"]["spec"]["containers"][0]["command"][2].get<std::string>(),
      "/var/run/cml/registration", (folder.path / "registration.json").string());
  command = replace_all(command, "/home/runner/run.sh", (folder.path / "agent/run.sh").string());  // Of the image.
  put_script(folder.path / "agent/run.sh",
             noticed_agent_script(forge.port(), name, "kill -TERM $PPID\n"));  // Its parent is the pod's first process.
  SpawnedProcess process;
  auto const pod =
      process.run({.arguments = {"env", "-i", "PATH=" + (folder.path / "bin").string() + ":" + std::getenv("PATH"),
                                 "bash", "-c", command},
                   .directory = folder.path,
                   .timeout = std::chrono::seconds(120)});
  REQUIRE(pod);
  INFO(pod->err);
  CHECK(pod->exit_code == 0);
  CHECK(status_words(pod->err) == "ready job_started terminated");
  CHECK(runner_statuses(pod->err).back()["reason"] == "SIGTERM");
  CHECK_FALSE(contains(pod->err + pod->out, "good-token"));
  gc_runs_it_again_once(forge, folder.path, name);
  // And the Job itself, which nobody serves from any more.
  auto const swept = run_cml({"runner", "gc", "--cloud=kubernetes", "--older-than=0", "--second-look=0",
                              "--driver=github", "--repo=" + forge.repository_url(), "--token=good-token"},
                             folder.path, "", access);
  INFO(swept.err);
  CHECK(contains(swept.out, "removed " + name + ": it has no runner"));
  CHECK(cluster.jobs.empty());
}
