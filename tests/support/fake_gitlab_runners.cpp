#include "support/fake_gitlab_runners.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cml::test {

using nlohmann::json;

FakeGitLabRunners::FakeGitLabRunners() : server([this](ServerRequest const& request) { return handle(request); }) {}

ServerResponse FakeGitLabRunners::handle(ServerRequest const& request) {
  std::lock_guard<std::mutex> const lock(mutex);
  if (request.path == "/fake/online") return online = true, ServerResponse{200, "", {}};
  if (request.path == "/fake/take") {
    if (job_status != "pending" || runners.empty() || !matches(job_tags)) return {200, "", {}};
    return busy = true, job_status = "running", ServerResponse{200, job_script, {}};
  }
  if (request.path == "/fake/done")
    return busy = false, job_status = request.parameter("result"), ServerResponse{200, "", {}};
  if (request.path.starts_with("/fake/")) return {200, "", {}};
  std::string call = request.method + " " + request.path;
  calls.push_back(call + " " + request.body);
  auto const answer = [](int status, json const& body) {
    return ServerResponse{status, body.dump(), {{"Content-Type", "application/json"}}};
  };
  if (request.path.substr(0, 6) == "/files") return {200, contains(request.path, "release.sha256") ? sums : agent, {}};
  if (call == "DELETE /api/v4/runners" && contains(request.body, "token=glrt-secret"))  // The runner's own right.
    return runners.clear(), ServerResponse{204, "", {}};
  if (request.header("private-token") != "good-token") return answer(401, {{"message", "401 Unauthorized"}});
  // A project's number and its path are one.
  for (std::string const part : {"/jobs/", "/pipelines/"})
    call = replace_all(call, "/projects/g%2Fp" + part, "/projects/7" + part);
  if (call == "GET /api/v4/projects/g%2Fp") {
    json project{{"id", 7}};
    if (!runners_token.empty()) project["runners_token"] = runners_token;
    return answer(200, project);
  }
  if (call == "POST /api/v4/user/runners" && !new_way) return answer(403, {{"message", "403 Forbidden"}});
  if (call == "POST /api/v4/user/runners" || call == "POST /api/v4/runners") {
    json const body = json::parse(request.body);
    registered = body;
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
  if (call == "GET /api/v4/runners/31/jobs") {
    bool const running = contains(request.query, "status=running"), failed = contains(request.query, "status=failed");
    json job{{"id", 900}, {"project", {{"id", 7}}}, {"status", job_status}};
    if (!failure_reason.empty()) job["failure_reason"] = failure_reason;
    bool const shown = (running && busy) || (failed && !failure_reason.empty());
    return answer(200, shown ? json::array({job}) : json::array());
  }
  if (call == "GET /api/v4/runners/31" && runners.count(31) > 0) {
    json runner{{"id", 31}, {"description", runners[31].first}, {"status", online ? "online" : "never_contacted"}};
    if (tags) runner["tag_list"] = runners[31].second;
    if (registered.is_object()) runner["maintenance_note"] = registered.value("maintenance_note", "");
    return answer(200, runner);
  }
  if (call == "DELETE /api/v4/runners/31")
    return runners.erase(31) > 0 ? ServerResponse{204, "", {}} : answer(404, {{"message", "404 Not found"}});
  if (call == "GET /api/v4/projects/7/jobs/900") {
    json const job{{"id", 900}, {"name", "train"}, {"status", job_status}, {"pipeline", {{"id", 55}}}};
    if (job_status == "canceling") job_status = "canceled", busy = false;
    return answer(200, job);
  }
  if (call == "GET /api/v4/projects/7/pipelines/55/jobs" && contains(request.query, "scope")) {
    json list = json::array();
    if (!failure_reason.empty())
      list.push_back({{"id", 900},
                      {"name", "train"},
                      {"status", "failed"},
                      {"failure_reason", failure_reason},
                      {"runner", {{"id", 31}, {"description", runners[31].first}}}});
    return answer(200, list);
  }
  if (call == "GET /api/v4/projects/7/pipelines/55/jobs") {
    json list = json::array();
    for (int i = 0; i < attempts; ++i) list.push_back({{"id", 900 + i}, {"name", "train"}});
    return answer(200, list);
  }
  if (call == "POST /api/v4/projects/7/jobs/900/cancel") return job_status = "canceling", answer(201, {{"id", 900}});
  if (call == "POST /api/v4/projects/7/jobs/900/retry") {
    if (busy || job_status == "running") return answer(403, {{"message", "403 Forbidden - Job is not retryable"}});
    return ++attempts, again.emplace_back("900"), answer(201, {{"id", 901}});
  }
  if (call == "POST /api/v4/projects/7/jobs/800/retry") return again.emplace_back("800"), answer(201, {{"id", 801}});
  return answer(404, {{"message", "404 Not Found"}});
}

void FakeGitLabRunners::silent_for(std::chrono::minutes time) {
  std::lock_guard<std::mutex> const lock(mutex);
  online = time < std::chrono::hours(2);
  if (busy && time >= std::chrono::hours(1))
    busy = false, job_status = "failed", failure_reason = "stuck_or_timeout_failure";
}

bool FakeGitLabRunners::takes(std::vector<std::string> const& tags) {
  std::lock_guard<std::mutex> const lock(mutex);
  return matches(tags);
}

bool FakeGitLabRunners::matches(std::vector<std::string> const& tags) {
  if (tags.empty()) return registered.value("run_untagged", true);
  return std::all_of(tags.begin(), tags.end(), [&](std::string const& tag) {
    json const& own = registered["tag_list"];
    return std::find(own.begin(), own.end(), tag) != own.end();
  });
}

int FakeGitLabRunners::count(std::string const& part) {
  std::lock_guard<std::mutex> const lock(mutex);
  return static_cast<int>(
      std::count_if(calls.begin(), calls.end(), [&](std::string const& c) { return contains(c, part); }));
}

std::string gitlab_agent(std::string const& more) {
  return "[ \"$1\" = --version ] && exit 1\necho \"$@\" > \"$0.args\"\ntrap 'exit 0' INT\n"
         "while [ $# -gt 0 ]; do if [ \"$1\" = --config ]; then cp \"$2\" \"$0.toml\"; stat -c %a \"$2\" > "
         "\"$0.mode\"; fi; "
         "shift; done\n"
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
