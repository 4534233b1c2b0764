#include "support/fake_github_runners.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml::test {
namespace {

using nlohmann::json;

ServerResponse hub_answer(int status, json const& body) { return {status, body.dump(), {}}; }
ServerResponse hub_failure(int status, std::string const& message) {
  return hub_answer(status, {{"message", message},
                             {"documentation_url", "https://docs.github.com/rest"},
                             {"status", std::to_string(status)}});
}

json runner_json(FakeRunner const& runner) {
  json labels = json::array();
  for (std::string const& label : runner.labels) labels.push_back({{"id", 1}, {"name", label}, {"type", "custom"}});
  return {{"id", runner.id},     {"name", runner.name},
          {"os", "linux"},       {"status", runner.online ? "online" : "offline"},
          {"busy", runner.busy}, {"labels", labels}};
}

bool is_hosted(FakeJob const& job) {
  return std::find(job.labels.begin(), job.labels.end(), "ubuntu-latest") != job.labels.end();
}

bool takes(FakeRunner const& runner, FakeJob const& job) {
  return runner.online && !runner.busy && std::all_of(job.labels.begin(), job.labels.end(), [&](std::string const& l) {
           return std::any_of(runner.labels.begin(), runner.labels.end(),
                              [&](std::string const& own) { return equals_ignoring_case(own, l); });
         });
}

}  // namespace

FakeJob& FakeRun::job(std::string const& name) {
  return *std::find_if(jobs.begin(), jobs.end(), [&](FakeJob const& job) { return job.name == name; });
}

void FakeGitHubRunners::work(std::function<void(FakeJob const&)> const& hosted) {
  while (true) {
    std::optional<FakeJob> done;
    {
      std::lock_guard<std::mutex> const lock(mutex_);
      done = next_hosted();
    }
    if (!done) return;
    if (hosted) hosted(*done);
  }
}

std::optional<FakeJob> FakeGitHubRunners::next_hosted() {
  for (auto& [id, run] : runs)
    for (FakeJob& job : run.jobs) {
      bool const ready = std::all_of(job.needs.begin(), job.needs.end(), [&run = run](std::string const& name) {
        return run.job(name).conclusion == "success";
      });
      if (job.status != "queued" || !ready) continue;
      if (is_hosted(job)) {
        job.status = "completed", job.conclusion = "success", job.runner_name = "GitHub Actions 7";
        return job;
      }
      for (FakeRunner& runner : runners_) {
        if (!takes(runner, job)) continue;
        runner.busy = true;
        job.status = "in_progress", job.runner_name = runner.name;
        break;
      }
    }
  return std::nullopt;
}

ServerResponse FakeGitHubRunners::agent(FakeRunner& runner, std::string const& what, std::string const& result) {
  if (what == "online") runner.online = true;
  if (what == "offline") runner.online = runner.busy = false;
  if (what == "busy") runner.busy = true;
  if (what == "idle") runner.busy = false;
  for (auto& [id, run] : runs)
    for (FakeJob& job : run.jobs) {
      if (job.runner_name != runner.name || job.status != "in_progress") continue;
      if (what == "take") return {200, job.script, {}};
      if (what == "done") job.status = "completed", job.conclusion = result, runner.busy = false;
    }
  std::string const id = std::to_string(runner.id);
  // A runner for one job is forgotten with it.
  if (what == "leave" || (what == "done" && runner.single))
    runners_.erase(runners_.begin() + (&runner - runners_.data()));
  return {200, what == "take" ? "" : id, {}};
}

FakeGitHubRunners::FakeGitHubRunners() : tokens{"good-token"} {
  server_ = std::make_unique<HttpServer>([this](ServerRequest const& request) { return handle(request); });
}

std::vector<FakeRunner> FakeGitHubRunners::runners() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return runners_;
}

FakeRunner* FakeGitHubRunners::find(std::string const& name) {
  for (FakeRunner& runner : runners_)
    if (runner.name == name) return &runner;
  return nullptr;
}

void FakeGitHubRunners::add(FakeRunner runner) {
  std::lock_guard<std::mutex> const lock(mutex_);
  if (runner.id == 0) runner.id = next_id_++;
  runners_.push_back(std::move(runner));
}

void FakeGitHubRunners::settle() {
  std::lock_guard<std::mutex> const lock(mutex_);
  for (FakeRunner& runner : runners_) runner.made = {};
  shown_runners_ = {};
  shown_runs_ = {};
  shown_jobs_.clear();
}

void FakeGitHubRunners::bring_online(std::size_t how_many) {
  std::lock_guard<std::mutex> const lock(mutex_);
  for (FakeRunner& runner : runners_) {
    if (runner.online || how_many == 0) continue;
    runner.online = true;
    --how_many;
  }
}

int FakeGitHubRunners::not_modified() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return not_modified_;
}

void FakeGitHubRunners::forget(std::string const& name) {
  std::lock_guard<std::mutex> const lock(mutex_);
  runners_.erase(
      std::remove_if(runners_.begin(), runners_.end(), [&](FakeRunner const& runner) { return runner.name == name; }),
      runners_.end());
}

void FakeGitHubRunners::fail_all(int status) {
  std::lock_guard<std::mutex> const lock(mutex_);
  fail_status_ = status;
}

std::vector<std::string> FakeGitHubRunners::requests() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return requests_;
}

int FakeGitHubRunners::count(std::string const& part) const {
  auto const all = requests();
  return static_cast<int>(
      std::count_if(all.begin(), all.end(), [&](std::string const& r) { return contains(r, part); }));
}

ServerResponse FakeGitHubRunners::handle(ServerRequest const& request) {
  std::lock_guard<std::mutex> const lock(mutex_);
  if (request.path.substr(0, 6) == "/fake/") {
    std::string const name = percent_decode(request.parameter("name")), what = request.path.substr(6);
    if (what == "down") return fail_status_ = 500, ServerResponse{200, "", {}};
    FakeRunner* runner = find(name);
    if (runner == nullptr && what != "online") return {404, "", {}};
    if (runner == nullptr) {
      runners_.push_back(
          {next_id_++, name, split(percent_decode(request.parameter("labels")), ','), false, false, false, 1, now()});
      runner = &runners_.back();
    }
    return agent(*runner, what, request.parameter("result"));
  }
  requests_.push_back(request.method + " " + request.path + (request.query.empty() ? "" : "?" + request.query));
  if (request.path == "/agent.tar.gz") return {200, agent_archive, {}};
  if (fail_status_ != 0) return hub_failure(fail_status_, "Server Error");
  std::string const authorization = request.header("authorization");
  auto const blank = authorization.find(' ');  // "Bearer ..." or "token ...".
  if (blank == std::string::npos || tokens.count(authorization.substr(blank + 1)) == 0)
    return hub_failure(401, "Bad credentials");
  if (request.path == "/api/v3/orgs/ORG/repos") return hub_answer(200, json::array({{{"full_name", "o/r"}}}));
  std::string const checks = "/api/v3/repos/o/r/check-runs/";
  if (request.path.substr(0, checks.size()) == checks) {
    auto const run = runs.find(parse_integer(split(request.path.substr(checks.size()), '/')[0]).value_or(0) / 10);
    if (run == runs.end()) return hub_failure(404, "Not Found");
    json notes = json::array();
    auto const number = parse_integer(split(request.path.substr(checks.size()), '/')[0]).value_or(0) % 10;
    std::string const annotation = run->second.jobs.empty()
                                       ? run->second.annotation
                                       : run->second.jobs[static_cast<std::size_t>(number)].annotation;
    if (!annotation.empty())
      notes.push_back({{"path", ".github"},
                       {"start_line", 1},
                       {"end_line", 1},
                       {"start_column", nullptr},
                       {"end_column", nullptr},
                       {"annotation_level", "failure"},
                       {"title", ""},
                       {"message", annotation},
                       {"raw_details", nullptr},
                       {"blob_href", url()}});
    return hub_answer(200, notes);
  }
  for (std::string const prefix : {"/api/v3/repos/o/r/actions", "/api/v3/orgs/ORG/actions"})
    if (request.path.substr(0, prefix.size()) == prefix) {
      ServerResponse response = route(request, request.path.substr(prefix.size()));
      if (request.method != "GET" || response.status != 200) return response;
      std::string const tag = "W/\"" + sha256_hex(response.body).substr(0, 32) + "\"";
      bool const same = request.header("if-none-match") == tag;
      not_modified_ += same;
      if (same) response = {304, "", {}};
      response.headers.emplace_back("ETag", tag);
      return response;
    }
  return hub_failure(404, "Not Found");
}

std::vector<FakeRunner> FakeGitHubRunners::settled_runners() const {
  std::vector<FakeRunner> known;
  for (FakeRunner const& runner : runners_)
    if (now() - runner.made >= kListsLag) known.push_back(runner);
  return known;
}

ServerResponse FakeGitHubRunners::route(ServerRequest const& request, std::string path) {
  bool const get = request.method == "GET";
  if (path == "/runners" && get) {
    json list = json::array();
    std::string const name = percent_decode(request.parameter("name"));
    std::vector<json> all;
    bool const nothing = empty_lists > 0 && empty_lists-- > 0;
    for (FakeRunner const& runner : shown_runners_.shown(runners_, settled_runners(), now()))
      if (!nothing && (name.empty() || runner.name == name)) all.push_back(runner_json(runner));
    auto const page = parse_integer(request.parameter("page")).value_or(1);
    auto const size = parse_integer(request.parameter("per_page")).value_or(30);
    for (long long i = (page - 1) * size; i < std::min<long long>(page * size, static_cast<long long>(all.size())); ++i)
      list.push_back(all[static_cast<std::size_t>(i)]);
    return hub_answer(200, {{"total_count", all.size()}, {"runners", list}});
  }
  if (path == "/runners/downloads" && get) {
    json rows = json::array();
    for (char const* architecture : {"x64", "arm64"})
      rows.push_back({{"os", "linux"},
                      {"architecture", architecture},
                      {"download_url", url() + "/agent.tar.gz"},
                      {"filename", "agent.tar.gz"},
                      {"sha256_checksum", sha256_hex(agent_archive + (good_checksum ? "" : "x"))}});
    return hub_answer(200, rows);
  }
  if (path == "/runner-groups" && get && contains(request.path, "/orgs/")) {
    json list = json::array();
    for (auto const& [id, name] : groups) list.push_back({{"id", id}, {"name", name}, {"default", id == 1}});
    return hub_answer(200, {{"total_count", list.size()}, {"runner_groups", list}});
  }
  if (path == "/runners/registration-token" && !get)
    return hub_answer(201, {{"token", "registration-1"}, {"expires_at", "2030-01-01T00:00:00Z"}});
  if (path == "/runners/generate-jitconfig" && !get) {
    json const body = json::parse(request.body, nullptr, false);
    if (!body.is_object() || !body.contains("name") || !body.contains("runner_group_id") || !body.contains("labels"))
      return hub_failure(422, "Invalid request");
    std::string const name = body["name"];
    long long const group = body["runner_group_id"];
    if (groups.count(group) == 0 || (group != 1 && contains(request.path, "/repos/")))
      return hub_failure(422, "Invalid runner group");
    if (find(name) != nullptr) return hub_failure(409, "Already exists - A runner with the name *** already exists.");
    FakeRunner runner{next_id_++, name, body["labels"].get<std::vector<std::string>>(), online_at_once, false, true,
                      group,      now()};
    runners_.push_back(runner);
    return hub_answer(201, {{"runner", runner_json(runner)}, {"encoded_jit_config", "jit-" + name}});
  }
  if (path.substr(0, 9) == "/runners/" && get && parse_integer(path.substr(9))) {  // Never late.
    auto const id = parse_integer(path.substr(9));
    for (FakeRunner const& runner : runners_)
      if (runner.id == id) return hub_answer(200, runner_json(runner));
    return hub_failure(404, "Not Found");
  }
  if (path.substr(0, 9) == "/runners/" && request.method == "DELETE") {
    auto const id = parse_integer(path.substr(9));
    auto const found = std::find_if(runners_.begin(), runners_.end(), [&](FakeRunner const& r) { return r.id == id; });
    if (found == runners_.end()) return hub_failure(404, "Not Found");
    if (found->busy && found->online)
      return hub_failure(422, "Bad request - Runner \"" + found->name + "\" is still running a job\"");
    runners_.erase(found);
    return {204, "", {}};
  }
  static json const templates = [] {
    std::ifstream file(CML_SOURCE_DIR "/fixtures/forge/github/answers.json");
    return json::parse(file);
  }();
  auto const run_json = [&](long long id, FakeRun const& run) {
    json object = templates["workflow_run"];
    object["id"] = id;
    object["status"] = run.status;
    object["conclusion"] = run.conclusion.empty() ? json() : json(run.conclusion);
    object["run_attempt"] = run.attempt;
    object["created_at"] = run.created_at.empty() ? iso_time(std::chrono::system_clock::now()) : run.created_at;
    return object;
  };
  if (path == "/runs" && get) {
    json list = json::array();
    std::string const wanted = request.parameter("status");
    bool const nothing = empty_runs > 0 && empty_runs-- > 0;
    for (auto const& [id, run] : shown_runs_.shown(runs, runs, now()))
      if (!nothing && wanted == (run.status == "completed" ? run.conclusion : run.status))
        list.push_back(run_json(id, run));
    return hub_answer(200, {{"total_count", list.size()}, {"workflow_runs", list}});
  }
  if (path.substr(0, 6) != "/runs/") return hub_failure(404, "Not Found");
  auto const parts = split(path.substr(6), '/');
  auto const found = runs.find(parse_integer(parts[0]).value_or(-1));
  if (found == runs.end()) return hub_failure(404, "Not Found");
  FakeRun& run = found->second;
  std::string const verb = parts.size() > 1 ? parts[1] : "";
  if (verb.empty() && get) {
    json const body = run_json(found->first, run);
    if (run.status == "cancelling") {
      run.status = "completed", run.conclusion = "cancelled";
      for (FakeJob& job : run.jobs)
        if (job.status != "completed") job.status = "completed", job.conclusion = "cancelled";
    }
    json shown = body;
    if (shown["status"] == "cancelling") shown["status"] = "in_progress";
    return hub_answer(200, shown);
  }
  if (verb == "jobs" && get) {
    std::vector<FakeJob> jobs = run.jobs;
    if (jobs.empty()) jobs.push_back({"train", {"cml"}, {}, run.status, run.conclusion, run.runner_name, ""});
    jobs = shown_jobs_[found->first].shown(jobs, jobs, now());
    if (empty_jobs > 0 && empty_jobs-- > 0) jobs.clear();
    json list = json::array();
    for (FakeJob const& job : jobs)
      list.push_back({{"id", found->first * 10 + static_cast<long long>(list.size())},
                      {"node_id", "J"},
                      {"run_id", found->first},
                      {"run_url", url()},
                      {"head_sha", std::string(40, 'a')},
                      {"workflow_name", "w"},
                      {"head_branch", "main"},
                      {"name", job.name},
                      {"url", url()},
                      {"html_url", url()},
                      {"status", job.status},
                      {"conclusion", job.conclusion.empty() ? json() : json(job.conclusion)},
                      {"started_at", "2026-01-01T00:00:00Z"},
                      {"completed_at", nullptr},
                      {"check_run_url", url()},
                      {"labels", job.labels},
                      {"runner_id", 1},
                      {"runner_name", job.runner_name},
                      {"runner_group_id", 1},
                      {"runner_group_name", "Default"},
                      {"created_at", "2026-01-01T00:00:00Z"}});
    return hub_answer(200, {{"total_count", list.size()}, {"jobs", list}});
  }
  if (verb == "cancel" || verb == "force-cancel") {
    if (run.status == "completed") return hub_failure(409, "Cannot cancel a workflow run that is completed.");
    if (verb == "force-cancel" || !run.stubborn) run.status = "cancelling";
    return hub_answer(202, json::object());
  }
  if (verb == "rerun" || verb == "rerun-failed-jobs") {
    if (run.status != "completed") return hub_failure(403, "The workflow run is still in progress");
    if (verb == "rerun-failed-jobs" && run.no_failed_jobs)
      return hub_failure(403, "This workflow run cannot be retried");
    ++run.attempt;
    // What succeeded is not run again with the failed jobs.
    for (FakeJob& job : run.jobs)
      if (verb == "rerun" || job.conclusion != "success")
        job.status = "queued", job.conclusion = job.runner_name = job.annotation = "";
    run.status = "queued";
    run.conclusion.clear();
    return hub_answer(201, json::object());
  }
  return hub_failure(404, "Not Found");
}

std::string fake_agent_teller(int port) {
  return "tell() { exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port) +
         "; printf 'POST /fake/%s?name=%s&labels=%s HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\nConnection: "
         "close\\r\\n\\r\\n' \"$1\" \"$2\" \"${3:-}\" >&3; "
         "head -1 <&3 > /dev/null; exec 3>&-; }\n";
}

}  // namespace cml::test
