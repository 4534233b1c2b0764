// Gitea's runners with the real binary: a fake server that knows runners, tasks, jobs and runs, and an act_runner that
// prints what the real one prints.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <mutex>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "runner/machine_words.hpp"
#include "support/fake_github_runners.hpp"
#include "support/http_server.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

struct FakeGiteaRunners {
  FakeGiteaRunners() : server([this](ServerRequest const& request) { return handle(request); }) {}

  ServerResponse handle(ServerRequest const& request) {
    std::lock_guard<std::mutex> const lock(mutex);
    std::string const call = request.method + " " + request.path;
    auto const answer = [](int status, json const& body) {
      return ServerResponse{status, body.dump(), {{"Content-Type", "application/json"}}};
    };
    auto const failure = [&](int status, std::string const& message) {
      return answer(status, {{"message", message}, {"url", "https://gitea.test/api/swagger"}});
    };
    if (request.path.substr(0, 6) == "/fake/") {  // Of the agent.
      std::string const what = request.path.substr(6);
      if (what == "busy")
        task = "running", run_status = "in_progress";
      else if (what == "leave")
        runners.erase(5);
      else
        task = what, run_status = "completed";
      return {200, "", {}};
    }
    calls.push_back(call + (request.query.empty() ? "" : "?" + request.query) + " " + request.body);
    if (request.path.substr(0, 6) == "/files") return {200, contains(request.path, ".sha256") ? sum : agent, {}};
    if (call == "POST /api/actions/runner.v1.RunnerService/Register") {
      json const body = json::parse(request.body);
      if (body.value("token", "") != "registration-1")
        return answer(500, {{"code", "unknown"}, {"message", "runner registration token not found"}});
      runners[5] = body;
      return answer(200, {{"runner",
                           {{"id", "5"},
                            {"uuid", "uuid-5"},
                            {"token", "runner-secret"},
                            {"name", body["name"]},
                            {"ephemeral", body["ephemeral"]}}}});
    }
    std::string const authorization = request.header("authorization"),
                      token = authorization.starts_with("token ") ? authorization.substr(6) : "";
    if (rights.count(token) == 0) return failure(401, "invalid username, password or token");
    if (rights[token] == "reads" && request.method != "GET")
      return failure(403, "token does not have at least one of required scope(s): [write:repository]");
    // Runners, their jobs and registrations are the owner's affair; runs are everybody's.
    if (rights[token] != "owns" && (contains(request.path, "/actions/runners") || contains(request.path, "/rerun")))
      return failure(403, "user should be the owner of the repo");
    if (old_server) return failure(404, "The target couldn't be found.");
    if (call == "POST /api/v1/repos/o/r/actions/runners/registration-token" ||
        call == "POST /api/v1/orgs/ORG/actions/runners/registration-token")
      return answer(200, {{"token", "registration-1"}});
    bool const first = request.parameter("page") == "1";
    std::string path = request.path;
    for (std::string const scope : {"/api/v1/repos/o/r/actions", "/api/v1/orgs/ORG/actions"})
      if (path.substr(0, scope.size()) == scope) path = path.substr(scope.size());
    if (path == "/runners") {
      json list = json::array();
      if (lists_lie && --lists_lie >= 0) return answer(200, {{"total_count", 0}, {"runners", list}});
      for (auto const& [id, runner] : runners) {
        json labels = json::array();
        for (json const& label : runner["labels"]) labels.push_back({{"id", 0}, {"name", label}, {"type", "custom"}});
        list.push_back({{"id", id},
                        {"name", runner["name"]},
                        {"status", "online"},
                        {"busy", task == "running"},
                        {"ephemeral", runner["ephemeral"]},
                        {"labels", labels}});
      }
      return answer(200, {{"total_count", list.size()}, {"runners", first ? list : json::array()}});
    }
    if (request.method == "DELETE" && path == "/runners/5")
      return runners.erase(5) > 0 ? ServerResponse{204, "", {}} : failure(404, "runner does not exist");
    if (path == "/tasks") {  // Newest first, and the one that is looked for on the second page.
      json list = json::array();
      if (first)
        for (int i = 0; i < 50; ++i) list.push_back({{"id", 142 - i}, {"status", "waiting"}});
      else if (request.parameter("page") == "2")
        list.push_back({{"id", 42}, {"status", task}, {"run_number", 7}});
      return answer(200, {{"total_count", 51}, {"workflow_runs", list}});
    }
    if (path == "/jobs") {
      bool const shown =
          !task.empty() && request.parameter("status") == (run_status == "completed" ? "completed" : "in_progress");
      json list = json::array();
      if (shown && !runners.empty())
        list.push_back({{"id", 900},
                        {"run_id", 55},
                        {"run_url", server.url() + "/api/v1/repos/o/r/actions/runs/55"},
                        {"run_attempt", attempt},
                        {"status", run_status},
                        {"conclusion", run_status == "completed" ? json(task) : json()},
                        {"runner_name", runners[5]["name"]}});
      return answer(200, {{"total_count", list.size()}, {"jobs", first ? list : json::array()}});
    }
    if (call == "GET /api/v1/repos/o/r/actions/runs/55") {
      json const run{{"id", 55}, {"status", run_status}, {"run_attempt", attempt}};
      run_status = "completed";  // A while after the agent has gone.
      return answer(200, run);
    }
    if (call == "POST /api/v1/repos/o/r/actions/runs/55/rerun" && can_rerun)
      return ++attempt, answer(201, {{"id", 55}});
    return failure(404, "The target couldn't be found.");
  }
  int count(std::string const& part) {
    std::lock_guard<std::mutex> const lock(mutex);
    return static_cast<int>(
        std::count_if(calls.begin(), calls.end(), [&](std::string const& c) { return contains(c, part); }));
  }

  std::mutex mutex;
  std::map<std::string, std::string> rights{
      {"good-token", "owns"}, {"member-token", "writes"}, {"reads-only", "reads"}};
  std::map<int, json> runners;
  std::vector<std::string> calls;
  std::string task, run_status, agent, sum;
  int attempt = 1;
  int lists_lie = 0;  // So many lists of runners are empty, as late ones are.
  bool old_server = false, can_rerun = true;
  HttpServer server;
};

// act_runner's daemon; `jobs` is what it goes through.
std::string agent_script(int port, std::string const& jobs) {
  return fake_agent_teller(port) +
         "[ \"$1\" = daemon ] || exit 1\nenv > env.txt\ncp .runner runner.json\nstat -c %a .runner > "
         "runner.mode\nlog() { echo \"time=\\\"2026-01-01T00:00:00Z\\\" level=info "
         "msg=\\\"$*\\\"\" >&2; }\n"
         "bye() { log 'runner: here shutdown initiated, waiting 0s for running jobs to complete before shutting down'; "
         "exit 0; }\ntrap bye INT\n"
         "log 'Starting runner daemon'\nlog 'runner: here, with version: v0.2.13, with labels: [cml gpu], declare "
         "successfully'\n" +
         jobs;
}
std::string gitea_job(std::string const& result) {
  return "tell busy\nlog 'task 42 repo is o/r https://github.com http://127.0.0.1'\nsleep 0.2\n" +
         (result.empty() ? "" : "tell " + result + "\n");
}
constexpr char const* kWait = "while :; do sleep 0.05; done\n";

struct Launch {
  CmlRun operator()(std::vector<std::string> more, std::map<std::string, std::string> environment = {},
                    std::string const& path = "/o/r") {
    more.insert(more.begin(), {"runner", "launch", "--driver=gitea", "--repo=" + forge.server.url() + path,
                               "--name=here", "--workdir=work"});
    environment.emplace("REPO_TOKEN", "good-token");
    return run_cml(more, folder.path, "", environment);
  }
  void agent(std::string const& jobs) {
    put_script(folder.path / "agent/act_runner", agent_script(forge.server.port(), jobs));
  }
  std::string runner_path() const { return "--runner-path=" + (folder.path / "agent").string(); }
  FakeGiteaRunners forge;
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("cli: a Gitea runner serves a job, whose end the forge tells, and leaves nothing behind",
          "[cli][runner][gitea]") {
  Launch launch;
  launch.agent(gitea_job("success") + kWait);
  auto const run = launch({"--labels=cml,gpu:docker://node:20", "--idle-timeout=1", launch.runner_path()});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started:42 job_ended:42 terminated");
  CHECK(runner_statuses(run.err)[2]["success"] == true);
  CHECK(runner_statuses(run.err)[3]["reason"] == "timeout:1");
  CHECK(launch.forge.runners.empty());
  CHECK(launch.forge.count(R"("ephemeral":false,"labels":["cml","gpu"],"name":"here")") == 1);
  json const file = json::parse(slurp(launch.folder.path / "work/runner.json"));
  CHECK(file["labels"] == json{"cml:host", "gpu:docker://node:20"});
  CHECK(file["id"] == 5);
  CHECK(file["uuid"] == "uuid-5");
  CHECK(file["token"] == "runner-secret");
  CHECK(file["address"] == launch.forge.server.url());
  CHECK(slurp(launch.folder.path / "work/runner.mode") == "600\n");
  CHECK_FALSE(std::filesystem::exists(launch.folder.path / "work/.runner"));  // Jobs run here.
  // Gitea honours a registration token until it is reset, so it stays with cml.
  CHECK_FALSE(contains(file.dump() + slurp(launch.folder.path / "work/env.txt"), "registration-1"));
  CHECK_FALSE(contains(slurp(launch.folder.path / "work/env.txt"), "good-token"));
}

TEST_CASE("cli: a Gitea runner for one job is an ephemeral one, of a repository or an organisation",
          "[cli][runner][gitea]") {
  Launch launch;
  // Such an agent ends with its job, and the server forgets it.
  launch.agent(gitea_job("failure") +
               "tell leave\nlog 'runner: here shutdown initiated, waiting 0s for running jobs to complete before "
               "shutting down'\nexit 0\n");
  auto run = launch({"--single", launch.runner_path()}, {}, "/ORG");
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started:42 job_ended:42 terminated");
  CHECK(runner_statuses(run.err)[2]["success"] == false);
  CHECK(runner_statuses(run.err)[3]["reason"] == "single job");
  CHECK(launch.forge.count("POST /api/v1/orgs/ORG/actions/runners/registration-token") == 1);
  CHECK(launch.forge.count(R"("ephemeral":true)") == 1);
  CHECK(launch.forge.count("/rerun") == 0);
  CHECK(json::parse(slurp(launch.folder.path / "work/runner.json"))["ephemeral"] == true);
  // On a machine with a registration and no token the agent's own words must do.
  std::ofstream(launch.folder.path / "registration.json")
      << R"({"id": "5", "secret": "runner-secret", "details": {"uuid": "uuid-5", "instance": ")" +
             launch.forge.server.url() + "\"}}";
  run = launch(
      {"--single", "--registration=" + (launch.folder.path / "registration.json").string(), launch.runner_path()},
      {{"REPO_TOKEN", ""}});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started:42 job_ended:42 terminated");
  CHECK_FALSE(runner_statuses(run.err)[2].contains("success"));
}

TEST_CASE("cli: a list of Gitea's that shows no runner ends none, and leaves none behind", "[cli][runner][gitea]") {
  Launch launch;
  launch.agent(gitea_job("success") + kWait);
  launch.forge.lists_lie = 1000;  // All of them.
  auto const run = launch({"--labels=cml", "--idle-timeout=1", launch.runner_path()});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started:42 job_ended:42 terminated");
  CHECK(launch.forge.runners.empty());
}

TEST_CASE("cli: a machine for Gitea is not made where its program is not to be had", "[cli][runner][gitea]") {
  Launch launch;
  std::map<std::string, std::string> const account{{"AWS_ACCESS_KEY_ID", "ID"}, {"AWS_SECRET_ACCESS_KEY", "SECRET"}};
  auto run = launch({"--cloud=aws"}, account);  // A build of one's own knows no release.
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "--cml-url=https://HOST/cml-agent-linux-{arch}#sha256=HEX"));
  std::string const url = launch.forge.server.url() + "/away/{arch}";
  run = launch({"--cloud=aws", "--cml-url=" + url + "#sha256=" + std::string(64, 'a')}, account);
  CHECK(run.exit_code != 0);
  CHECK(contains(run.err, "the machine could not fetch its program, so none is made: HEAD " +
                              launch.forge.server.url() + "/away/x64 answered 401"));
  CHECK(launch.forge.runners.empty());
  CHECK(launch.forge.count("registration-token") == 0);
}

TEST_CASE("cml-agent: serves on a machine as cml does, with what the boot script tells it", "[cli][runner][gitea]") {
  Launch launch;
  launch.forge.agent =
      "#!/bin/bash\n" +
      agent_script(launch.forge.server.port(), gitea_job("success") +
                                                   "tell leave\nlog 'runner: here shutdown initiated, waiting 0s "
                                                   "for running jobs to complete before shutting down'\nexit 0\n");
  launch.forge.sum = sha256_hex(launch.forge.agent) + "  act_runner\n";
  runner::MachineTask task{"gitea", launch.forge.server.url() + "/o/r", launch.forge.server.url() + "/api/v1", {}};
  task.launch.name = "cml-x";
  task.launch.single = true;
  task.launch.machine_of = "aws";
  task.launch.registration_file = (launch.folder.path / "registration").string();
  std::ofstream(task.launch.registration_file)
      << R"({"id": "5", "secret": "runner-secret", "details": {"uuid": "uuid-5", "instance": ")" +
             launch.forge.server.url() + "\"}}";
  auto const agent = std::filesystem::path(std::getenv("CML_BINARY")).replace_filename("cml-agent");
  SpawnedProcess process;
  auto const run = [&](std::vector<std::string> words) {
    words.insert(words.begin(),
                 {"env", "-i", std::string("PATH=") + std::getenv("PATH"), "HOME=" + launch.folder.path.string(),
                  "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:9",
                  "CML_GITEA_RUNNER_URL=" + launch.forge.server.url() + "/files/", agent.string()});
    auto const ended = process.run({.arguments = std::move(words), .timeout = std::chrono::seconds(60)});
    REQUIRE(ended);
    return *ended;
  };
  auto const served = run(runner::words_of(task));
  INFO(served.err);
  CHECK(served.exit_code == 0);
  CHECK(status_words(served.err) == "ready job_started:42 job_ended:42 terminated");
  CHECK(runner_statuses(served.err).back()["reason"] == "single job");
  CHECK(contains(run({"--version"}).out, "."));
  auto const refused = run({"comment", "create"});
  CHECK(refused.exit_code == 1);
  CHECK(
      contains(refused.err, "error: cml-agent serves on machines that \"cml runner launch --cloud\" makes; see there"));
}

TEST_CASE("cli: an interrupted job of a Gitea runner runs again, once", "[cli][runner][gitea]") {
  Launch launch;
  launch.agent(gitea_job("") + "kill -TERM $PPID\n" + kWait);
  auto run = launch({launch.runner_path()});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started:42 terminated");
  CHECK(contains(run.err, "the interrupted job runs again: run 55 of o/r"));
  CHECK(launch.forge.attempt == 2);
  CHECK(launch.forge.runners.empty());
  launch.agent("trap 'tell cancelled; exit 0' INT\n" + gitea_job("") + "kill -TERM $PPID\n" +
               kWait);  // One that reports its end in time.
  run = launch({launch.runner_path()});
  CHECK(contains(run.err, "the interrupted job was not run again"));
  CHECK(launch.forge.attempt == 2);
  launch.forge.attempt = 1;
  launch.forge.can_rerun = false;
  run = launch({launch.runner_path()});
  INFO(run.err);
  CHECK(contains(run.err, "this server's API cannot run a workflow again; use the button on the page of run 55"));
}

TEST_CASE("cli: what goes wrong with Gitea's runners is said with its remedy", "[cli][runner][gitea]") {
  Launch launch;
  launch.agent(kWait);
  auto run = launch({}, {{"REPO_TOKEN", "wrong-token"}});
  CHECK(run.exit_code == 3);
  CHECK(
      contains(launch({"--labels=gpu:foo://x", launch.runner_path()}).err,
               "act_runner knows NAME, NAME:host and NAME:docker://IMAGE as labels; \"gpu:foo://x\" is none of them"));
  CHECK(contains(run.err, "runners need a token with the scope write:repository"));
  // Who may push, but does not own the repository, and who may only read: told before minutes of download.
  for (std::string const token : {"member-token", "reads-only"}) {
    auto const refused = launch({launch.runner_path()}, {{"REPO_TOKEN", token}});
    INFO(token << refused.err);
    CHECK(refused.exit_code == 3);
    CHECK(contains(refused.err, "(write:organization) of an administrator of it"));
    CHECK(contains(refused.err, "user should be the owner of the repo"));
    CHECK(launch.forge.runners.empty());
  }
  CHECK(contains(launch({"--runner-path=" + (launch.folder.path / "nowhere").string()}).err,
                 "cannot run " + (launch.folder.path / "nowhere").string()));
  std::filesystem::create_directories(launch.folder.path / "empty");
  run = launch({"--runner-path=" + (launch.folder.path / "empty").string()});
  CHECK(contains(run.err, "holds no act_runner"));
  CHECK(launch.forge.runners.empty());  // Taken back.
  launch.forge.old_server = true;
  CHECK(contains(launch({launch.runner_path()}).err, "runners by the API need Gitea 1.25 or later"));
  launch.forge.old_server = false;

  // Fetched and checked.
  launch.forge.agent = "#!/bin/bash\n" + agent_script(launch.forge.server.port(), "exit 0\n");
  launch.forge.sum = sha256_hex(launch.forge.agent) + "  act_runner\n";
  std::map<std::string, std::string> const mirror{{"CML_GITEA_RUNNER_URL", launch.forge.server.url() + "/files/"}};
  run = launch({}, mirror);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready terminated");
  launch.forge.sum = std::string(64, 'a') + "  act_runner\n";
  run = launch({}, mirror);
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "the SHA-256 is not the announced one"));
  CHECK(launch.forge.runners.empty());
}
