#include "support/fake_gitlab_runners.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cml::test {

using nlohmann::json;

FakeGitLabRunners::FakeGitLabRunners() : server([this](ServerRequest const& request) { return handle(request); }) {}

ServerResponse FakeGitLabRunners::handle(ServerRequest const& request) {
  std::lock_guard<std::mutex> const lock(mutex);
  std::string const call = request.method + " " + request.path;
  calls.push_back(call + " " + request.body);
  auto const answer = [](int status, json const& body) {
    return ServerResponse{status, body.dump(), {{"Content-Type", "application/json"}}};
  };
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
    for (auto const& [id, runner] : runners)
      list.push_back({{"id", id},
                      {"description", runner.first},
                      {"status", online ? "online" : "never_contacted"},
                      {"runner_type", "project_type"}});
    return answer(200, list);
  }
  if (call == "GET /api/v4/runners/31/jobs")
    return answer(200, busy ? json::array({{{"id", 900}, {"project", {{"id", 7}}}}}) : json::array());
  if (call == "GET /api/v4/runners/31" && runners.count(31) > 0) {
    json runner{{"id", 31}, {"description", runners[31].first}, {"status", online ? "online" : "never_contacted"}};
    if (tags) runner["tag_list"] = runners[31].second;
    return answer(200, runner);
  }
  if (call == "DELETE /api/v4/runners/31")
    return runners.erase(31) > 0 ? ServerResponse{204, "", {}} : answer(404, {{"message", "404 Not found"}});
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

int FakeGitLabRunners::count(std::string const& part) {
  std::lock_guard<std::mutex> const lock(mutex);
  return static_cast<int>(
      std::count_if(calls.begin(), calls.end(), [&](std::string const& c) { return contains(c, part); }));
}

std::string gitlab_agent(std::string const& more) {
  return "[ \"$1\" = --version ] && exit 1\necho \"$@ token=$CI_SERVER_TOKEN\" > \"$0.args\"\ntrap 'exit 0' INT\n"
         R"(echo '{"level":"info","msg":"Starting runner for http://127.0.0.1 with token glrt-s ...",)"
         R"("time":"2026-01-01T00:00:00Z"}')"
         "\n" +
         more;
}
char const* const kGitLabJob =
    R"x(echo '{"job":900,"level":"info","msg":"Checking for jobs... received","project":7,"repo_url":"x.git",)x"
    R"x("runner":"glrt-s","time":"t"}'
)x";
char const* const kGitLabJobDone =
    R"x(echo '{"duration_s":1.5,"job":900,"level":"info","msg":"Job succeeded","project":7,"runner":"glrt-s",)x"
    R"x("time":"t"}'
)x";

}  // namespace cml::test
