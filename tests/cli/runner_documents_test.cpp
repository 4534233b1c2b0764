// The five source documents' pipelines from the launching job to the end of the machine, with the real binary and fakes
// that match jobs to labels: the machine's boot script runs in namespaces, or the pod's as a process; its agent takes
// the job that asks for it and runs the job's own commands, which post the report; then the machine goes. What is
// installed on a real machine is held by tools/dev/boot_root. Idle times are shorter than the documents'.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_bitbucket_runners.hpp"
#include "support/fake_cluster.hpp"
#include "support/fake_ec2.hpp"
#include "support/fake_github.hpp"
#include "support/fake_github_runners.hpp"
#include "support/fake_gitlab.hpp"
#include "support/fake_gitlab_runners.hpp"
#include "support/fake_jenkins.hpp"
#include "support/machine_stage.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

using Values = std::map<std::string, std::string>;
std::string const kCommit(40, 'a');

// The commands of a job, as its forge's agent would run them.
std::string job_of_document(Values const& variables, std::string const& commands) {
  std::string script = "set -e\n";
  for (auto const& [name, value] : variables) script += "export " + name + "='" + value + "'\n";
  return script + "cd \"$(mktemp -d)\"\necho 'accuracy 0.9' > metrics.txt\n" + commands;
}

// An agent's life: it is asked what it has to do until it is told to end. `started` and `ended` print what the real one
// prints; $name is the runner's, $once is not empty where it leaves after one job.
std::string agent_life(std::string const& url, std::string const& ready, std::string const& started,
                       std::string const& ended) {
  return "ask() { curl -s --noproxy '*' -X POST \"" + url +
         "/fake/$1?name=$name&result=${2:-}\"; }\n"
         "trap 'ask offline > /dev/null; exit 0' INT\nask online > /dev/null\n" +
         ready + "\nfor i in {1..900}; do\n  job=$(ask take)\n  if [ -n \"$job\" ]; then\n    " + started +
         "\n    if bash -c \"$job\" > job.txt 2>&1; then result=success; else result=failure; cat job.txt; fi\n    ask "
         "done $result > /dev/null\n    " +
         ended + "\n    [ -z \"$once\" ] || exit 0\n  fi\n  sleep 0.1\ndone\n";
}

void put_actions_runner(FakeGitHubRunners& forge, std::filesystem::path const& folder) {
  put_script(folder / "config.sh",
             "cd \"$(dirname \"$0\")\"\nwhile [ $# -gt 0 ]; do [ \"$1\" = --name ] && name=$2; [ \"$1\" = --labels ] "
             "&& labels=$2; shift; done\n"
             "echo \"$name\" > name\ncurl -s --noproxy '*' -X POST \"" +
                 forge.url() +
                 "/fake/online?name=$name&labels=self-hosted,Linux,X64,$labels\" > id\ncurl -s --noproxy '*' -X POST "
                 "\"" +
                 forge.url() +
                 "/fake/offline?name=$name\"\nprintf '\\xEF\\xBB\\xBF{\"agentId\": %s}' \"$(cat id)\" > .runner\n");
  put_script(folder / "run.sh",
             "once=${ACTIONS_RUNNER_INPUT_JITCONFIG:-}\nname=${once#jit-}\n[ -n \"$name\" ] || name=$(cat "
             "\"$(dirname \"$0\")/name\")\n" +
                 agent_life(forge.url(), "echo 'x: Listening for Jobs'", "echo 'x: Running job: train'",
                            "if [ $result = success ]; then echo 'x: Job train completed with result: Succeeded'; else "
                            "echo 'x: Job train completed with result: Failed'; fi"));
}

std::string gitlab_runner(FakeGitLabRunners const& forge) {
  return "[ \"$1\" = --version ] && exit 0\nname=x once=\ncase \"$*\" in *--max-builds*) once=yes ;; esac\n" +
         agent_life(forge.server.url(),
                    R"(echo '{"level":"info","msg":"Starting runner for x with token glrt-s ...","time":"t"}')",
                    R"(echo '{"job":900,"level":"info","msg":"Checking for jobs... received","project":7,"time":"t"}')",
                    "[ $result != success ] || echo '{\"duration_s\":1.5,\"job\":900,\"msg\":\"Job succeeded\"}'");
}

// A machine of AWS that boots as soon as EC2 has made it, and is gone when its power is.
struct BootedMachine {
  explicit BootedMachine(std::filesystem::path const& folder) : stage(folder) {
    stage.bring(std::getenv("CML_BINARY"), "cml");
    stage.fake("cml-send-comment", "exec -a cml-send-comment /fakes/cml \"$@\"\n");
    for (std::string const name : {"pip", "python"}) stage.fake(name, "echo \"" + name + " $*\" >> /calls.txt\n");
    ec2.ec2.on_start = [this](FakeInstance const& instance) {
      machine = std::thread([this, script = boot_script_of(instance)] {
        end = stage.boot(script);
        std::lock_guard<std::mutex> const lock(ec2.mutex);
        if (end.power_went())
          for (FakeInstance& one : ec2.ec2.instances) one.state = "terminated";
      });
    };
  }
  ~BootedMachine() {
    if (machine.joinable()) machine.join();
  }
  void served_and_went() {
    REQUIRE(machine.joinable());
    machine.join();
    INFO(end.boot_log << end.calls << end.log << end.errors);
    CHECK(end.exit_code == 0);
    CHECK(status_words(replace_all(end.log, ":900", "")).starts_with("ready job_started"));
    CHECK(end.power_went());
    CHECK(ec2.ec2.living() == 0);
    for (std::string const& text : {end.log, end.boot_log, slurp(stage.root / "boot.sh")})
      CHECK_FALSE(contains(text, "good-token"));
  }
  Ec2Server ec2;
  MachineStage stage;
  std::thread machine;
  MachineStage::End end;
};

bool no_namespaces() {
  if (can_have_namespaces()) return false;
  WARN("no namespaces for users here: the boot script was not run as on a machine");
  return true;
}

Values together(Values values, Values const& more) {
  values.insert(more.begin(), more.end());
  return values;
}

Values github_environment(std::string const& url) {
  return {{"GITHUB_ACTIONS", "true"},          {"GITHUB_SERVER_URL", url}, {"GITHUB_REPOSITORY", "o/r"},
          {"GITHUB_API_URL", url + "/api/v3"}, {"GITHUB_SHA", kCommit},    {"REPO_TOKEN", "good-token"}};
}
Values gitlab_environment(std::string const& url) {
  return {{"GITLAB_CI", "true"},
          {"CI_SERVER_URL", url},
          {"CI_PROJECT_URL", url + "/g/p"},
          {"CI_PROJECT_PATH", "g/p"},
          {"CI_API_V4_URL", url + "/api/v4"},
          {"CI_COMMIT_SHA", kCommit},
          {"REPO_TOKEN", "good-token"}};
}
constexpr char const* kReport = "cat metrics.txt >> report.md\ncml send-comment report.md\n";

bool report_posted(FakeForge const& forge, CommentTarget const& target = CommitTarget{kCommit}) {
  auto const bodies = forge.bodies(target);
  return bodies.size() == 1 && contains(bodies[0], "accuracy 0.9");
}

// A forge that hands out jobs all the time.
struct AtWork {
  explicit AtWork(std::function<void()> const& work)
      : thread([this, work] {
          while (!done) work(), std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }) {}
  ~AtWork() { stop(); }
  void stop() {
    done = true;
    if (thread.joinable()) thread.join();
  }
  std::atomic<bool> done{false};
  std::thread thread;
};

}  // namespace

TEST_CASE("cli documents: Bitbucket's spot machine on AWS trains, reports and is gone", "[cli][runner][documents]") {
  if (no_namespaces()) return;
  FakeBitbucketRunners forge;
  FakeBitbucket reports;
  reports.add_pull_request(7, kCommit);
  TemporaryFolder folder;
  BootedMachine machine(folder.path);
  machine.stage.fake("docker",
                     "[ \"$1\" = container ] || exit 0\nonce=\nwhile [ $# -gt 1 ]; do [ \"$1\" = --name ] && name=$2; "
                     "shift; done\n" +
                         agent_life(forge.url(), "echo 'x Updating runner status to \"ONLINE\" and checking'",
                                    "echo 'Getting step StepId{accountUuid={a}, pipelineUuid={p1}, stepUuid={s2}}.'",
                                    "echo 'Completing step with result Result{status=PASSED}'"));
  // The document's step asks for cml.runner, which its launch does not give; its words otherwise.
  forge.pipelines[1] = {
      {"deploy", {}, ""},
      {"train",
       {"self.hosted", "cml"},
       job_of_document({{"BITBUCKET_REPO_UUID", "{r}"},
                        {"BITBUCKET_GIT_HTTP_ORIGIN", reports.url() + "/w/r"},
                        {"BITBUCKET_COMMIT", kCommit},
                        {"BITBUCKET_PR_ID", "7"},
                        {"CML_API_URL", reports.url()},
                        {"CML_DRIVER", "bitbucket"},
                        {"REPO_TOKEN", "good-token"}},
                       "pip install -r requirements.txt\npython get_data.py\npython train.py\ncat metrics.txt > "
                       "report.md\necho '' >> report.md\ncml send-comment --pr --update report.md\n")}};
  CmlRun launched;
  forge.work([&](FakeStep const&) {
    launched = run_cml(
        {"runner", "--cloud=aws", "--cloud-region=us-west", "--cloud-type=m5.2xlarge", "--cloud-spot", "--labels=cml"},
        folder.path, "",
        machine.ec2.variables({{"BITBUCKET_REPO_UUID", "{repo}"},
                               {"BITBUCKET_GIT_HTTP_ORIGIN", forge.url() + "/w/r"},
                               {"repo_token", "dXNlcjpwYXNz"},
                               {"CML_API_URL", forge.url() + "/2.0"},
                               {"CML_DRIVER", "bitbucket"},
                               {"CML_RUNNER_IDLE_TIMEOUT", "20"}}));
  });
  INFO(launched.err);
  REQUIRE(launched.exit_code == 0);
  machine.served_and_went();
  CHECK(machine.ec2.ec2.instances[0].spot);
  CHECK(forge.pipelines[1][1].result == "SUCCESSFUL");
  CHECK(contains(machine.end.calls, "pip install -r requirements.txt\npython get_data.py\npython train.py\n"));
  CHECK(report_posted(reports, PullRequestTarget{7}));
}

TEST_CASE("cli documents: docker run by environment serves its job on GitHub and on GitLab, and ends idle",
          "[cli][runner][documents]") {
  Values const run{
      {"RUNNER_IDLE_TIMEOUT", "2"}, {"RUNNER_LABELS", "cml,gpu"}, {"repo_token", "good-token"}, {"IN_DOCKER", "1"}};
  TemporaryFolder folder;
  put_script(folder.path / "bin/cml-send-comment",
             "exec -a cml-send-comment '" + std::string(std::getenv("CML_BINARY")) + "' \"$@\"\n");
  std::string const path = (folder.path / "bin").string() + ":/usr/bin:/bin";
  std::string const commands =
      "cat metrics.txt >> report.md\necho 'Hi from CML!' >> report.md\ncml-send-comment report.md\n";
  {
    FakeGitHubRunners forge;
    FakeGitHub reports;
    forge.runs[5].jobs = {{"train", {"self-hosted", "cml", "gpu"}, {}}};
    forge.runs[5].jobs[0].script = job_of_document(github_environment(reports.url()), commands);
    put_actions_runner(forge, folder.path / "agent");
    AtWork working([&] { forge.work(); });
    auto const ended = run_cml({}, folder.path, "",
                               together(run, {{"RUNNER_REPO", forge.repository_url()},
                                              {"RUNNER_DRIVER", "github"},
                                              {"PATH", path},
                                              {"CML_RUNNER_RUNNER_PATH", (folder.path / "agent").string()}}),
                               "cml-runner");
    INFO(ended.err << slurp(folder.path / "agent/job.txt"));
    CHECK(ended.exit_code == 0);
    CHECK(status_words(ended.err) == "ready job_started job_ended terminated");
    CHECK(report_posted(reports));
    CHECK(forge.runners().empty());
  }
  FakeGitLabRunners forge;
  FakeGitLab reports;
  forge.job_status = "pending";
  forge.job_tags = {"cml", "gpu"};
  forge.job_script = job_of_document(gitlab_environment(reports.url()), commands);
  put_script(folder.path / "gitlab-runner", gitlab_runner(forge));
  auto const ended = run_cml({}, folder.path, "",
                             together(run, {{"RUNNER_REPO", forge.server.url() + "/g/p"},
                                            {"RUNNER_DRIVER", "gitlab"},
                                            {"PATH", path},
                                            {"CML_RUNNER_RUNNER_PATH", (folder.path / "gitlab-runner").string()}}),
                             "cml-runner");
  INFO(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(status_words(ended.err) == "ready job_started:900 job_ended:900 terminated");
  CHECK(report_posted(reports));
  CHECK(forge.runners.empty());
}

TEST_CASE("cli documents: a p2.xlarge for GitHub and for GitLab trains, reports and is gone",
          "[cli][runner][documents]") {
  if (no_namespaces()) return;
  SECTION("GitHub") {
    FakeGitHubRunners forge;
    FakeGitHub reports;
    TemporaryFolder folder;
    put_actions_runner(forge, folder.path / "agent");
    SpawnedProcess process;
    forge.agent_archive =
        process.run({.arguments = {"tar", "-czf", "-", "-C", (folder.path / "agent").string(), "."}})->out;
    FakeRun& run = forge.runs[78];
    run.jobs = {{"deploy-runner", {"ubuntu-latest"}, {}},
                {"train-model", {"self-hosted", "cml-gpu"}, {"deploy-runner"}}};
    run.jobs[1].script = job_of_document(github_environment(reports.url()),
                                         "pip install -r requirements.txt\npython train.py\n" + std::string(kReport));
    BootedMachine machine(folder.path);
    Values const environment =
        machine.ec2.variables(together(github_environment(forge.url()), {{"CML_RUNNER_IDLE_TIMEOUT", "20"}}));
    CmlRun launched;
    forge.work([&](FakeJob const&) {
      launched =
          run_cml({"runner", "--cloud=aws", "--cloud-region=us-west", "--cloud-type=p2.xlarge", "--labels=cml-gpu"},
                  folder.path, "", environment);
    });
    INFO(launched.err);
    REQUIRE(launched.exit_code == 0);
    machine.served_and_went();
    CHECK(run.job("train-model").conclusion == "success");
    CHECK(report_posted(reports));
    // Its registration, which the machine had no token to remove, goes with the next sweep.
    forge.settle();
    auto const swept =
        run_cml({"runner", "gc", "--cloud=aws", "--older-than=0", "--second-look=0"}, folder.path, "", environment);
    CHECK(contains(swept.out, ": its machine is gone"));
    CHECK(forge.runners().empty());
  }
  SECTION("GitLab") {
    FakeGitLabRunners forge;
    FakeGitLab reports;
    TemporaryFolder folder;
    BootedMachine machine(folder.path);
    machine.stage.fake("gitlab-runner", gitlab_runner(forge));
    auto const launched = run_cml(
        {"runner", "--cloud=aws", "--cloud-region=us-west", "--cloud-type=p2.xlarge", "--cloud-spot",
         "--labels=cml-gpu"},
        folder.path, "",
        machine.ec2.variables(together(gitlab_environment(forge.server.url()), {{"CML_RUNNER_IDLE_TIMEOUT", "20"}})));
    INFO(launched.err);
    REQUIRE(launched.exit_code == 0);
    {
      std::lock_guard<std::mutex> const lock(forge.mutex);
      forge.job_tags = {"cml-gpu"};
      forge.job_script = job_of_document(gitlab_environment(reports.url()), kReport);
      forge.job_status = "pending";
    }
    machine.served_and_went();
    CHECK(forge.job_status == "success");
    CHECK(report_posted(reports));
    CHECK(forge.runners.empty());  // It leaves by its own right.
  }
}

TEST_CASE("cli documents: one job on Kubernetes, on GitHub and on GitLab, by the pod's own script",
          "[cli][runner][documents]") {
  std::vector<std::string> const command{"runner",
                                         "--labels=cml-runner",
                                         "--cloud=kubernetes",
                                         "--cloud-type=1-2000",
                                         "--cloud-kubernetes-node-selector=gpu=true",
                                         "--single"};
  for (bool const on_github : {true, false}) {
    INFO((on_github ? "github" : "gitlab"));
    FakeGitHubRunners github;
    FakeGitLabRunners gitlab;
    FakeGitHub github_reports;
    FakeGitLab gitlab_reports;
    FakeCluster cluster;
    cluster.created = [] { return iso_time(std::chrono::system_clock::now()); };
    TemporaryFolder folder;
    put_actions_runner(github, folder.path / "agent");
    put_script(folder.path / "bin/gitlab-runner", gitlab_runner(gitlab));
    put_script(folder.path / "bin/cml", "exec '" + std::string(std::getenv("CML_BINARY")) + "' \"$@\"\n");
    std::thread pod;
    std::string log;
    cluster.on_start = [&](std::string const& name) {  // The container's command, with its places moved.
      std::ofstream(folder.path / "registration")
          << cluster.secrets.at(name)["stringData"]["registration"].get<std::string>();
      std::string script =
          cluster.jobs.at(name)["spec"]["template"]["spec"]["containers"][0]["command"][2].get<std::string>();
      script = replace_all(script, "/var/run/cml/registration", (folder.path / "registration").string());
      script = replace_all(script, "/home/runner/run.sh", (folder.path / "agent/run.sh").string());
      pod = std::thread([&, script, name] {
        SpawnedProcess process;
        auto const ended =
            process.run({.arguments = {"env", "-i", "PATH=" + (folder.path / "bin").string() + ":/usr/bin:/bin", "bash",
                                       "-c", script},
                         .directory = folder.path,
                         .timeout = std::chrono::seconds(120)});
        log = ended ? ended->err : ended.error().message;
        std::lock_guard<std::mutex> const lock(cluster.mutex);
        if (ended && ended->exit_code == 0) cluster.jobs.at(name)["status"] = {{"succeeded", 1}};
      });
    };
    Values const environment =
        together(on_github ? github_environment(github.url()) : gitlab_environment(gitlab.server.url()),
                 {{"KUBERNETES_CONFIGURATION", kubeconfig(cluster.server.url(), "{token: cluster}")}});
    CmlRun launched;
    if (on_github) {
      FakeRun& run = github.runs[78];
      run.jobs = {{"setup-runner", {"ubuntu-latest"}, {}}, {"train", {"self-hosted", "cml-runner"}, {"setup-runner"}}};
      run.jobs[1].script = job_of_document(github_environment(github_reports.url()), kReport);
      github.work([&](FakeJob const&) { launched = run_cml(command, folder.path, "", environment); });
    } else {
      launched = run_cml(command, folder.path, "", environment);
      std::lock_guard<std::mutex> const lock(gitlab.mutex);
      gitlab.job_tags = {"cml-runner"};
      gitlab.job_script = job_of_document(gitlab_environment(gitlab_reports.url()), kReport);
      gitlab.job_status = "pending";
    }
    if (pod.joinable()) pod.join();
    INFO(launched.err << log);
    CHECK(launched.exit_code == 0);
    CHECK(status_words(replace_all(log, ":900", "")) == "ready job_started job_ended terminated");
    CHECK(runner_statuses(log).back()["reason"] == "single job");
    CHECK((on_github ? report_posted(github_reports) : report_posted(gitlab_reports)));
    CHECK((on_github ? github.runners().empty() : gitlab.runners.empty()));
    // The Job has ended, which is the machine's end; the cluster clears it away, or gc.
    auto const swept = run_cml({"runner", "gc", "--cloud=kubernetes", "--older-than=0", "--second-look=0"}, folder.path,
                               "", environment);
    INFO(swept.err);
    CHECK(contains(swept.out, ": stopped"));
    CHECK(cluster.jobs.empty());
  }
}

TEST_CASE("cli documents: a Jenkins node on EC2 by its label runs a build, and its machine goes with it",
          "[cli][runner][documents]") {
  if (no_namespaces()) return;
  FakeClock clock;
  FakeJenkins jenkins(clock);
  FakeGitHub reports;
  std::mutex mutex;
  auto const began = std::chrono::system_clock::now();
  jenkins.cut = {{0, 1'000'000}};  // Until the agent has connected.
  jenkins.builds = {{0, 2}};
  std::string const program = slurp(std::filesystem::path(std::getenv("CML_BINARY")).replace_filename("cml-agent"));
  HttpServer server([&, start = clock.now()](ServerRequest const& request) -> ServerResponse {
    std::lock_guard<std::mutex> const lock(mutex);
    if (request.path.starts_with("/cml-agent")) return {200, request.method == "HEAD" ? "" : program, {}};
    clock.now_ = start + (std::chrono::system_clock::now() - began);
    if (request.path == "/fake/connected") return jenkins.cut.clear(), ServerResponse{200, "", {}};
    if (request.path == "/fake/running")
      return {200, std::to_string(jenkins.count("running") + jenkins.count("done")), {}};
    auto const answer =
        jenkins.send({.method = request.method, .url = "http://x" + request.path, .body = request.body});
    return {answer->status, answer->body, {}};
  });
  TemporaryFolder folder;
  BootedMachine machine(folder.path);
  // Jenkins' agent tells nothing of builds; this one ends when its build is done, as where Jenkins takes the node away.
  machine.stage.fake("java", "ask() { curl -s --noproxy '*' -X POST \"" + server.url() +
                                 "/fake/$1\"; }\necho \"$@\" > /java.txt\necho 'INFO: Connected'\nask connected\n"
                                 "until [ \"$(ask running)\" = 1 ]; do sleep 0.2; done\nbash /job.sh > /job.txt 2>&1\n"
                                 "sleep 3\nexit 0\n");
  machine.stage.put("job.sh", job_of_document(github_environment(reports.url()), kReport));
  auto const launched = run_cml({"runner", "launch", "--cloud=aws", "--cloud-region=us-west", "--cloud-type=m",
                                 "--driver=jenkins", "--repo=" + server.url(), "--labels=tensorflow", "--max-agents=2",
                                 "--idle-timeout=10 minutes", "--cloud-metadata=Name=managed-by-jenkins",
                                 "--cml-url=" + server.url() + "/cml-agent-{arch}#sha256=" + sha256_hex(program)},
                                folder.path, "", machine.ec2.variables({{"REPO_TOKEN", "user:good-token"}}));
  INFO(launched.err);
  REQUIRE(launched.exit_code == 0);
  machine.machine.join();
  INFO(machine.end.boot_log << machine.end.calls << machine.end.log << slurp(machine.stage.root / "job.txt"));
  CHECK(machine.end.power_went());
  CHECK(machine.ec2.ec2.living() == 0);
  CHECK(machine.ec2.ec2.instances[0].tags.at("Name") == "managed-by-jenkins");
  CHECK(status_words(machine.end.log) == "ready terminated");
  CHECK(jenkins.count("waiting") == 0);  // The node got it.
  CHECK(jenkins.remote_folder.starts_with("/root/.cml/cml-"));
  CHECK(contains(slurp(machine.stage.root / "java.txt"), "-webSocket"));
  CHECK(report_posted(reports));
}
