// GitHub: actions/runner. A single job gets a just-in-time configuration, everything else a registration token.
#include "forge/github/api.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/http_error.hpp"
#include "runner/agents/agent.hpp"
#include "runner/agents/download.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;

constexpr int kMaxPages = 100;
constexpr int kDefaultGroup = 1;
constexpr seconds kPoll{2}, kPolite{60}, kLongest{300};  // Waiting for a cancelled run: then by force, then no more.
constexpr seconds kJobLimit = std::chrono::hours(5 * 24) - std::chrono::minutes(5);
constexpr char const* kJobFile = "cml-job";

std::string text_of(json const& value, char const* key) {
  return value.is_object() && value.contains(key) && value[key].is_string() ? value[key].get<std::string>() : "";
}
long long number_of(json const& value, char const* key) {
  return value.is_object() && value.contains(key) && value[key].is_number_integer() ? value[key].get<long long>() : 0;
}
bool flag_of(json const& value, char const* key) {
  return value.is_object() && value.contains(key) && value[key].is_boolean() && value[key].get<bool>();
}

std::string api_of(AgentSetup const& setup) {
  if (!setup.api_url.empty()) return setup.api_url;
  std::string const& host = setup.repository.authority;
  return host == "github.com" ? "https://api.github.com" : setup.repository.scheme + "://" + host + "/api/v3";
}

// "/repos/o/r", "/orgs/o" or "/enterprises/e".
std::string scope_of(std::string const& path) {
  if (path.substr(0, 12) == "enterprises/") return "/enterprises/" + percent_encode(path.substr(12));
  return contains(path, "/") ? "/repos/" + percent_encode(path, "/") : "/orgs/" + percent_encode(path);
}

RunnerSeen seen(json const& runner) {
  RunnerSeen result;
  result.id = std::to_string(number_of(runner, "id"));
  result.name = text_of(runner, "name");
  result.online = text_of(runner, "status") == "online";
  result.busy = flag_of(runner, "busy");
  if (runner.contains("labels") && runner["labels"].is_array())
    for (json const& label : runner["labels"]) result.labels.push_back(text_of(label, "name"));
  return result;
}

class GitHubAgent : public RunnerForge {
 public:
  explicit GitHubAgent(AgentSetup const& setup)
      : api_(*setup.http, api_of(setup), setup.token, setup.repository.path),
        clock_(*setup.clock),
        web_url_(setup.repository.web_url()),
        scope_(scope_of(setup.repository.path)) {}

  std::string_view name() const override { return "github"; }
  std::string web_url() const override { return web_url_; }
  std::optional<seconds> job_limit() const override { return kJobLimit; }

  Result<std::vector<RunnerSeen>> runners() override {
    std::vector<RunnerSeen> all;
    for (int page = 1; page <= kMaxPages; ++page) {
      CML_TRY(body, api_.call(api_.request_at_base("GET", scope_ + "/actions/runners?per_page=100&page=" + std::to_string(page))));
      if (!body.contains("runners") || !body["runners"].is_array()) return unexpected("the list of runners");
      for (json const& runner : body["runners"]) all.push_back(seen(runner));
      if (body["runners"].empty() || static_cast<long long>(all.size()) >= number_of(body, "total_count")) break;
    }
    return all;
  }

  Result<std::optional<RunnerSeen>> find(std::string const& runner_name) override {
    CML_TRY(body, api_.call(api_.request_at_base("GET", scope_ + "/actions/runners?name=" + percent_encode(runner_name) + "&per_page=100")));
    if (!body.contains("runners") || !body["runners"].is_array()) return unexpected("the list of runners");
    for (json const& runner : body["runners"])
      if (text_of(runner, "name") == runner_name) return std::optional(seen(runner));
    return std::optional<RunnerSeen>();
  }

  Result<Registration> enroll(RunnerWanted const& wanted) override {
    // Reads first: what fails after the registration would leave one behind.
    CML_TRY(downloads, download());
    if (wanted.single) {
      HttpRequest post = api_.request_at_base("POST", scope_ + "/actions/runners/generate-jitconfig");
      post.body = json{{"name", wanted.name}, {"runner_group_id", kDefaultGroup}, {"labels", wanted.labels}, {"work_folder", "_work"}}.dump();
      CML_TRY(body, write(std::move(post)));
      std::string const configuration = text_of(body, "encoded_jit_config");
      if (configuration.empty()) return unexpected("the just-in-time configuration");
      return Registration{std::to_string(number_of(body.value("runner", json::object()), "id")), Secret(configuration),
                          {{"kind", "jit"}, {"downloads", downloads}}};
    }
    CML_TRY(body, write(api_.request_at_base("POST", scope_ + "/actions/runners/registration-token")));
    std::string const token = text_of(body, "token");
    if (token.empty()) return unexpected("the registration token");
    return Registration{"", Secret(token), {{"kind", "token"}, {"downloads", downloads}}};
  }

  Status unregister(RunnerSeen const& runner) override {
    auto const answer = api_.call(api_.request_at_base("DELETE", scope_ + "/actions/runners/" + percent_encode(runner.id)));
    if (answer || answer.error().kind == ErrorKind::NotFound) return ok();
    bool const running = contains(answer.error().message, "is still running a job") || contains(answer.error().message, "currently running a job");
    return Error{running ? ErrorKind::Conflict : answer.error().kind, answer.error().message};
  }

  Result<std::string> restart(Job const& job) override {
    if (job.pipeline.empty()) return Error{ErrorKind::NotFound, "its run is not known"};
    std::string const repository = job.repository.empty() ? api_.repository() : job.repository;
    std::string const path = "/repos/" + percent_encode(repository, "/") + "/actions/runs/" + percent_encode(job.pipeline);
    CML_TRY(first, api_.call(api_.request_at_base("GET", path)));
    // GitHub counts for us: a second attempt is one that somebody has asked for already.
    if (number_of(first, "run_attempt") > 1)
      return Error{ErrorKind::Conflict, "run " + job.pipeline + " of " + repository + " is attempt " +
                                            std::to_string(number_of(first, "run_attempt")) + " already"};
    if (text_of(first, "status") != "completed") {
      CML_CHECK_OK(ask(path + "/cancel"));
      auto const started = clock_.now();
      bool by_force = false;
      while (true) {
        clock_.sleep_for(kPoll);
        CML_TRY(run, api_.call(api_.request_at_base("GET", path)));
        if (text_of(run, "status") == "completed") break;
        auto const waited = clock_.now() - started;
        if (waited >= kLongest) return Error{ErrorKind::Network, "run " + job.pipeline + " does not end; run it again by hand"};
        if (waited < kPolite || by_force) continue;
        by_force = true;
        CML_CHECK_OK(ask(path + "/force-cancel"));
      }
    }
    // A run of which nothing failed but was cancelled has no failed jobs to run again.
    if (auto failed = write(api_.request_at_base("POST", path + "/rerun-failed-jobs")); !failed) {
      if (failed.error().kind == ErrorKind::Network || failed.error().kind == ErrorKind::Unreachable) return std::move(failed).error();
      CML_TRY(all, write(api_.request_at_base("POST", path + "/rerun")));
    }
    return "run " + job.pipeline + " of " + repository;
  }

  // A runner that vanished with a job: the run still lists it under the runner's name.
  Result<std::optional<Job>> lost_job(std::string const& runner_name) override {
    if (scope_.substr(0, 7) != "/repos/") return std::optional<Job>();  // Organisations have no list of runs.
    for (char const* status : {"in_progress", "completed"}) {
      CML_TRY(runs, api_.call(api_.request_at_base("GET", scope_ + "/actions/runs?status=" + status + "&per_page=30")));
      if (!runs.contains("workflow_runs") || !runs["workflow_runs"].is_array()) return unexpected("the list of runs");
      for (json const& run : runs["workflow_runs"]) {
        std::string const id = std::to_string(number_of(run, "id"));
        std::string const conclusion = text_of(run, "conclusion");
        if (number_of(run, "run_attempt") > 1 || conclusion == "success") continue;
        CML_TRY(jobs, api_.call(api_.request_at_base("GET", scope_ + "/actions/runs/" + id + "/jobs?per_page=100")));
        if (!jobs.contains("jobs") || !jobs["jobs"].is_array()) continue;
        for (json const& job : jobs["jobs"])
          if (text_of(job, "runner_name") == runner_name && text_of(job, "conclusion") != "success")
            return std::optional(Job{std::to_string(number_of(job, "id")), id, ""});
      }
    }
    return std::optional<Job>();
  }

  Result<ChildRequest> prepare(Workplace const& place, RunnerWanted const& wanted, Registration const& registration) override {
    std::filesystem::path const home = place.runner_path.empty() ? place.folder : place.runner_path;
    // An agent that was configured before is this machine's own: its old registration must not be taken up again.
    for (char const* file : {".runner", ".credentials", ".credentials_rsaparams"})
      if (place.files.kind(home / file) == FileKind::Regular) CML_CHECK_OK(place.files.remove(home / file));
    if (place.files.kind(home / "run.sh") != FileKind::Regular) CML_CHECK_OK(unpack(place, registration));
    std::vector<std::pair<std::string, std::string>> environment{{"RUNNER_ALLOW_RUNASROOT", "1"}};
    std::filesystem::path const work = place.folder / "_work";
    // The agent takes every option from ACTIONS_RUNNER_INPUT_..., so no token shows in the list of processes.
    if (registration.detail("kind") == "jit") {
      environment.emplace_back("ACTIONS_RUNNER_INPUT_JITCONFIG", registration.secret.reveal());
    } else {
      std::string labels;
      for (std::string const& label : wanted.labels) labels += (labels.empty() ? "" : ",") + label;
      ProcessRequest configure;
      configure.arguments = {(home / "config.sh").string(), "--unattended", "--url", web_url_, "--name", wanted.name,
                             "--labels", labels, "--work", work.string(), "--disableupdate"};
      if (wanted.single) configure.arguments.push_back("--ephemeral");
      configure.directory = home;
      configure.environment = environment;
      configure.environment.emplace_back("ACTIONS_RUNNER_INPUT_TOKEN", registration.secret.reveal());
      if (auto configured = run_checked(place.process, configure, "config.sh"); !configured)
        return std::move(configured).error().while_doing("Failed preparing GitHub runner");
    }
    if (!place.environment.get("ACTIONS_RUNNER_HOOK_JOB_STARTED")) {
      // Runs as the job's first step and tells which run it belongs to; the agent's log does not.
      std::filesystem::path const hook = place.folder / "cml-job-started.sh";
      CML_CHECK_OK(put_program(place, hook, "#!/bin/sh\nprintf '%s %s\\n' \"$GITHUB_RUN_ID\" \"$GITHUB_REPOSITORY\" > '" +
                                                replace_all((place.folder / kJobFile).string(), "'", "'\\''") + "'\n"));
      environment.emplace_back("ACTIONS_RUNNER_HOOK_JOB_STARTED", hook.string());
    }
    return ChildRequest{{(home / "run.sh").string()}, home, std::move(environment), {}};
  }

  std::optional<Event> read_line(std::string_view line) const override {
    if (contains(line, "Listening for Jobs")) return AgentReady{};
    if (contains(line, "Running job")) return JobStarted{};
    if (contains(line, "completed with result")) return JobEnded{contains(line, "completed with result: Succeeded")};
    return std::nullopt;
  }

  std::optional<Job> current_job(Workplace const& place) const override {
    auto const text = place.files.read(place.folder / kJobFile, 4096);
    if (!text) return std::nullopt;
    auto const words = split(trim(*text), ' ');
    if (words.size() != 2 || !parse_integer(words[0])) return std::nullopt;
    return Job{"", words[0], words[1]};
  }
  void forget_job(Workplace const& place) const override {
    if (place.files.kind(place.folder / kJobFile) == FileKind::Regular) (void)place.files.remove(place.folder / kJobFile);
  }

 private:
  Error unexpected(std::string const& what) const {
    return {ErrorKind::Network, what + " of " + web_url_ + " is not what GitHub sends; check --api-url"};
  }

  Result<json> write(HttpRequest post) const {
    if (!post.body.empty()) post.headers.emplace_back("Content-Type", "application/json");
    post.repeat = Repeat::Unsafe;
    auto answer = api_.call(post);
    if (answer) return answer;
    Error error = std::move(answer).error();
    if (error.kind == ErrorKind::Unauthorized)
      error.message += "; runners need a personal token with scope repo (admin:org for organisations), or an app with administration: write";
    return error;
  }
  // A cancel that comes too late is fine.
  Status ask(std::string const& path) const {
    auto answer = write(api_.request_at_base("POST", path));
    if (answer || answer.error().kind == ErrorKind::Conflict) return ok();
    return std::move(answer).error();
  }

  // The list of downloads as text: it goes to the machine, which picks its own architecture.
  Result<std::string> download() {
    CML_TRY(body, api_.call(api_.request_at_base("GET", scope_ + "/actions/runners/downloads")));
    if (!body.is_array()) return unexpected("the list of downloads");
    json rows = json::array();
    for (json const& row : body)
      if (text_of(row, "os") == "linux")
        rows.push_back({{"architecture", text_of(row, "architecture")}, {"download_url", text_of(row, "download_url")},
                        {"sha256_checksum", text_of(row, "sha256_checksum")}});
    return rows.dump();
  }

  Status unpack(Workplace const& place, Registration const& registration) {
    std::string list = registration.detail("downloads");
    if (list.empty()) {
      CML_TRY(fresh, download());
      list = std::move(fresh);
    }
    json const rows = json::parse(list, nullptr, false);
    CML_TRY(architecture, machine_architecture(place.process));
    std::string const wanted = architecture == "amd64" ? "x64" : architecture;
    for (json const& row : rows) {
      if (text_of(row, "architecture") != wanted) continue;
      HttpRequest request;
      request.url = text_of(row, "download_url");
      place.notify("fetching the agent " + safe_url(request.url));
      CML_TRY(bytes, fetch_checked(place.http, request, text_of(row, "sha256_checksum")));
      std::filesystem::path const archive = place.folder / "actions-runner.tar.gz";
      CML_CHECK_OK(place.files.write(archive, bytes));
      CML_CHECK_OK(run_checked(place.process, {.arguments = {"tar", "-xzf", archive.string(), "-C", place.folder.string()}}, "unpacking the agent"));
      return place.files.remove(archive);
    }
    return Error{ErrorKind::Unsupported, "GitHub offers no agent for linux on " + wanted + "; give --runner-path"};
  }

  github::Api api_;
  Clock& clock_;
  std::string web_url_, scope_;
};

}  // namespace

std::unique_ptr<RunnerForge> make_github_agent(AgentSetup const& setup) { return std::make_unique<GitHubAgent>(setup); }

}  // namespace cml::runner
