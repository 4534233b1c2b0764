#include "support/fake_bitbucket_runners.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"

namespace cml::test {
namespace {

using nlohmann::json;

// As Bitbucket's page of a build has it.
constexpr char const* kHalfDone =
    "There was an unexpected system error that may have left your step half-completed. To solve this error, check your "
    "step progress and rerun it if you see fit.";

ServerResponse said(int status, json const& body) {
  return {status, body.dump(), {{"Content-Type", "application/json"}}};
}
ServerResponse refused(int status, std::string const& message) {
  return said(status, {{"type", "error"}, {"error", {{"message", message}}}});
}

bool has_labels(json const& runner, FakeStep const& step) {
  return std::all_of(step.labels.begin(), step.labels.end(), [&](std::string const& label) {
    json const& own = runner["labels"];
    return std::find(own.begin(), own.end(), label) != own.end();
  });
}

std::string uuid_of(int pipeline) { return "{p" + std::to_string(pipeline) + "}"; }

}  // namespace

FakeBitbucketRunners::FakeBitbucketRunners()
    : tokens{{"Basic dXNlcjpwYXNz", {"repository", "runner", "runner:write", "pipeline", "pipeline:write"}},
             {"Bearer reads-only", {"repository", "runner", "pipeline"}}} {
  server_ = std::make_unique<HttpServer>([this](ServerRequest const& request) { return handle(request); });
}

int FakeBitbucketRunners::count(std::string const& part) {
  std::lock_guard<std::mutex> const lock(mutex);
  return static_cast<int>(
      std::count_if(calls.begin(), calls.end(), [&](std::string const& c) { return contains(c, part); }));
}

void FakeBitbucketRunners::work(std::function<void(FakeStep const&)> const& hosted) {
  for (bool changed = true; changed;) {
    changed = false;
    for (int number = 1;; ++number) {
      FakeStep* next = nullptr;
      {
        std::lock_guard<std::mutex> const lock(mutex);
        if (pipelines.count(number) == 0) break;
        for (FakeStep& step : pipelines[number]) {
          if (step.result == "SUCCESSFUL") continue;
          if (step.state == "PENDING") next = &step;
          break;  // The next one waits for this.
        }
        if (next == nullptr) continue;
        if (!next->labels.empty()) {
          bool any = false;
          for (auto& [uuid, runner] : runners) {
            if (runner["state"]["status"] != "ONLINE" || !has_labels(runner, *next)) continue;
            any = true;
            if (!runner.value("step", "").empty()) continue;
            runner["step"] = uuid_of(number);
            next->state = "IN_PROGRESS", next->runner = runner["name"], next->started = iso_time(now());
            changed = true;
            break;
          }
          if (!any) next->state = "COMPLETED", next->result = "FAILED", next->error = "No runner has these labels.";
          continue;
        }
        next->state = "COMPLETED", next->result = "SUCCESSFUL";
      }
      changed = true;
      if (hosted) hosted(*next);
    }
  }
}

void FakeBitbucketRunners::lose(std::string const& name) {
  std::lock_guard<std::mutex> const lock(mutex);
  for (auto& [uuid, runner] : runners)
    if (runner["name"] == name) runner["state"]["status"] = "OFFLINE", runner.erase("step");
  for (auto& [number, steps] : pipelines)
    for (FakeStep& step : steps)
      if (step.runner == name && step.state == "IN_PROGRESS")
        step.state = "COMPLETED", step.result = "ERROR", step.error = kHalfDone;
}

ServerResponse FakeBitbucketRunners::agent(ServerRequest const& request, std::string const& what) {
  std::string const name = percent_decode(request.parameter("name"));
  for (auto& [uuid, runner] : runners) {
    if (runner["name"] != name) continue;
    if (what == "online") runner["state"]["status"] = "ONLINE";
    if (what == "offline") runner["state"]["status"] = "OFFLINE";
    for (auto& [number, steps] : pipelines)
      for (FakeStep& step : steps) {
        if (step.runner != name || step.state != "IN_PROGRESS") continue;
        if (what == "take") return {200, step.script, {}};
        if (what != "done") continue;
        step.state = "COMPLETED", step.result = request.parameter("result") == "success" ? "SUCCESSFUL" : "FAILED";
        runner.erase("step");
      }
    return {200, "", {}};
  }
  return {404, "", {}};
}

ServerResponse FakeBitbucketRunners::handle(ServerRequest const& request) {
  std::lock_guard<std::mutex> const lock(mutex);
  if (request.path.starts_with("/fake/")) return agent(request, request.path.substr(6));
  calls.push_back(request.method + " " + request.path + " " + request.body);
  auto const token = tokens.find(request.header("authorization"));
  if (token == tokens.end()) return refused(401, "Token is invalid or not supported for this endpoint.");
  bool const write = request.method != "GET", of_runners = contains(request.path, "/pipelines-config/runners");
  std::string scope = of_runners ? "runner" : contains(request.path, "/pipelines") ? "pipeline" : "repository";
  if (write) scope += ":write";
  if (token->second.count(scope) == 0)
    return said(403, {{"type", "error"},
                      {"error",
                       {{"message", "Your credentials lack one or more required privilege scopes."},
                        {"detail", {{"required", {scope}}, {"granted", token->second}}}}}});
  for (std::string const base : {"/2.0/repositories/w/r", "/2.0/workspaces/w"}) {
    if (!request.path.starts_with(base)) continue;
    std::string const below = request.path.substr(base.size());
    if (below.empty() && base.back() == 'r')
      return said(200, {{"uuid", "{repo}"}, {"workspace", {{"uuid", "{space}"}}}});
    if (below.empty()) return said(200, {{"uuid", "{space}"}});
    if (of_runners) return runner_route(request, below.substr(std::string("/pipelines-config/runners").size()));
    if (below.starts_with("/pipelines")) return pipeline_route(request, below.substr(10));
  }
  return refused(404, "not found");
}

ServerResponse FakeBitbucketRunners::runner_route(ServerRequest const& request, std::string const& below) {
  if (below.empty() && request.method == "POST") {
    json runner = json::parse(request.body);
    std::string const uuid = "{runner-" + std::to_string(next_++) + "}";
    runner["uuid"] = uuid;
    runner["state"] = {{"status", online ? "ONLINE" : "UNREGISTERED"}};
    runners[uuid] = runner;
    runner["oauth_client"] = {{"id", "client"}, {"secret", "oauth-secret"}};
    return said(201, runner);
  }
  if (below.empty()) {
    json list = json::array();
    for (auto [uuid, runner] : shown_runners_.shown(runners, runners, now())) {
      runner.erase("step");
      list.push_back(std::move(runner));
    }
    return said(200, {{"values", list}});
  }
  std::string const uuid = percent_decode(below.substr(1));
  if (runners.count(uuid) == 0) return refused(404, "There is no runner " + uuid);
  if (request.method != "DELETE") return said(200, runners[uuid]);
  runners.erase(uuid);
  return {204, "", {}};
}

ServerResponse FakeBitbucketRunners::pipeline_route(ServerRequest const& request, std::string const& below) {
  auto const shown = [&](int number, std::vector<FakeStep> const& steps) {
    std::string const commit = built.count(number) > 0 ? built[number] : std::string(40, 'a');
    json state{{"name", "IN_PROGRESS"}};
    for (FakeStep const& step : steps)
      if (step.result == "ERROR" || step.result == "FAILED")
        state = {{"name", "COMPLETED"}, {"result", {{"name", step.result}}}};
    if (!steps.empty() && steps.back().result == "SUCCESSFUL")
      state = {{"name", "COMPLETED"}, {"result", {{"name", "SUCCESSFUL"}}}};
    return json{{"uuid", uuid_of(number)},
                {"build_number", number},
                {"created_on", iso_time(now())},
                {"state", state},
                {"target", {{"ref_name", "main"}, {"commit", {{"hash", commit}}}}}};
  };
  if (below.empty() || below == "/") {
    if (request.method == "POST") {
      int const number = static_cast<int>(pipelines.size()) + 1;
      std::vector<FakeStep> again = pipelines[1];
      for (FakeStep& step : again) step = {step.name, step.labels, step.script, "PENDING", "", "", "", ""};
      pipelines[number] = again;
      return said(201, shown(number, again));
    }
    json list = json::array();
    for (auto const& [number, steps] : pipelines) list.push_back(shown(number, steps));
    return said(200, {{"values", list}});
  }
  auto const parts = split(percent_decode(below), '/');  // "", "{p1}" or "1", "steps"
  for (auto const& [number, steps] : pipelines) {
    if (parts[1] != uuid_of(number) && parts[1] != std::to_string(number)) continue;
    if (parts.size() == 2) return said(200, shown(number, steps));
    json list = json::array();
    for (FakeStep const& step : steps) {
      json state{{"name", step.state}};
      if (!step.result.empty()) state["result"] = {{"name", step.result}};
      if (!step.error.empty()) state["result"]["error"] = {{"key", "x"}, {"message", step.error}};
      list.push_back({{"uuid", "{s" + std::to_string(list.size() + 1) + "}"}, {"name", step.name}, {"state", state}});
      if (!step.started.empty()) list.back()["started_on"] = step.started;
    }
    return said(200, {{"values", list}});
  }
  return refused(404, "There is no pipeline " + parts[1]);
}

}  // namespace cml::test
