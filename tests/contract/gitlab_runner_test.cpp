// GitLab's runners: the real binary, a fake gitlab-runner, and GitLab's own description between when it is at hand.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "support/contract_gate.hpp"
#include "support/http_server.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

struct FakeGitLabRunners {
  FakeGitLabRunners() : server([this](ServerRequest const& request) { return handle(request); }) {}

  ServerResponse handle(ServerRequest const& request) {
    std::lock_guard<std::mutex> const lock(mutex);
    std::string const call = request.method + " " + request.path;
    calls.push_back(call + " " + request.body);
    auto const answer = [](int status, json const& body) { return ServerResponse{status, body.dump(), {{"Content-Type", "application/json"}}}; };
    if (request.path.substr(0, 6) == "/files") return {200, contains(request.path, "release.sha256") ? sums : agent, {}};
    if (request.header("private-token") != "good-token") return answer(401, {{"message", "401 Unauthorized"}});
    if (call == "GET /api/v4/projects/g%2Fp") {
      json project{{"id", 7}};
      if (!runners_token.empty()) project["runners_token"] = runners_token;
      return answer(200, project);
    }
    if (call == "POST /api/v4/user/runners" && !new_way) return answer(403, {{"message", "403 Forbidden"}});
    if (call == "POST /api/v4/user/runners" || call == "POST /api/v4/runners") {
      json const body = json::parse(request.body);
      runners[31] = {body["description"], body["tag_list"]};
      return answer(201, {{"id", "31"}, {"token", "glrt-secret"}});
    }
    if (call == "GET /api/v4/projects/g%2Fp/runners") {
      json list = json::array();
      for (auto const& [id, runner] : runners) list.push_back({{"id", id}, {"description", runner.first}, {"status", "online"}, {"runner_type", "project_type"}});
      return answer(200, list);
    }
    if (call == "GET /api/v4/runners/31/jobs") return answer(200, busy ? json::array({{{"id", 900}, {"project", {{"id", 7}}}}}) : json::array());
    if (call == "GET /api/v4/runners/31" && runners.count(31) > 0) {
      json runner{{"id", 31}, {"description", runners[31].first}, {"status", "online"}};
      if (tags) runner["tag_list"] = runners[31].second;
      return answer(200, runner);
    }
    if (call == "DELETE /api/v4/runners/31") return runners.erase(31) > 0 ? ServerResponse{204, "", {}} : answer(404, {{"message", "404 Not found"}});
    if (call == "GET /api/v4/projects/7/jobs/900") {
      json const job{{"id", 900}, {"name", "train"}, {"status", job_status}, {"pipeline", {{"id", 55}}}};
      if (job_status == "canceling") job_status = "canceled";
      return answer(200, job);
    }
    if (call == "GET /api/v4/projects/7/pipelines/55/jobs") {
      json list = json::array();
      for (int i = 0; i < attempts; ++i) list.push_back({{"id", 900 + i}, {"name", "train"}});
      return answer(200, list);
    }
    if (call == "POST /api/v4/projects/7/jobs/900/cancel") return job_status = "canceling", answer(201, {{"id", 900}});
    if (call == "POST /api/v4/projects/7/jobs/900/retry") return ++attempts, answer(201, {{"id", 901}});
    return answer(404, {{"message", "404 Not Found"}});
  }
  int count(std::string const& part) {
    std::lock_guard<std::mutex> const lock(mutex);
    return static_cast<int>(std::count_if(calls.begin(), calls.end(), [&](std::string const& c) { return contains(c, part); }));
  }

  std::mutex mutex;
  std::map<int, std::pair<std::string, json>> runners;
  std::vector<std::string> calls;
  std::string runners_token, job_status = "running", agent, sums;
  bool new_way = true, busy = false;
  bool tags = true;  // GitLab's description calls the list a text, so it is left out behind the gate.
  int attempts = 1;
  HttpServer server;
};

// Prints what gitlab-runner prints with --log-format=json.
std::string agent_script(std::string const& more) {
  return "#!/bin/bash\n[ \"$1\" = --version ] && exit 1\necho \"$@ token=$CI_SERVER_TOKEN\" > \"$0.args\"\ntrap 'exit 0' INT\n"
         R"(echo '{"level":"info","msg":"Starting runner for http://127.0.0.1 with token glrt-s ...","time":"2026-01-01T00:00:00Z"}')" "\n" + more;
}
constexpr char const* kJob = R"x(echo '{"job":900,"level":"info","msg":"Checking for jobs... received","project":7,"repo_url":"x.git","runner":"glrt-s","time":"t"}'
)x";
constexpr char const* kDone = R"x(echo '{"duration_s":1.5,"job":900,"level":"info","msg":"Job succeeded","project":7,"runner":"glrt-s","time":"t"}'
)x";

void program(std::filesystem::path const& path, std::string const& text) {
  std::ofstream(path) << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}
std::string slurp(std::filesystem::path const& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}
std::string statuses(std::string const& log) {
  std::string text;
  for (std::string const& line : split(log, '\n')) {
    json const body = json::parse(line, nullptr, false);
    if (body.is_object() && body.value("message", "") == "runner status")
      text += (text.empty() ? "" : " ") + body["status"].get<std::string>() + (body.contains("job") ? ":" + body["job"].get<std::string>() : "");
  }
  return text;
}

}  // namespace

TEST_CASE("gitlab runner: the new way of registering, a job by its number, and a clean end", "[contract][gitlab][runner]") {
  FakeGitLabRunners fake;
  auto const gate = ContractGate::open("gitlab.openapi.json", fake.server.url());
  fake.tags = !gate;
  TemporaryFolder folder;
  program(folder.path / "agent", agent_script(std::string(kJob) + kDone + "sleep 9\n"));
  // As in the containers of CML's pipelines.
  std::map<std::string, std::string> const environment{{"CI_PROJECT_URL", fake.server.url() + "/g/p"}, {"RUNNER_LABELS", "cml,gpu"}, {"RUNNER_IDLE_TIMEOUT", "1"}, {"repo_token", "good-token"},
                                                       {"RUNNER_REPO", fake.server.url() + "/g/p"}, {"RUNNER_DRIVER", "gitlab"}, {"IN_DOCKER", "1"}};
  auto const run = run_cml({"runner", "--name=here", "--runner-path=" + (folder.path / "agent").string(), "--api-url=" + (gate ? gate->url() : fake.server.url()) + "/api/v4"}, folder.path, "", environment);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(statuses(run.err) == "ready job_started:900 job_ended:900 terminated");
  CHECK(fake.runners.empty());
  CHECK(fake.count(R"("tag_list":["cml","gpu"])") == 1);
  std::string const arguments = slurp(folder.path / "agent.args");
  CHECK(contains(arguments, "--log-format=json run-single --builds-dir"));
  CHECK(contains(arguments, "--name here --wait-timeout 1 --executor shell"));
  CHECK(contains(arguments, "token=glrt-secret"));
  CHECK_FALSE(contains(arguments, "--token"));
  if (gate) CHECK(gate->violations() == "");
}

TEST_CASE("gitlab runner: an interrupted job is cancelled, waited for and retried, once", "[contract][gitlab][runner]") {
  FakeGitLabRunners fake;
  fake.runners_token = "registration";
  fake.new_way = false;  // An old server.
  TemporaryFolder folder;
  program(folder.path / "agent", agent_script(std::string(kJob) + "kill -TERM $PPID\nwhile :; do sleep 0.05; done\n"));
  auto const launch = [&] {
    return run_cml({"runner", "launch", "--repo=" + fake.server.url() + "/g/p", "--driver=gitlab", "--token=good-token", "--single", "--runner-path=" + (folder.path / "agent").string()}, folder.path);
  };
  auto run = launch();
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(statuses(run.err) == "ready job_started:900 terminated");
  CHECK(contains(run.err, "the interrupted job runs again: job 900 as 901"));
  CHECK(fake.count("/cancel") == 1);
  CHECK(fake.count("/retry") == 1);
  CHECK(fake.count(R"("token":"registration")") == 1);
  CHECK(fake.runners.empty());
  CHECK(contains(slurp(folder.path / "agent.args"), "--max-builds 1"));
  run = launch();
  CHECK(contains(run.err, "job 900 (train) was run again before"));
  CHECK(fake.count("/retry") == 1);
}

TEST_CASE("gitlab runner: the agent is fetched and checked", "[contract][gitlab][runner]") {
  FakeGitLabRunners fake;
  fake.agent = agent_script("exit 0\n");
  fake.sums = sha256_hex(fake.agent) + " *binaries/gitlab-runner-linux-amd64\n" + sha256_hex(fake.agent) + " *binaries/gitlab-runner-linux-arm64\n";
  TemporaryFolder folder;
  auto const launch = [&] {
    return run_cml({"runner", "launch", "--repo=" + fake.server.url() + "/g/p", "--driver=gitlab", "--token=good-token", "--workdir=w"}, folder.path, "",
                   {{"CML_GITLAB_RUNNER_URL", fake.server.url() + "/files"}, {"IN_DOCKER", "1"}});
  };
  auto run = launch();
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "runner closed with exit code 0"));
  fake.sums = replace_all(fake.sums, sha256_hex(fake.agent), std::string(64, 'a'));
  run = launch();
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "the SHA-256 is not the announced one"));
  CHECK(fake.runners.empty());
}
