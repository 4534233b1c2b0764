// GitHub: actions/runner. A single job gets a just-in-time configuration, everything else a registration token.
#include "forge/github/api.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "forge/http_error.hpp"
#include "forge/json_api.hpp"
#include "runner/agents/agent.hpp"
#include "runner/agents/download.hpp"
#include "runner/machine_id.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;

constexpr int kMaxPages = 100;
constexpr int kLookBack = 30;  // Newest runs, or repositories of an organisation, that are looked through.
constexpr auto kRemembered = std::chrono::hours(8 * 24);  // Longer than a job may last.
constexpr std::size_t kMaxKnown = 200;                    // Answers kept for conditional requests.
constexpr long long kDefaultGroup = 1;
constexpr seconds kPoll{2}, kPolite{60}, kLongest{300};  // Waiting for a cancelled run: then by force, then no more.
constexpr seconds kApart{3};                  // Between two looks at a list of jobs: GitHub's lists are late at times.
constexpr seconds kSettling{60}, kAgain{10};  // How long the jobs of a run that is over are waited for.
constexpr seconds kJobLimit = std::chrono::hours(5 * 24) - std::chrono::minutes(5);
constexpr char const* kJobFile = "cml-job";
// What the agent prints.
constexpr char const* kListening = "Listening for Jobs";
constexpr char const* kRunning = "Running job";
constexpr char const* kCompleted = "completed with result";
constexpr char const* kDeleted = "registration has been deleted from the server";

bool flag_of(json const& value, char const* key) {
  return value.is_object() && value.contains(key) && value[key].is_boolean() && value[key].get<bool>();
}

// What config.sh adds by itself and a just-in-time configuration does not have: jobs ask for it in every document.
std::vector<std::string> with_default_labels(std::vector<std::string> labels, std::string const& architecture) {
  for (std::string const& label : {std::string("self-hosted"), std::string("Linux"), to_upper(architecture)}) {
    auto const same = [&](std::string const& one) { return equals_ignoring_case(one, label); };
    if (std::none_of(labels.begin(), labels.end(), same)) labels.push_back(label);
  }
  return labels;
}

std::string api_of(AgentSetup const& setup) {
  return setup.api_url.empty() ? cml::github::api_of(setup.repository) : setup.api_url;
}

// "/repos/o/r", "/orgs/o" or "/enterprises/e".
std::string scope_of(std::string const& path) {
  if (path.substr(0, 12) == "enterprises/") return "/enterprises/" + percent_encode(path.substr(12));
  return contains(path, "/") ? "/repos/" + percent_encode(path, "/") : "/orgs/" + percent_encode(path);
}

RunnerSeen seen(json const& runner) {
  RunnerSeen result;
  result.id = id_at(runner, {"id"});
  result.name = text_at(runner, {"name"});
  result.online = text_at(runner, {"status"}) == "online";
  result.work = flag_of(runner, "busy") ? Work::Busy : Work::Idle;
  if (runner.contains("labels") && runner["labels"].is_array())
    for (json const& label : runner["labels"]) result.labels.push_back(text_at(label, {"name"}));
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
  bool serves(std::string const& has, std::string const& wanted) const override {
    return equals_ignoring_case(has, wanted);
  }

  Result<std::vector<RunnerSeen>> runners() override {
    std::vector<RunnerSeen> all;
    for (int page = 1; page <= kMaxPages; ++page) {
      CML_TRY(body, unless_changed(scope_ + "/actions/runners?per_page=100&page=" + std::to_string(page)));
      if (!body.contains("runners") || !body["runners"].is_array()) return unexpected("the list of runners");
      for (json const& runner : body["runners"]) all.push_back(seen(runner)), ids_[all.back().name] = all.back().id;
      if (body["runners"].empty() ||
          static_cast<long long>(all.size()) >= integer_at(body, {"total_count"}).value_or(0))
        break;
    }
    return all;
  }

  // By its number, which is never late: lists are, and empty at times. A repository that cannot be seen answers as a
  // runner that is gone does, so the list must answer, too.
  Result<std::optional<RunnerSeen>> find(std::string const& runner_name) override {
    auto const known = ids_.find(runner_name);
    if (known != ids_.end()) {
      CML_TRY(there, numbered(known->second));
      if (there) return there;
    }
    CML_TRY(body, unless_changed(scope_ + "/actions/runners?name=" + percent_encode(runner_name) + "&per_page=100"));
    if (!body.contains("runners") || !body["runners"].is_array()) return unexpected("the list of runners");
    for (json const& runner : body["runners"])
      if (text_at(runner, {"name"}) == runner_name && known == ids_.end()) {
        ids_[runner_name] = id_at(runner, {"id"});
        return numbered(ids_[runner_name]);
      }
    return std::optional<RunnerSeen>();
  }

  Result<Registration> enroll(RunnerWanted const& wanted) override {
    // Reads first: what fails after the registration would leave one behind.
    CML_TRY(downloads, download());
    CML_TRY(group, group_of(wanted.group));
    if (wanted.single) {
      HttpRequest post = api_.request_at_base("POST", scope_ + "/actions/runners/generate-jitconfig");
      post.body = json{
          {"name", wanted.name},
          {"runner_group_id", group},
          {"labels", with_default_labels(wanted.labels, wanted.architecture)},
          {"work_folder",
           "_work"}}.dump();
      CML_TRY(body, write(std::move(post)));
      std::string const configuration = text_at(body, {"encoded_jit_config"});
      if (configuration.empty()) return unexpected("the just-in-time configuration");
      std::string const id = id_at(body, {"runner", "id"});
      if (!id.empty()) ids_[wanted.name] = id;
      return Registration{id, Secret(configuration), {{"kind", "jit"}, {"downloads", downloads}}};
    }
    CML_TRY(body, write(api_.request_at_base("POST", scope_ + "/actions/runners/registration-token")));
    std::string const token = text_at(body, {"token"});
    if (token.empty()) return unexpected("the registration token");
    return Registration{"", Secret(token), {{"kind", "token"}, {"downloads", downloads}, {"group", wanted.group}}};
  }

  Status unregister(RunnerSeen const& runner) override {
    auto const answer =
        api_.call(api_.request_at_base("DELETE", scope_ + "/actions/runners/" + percent_encode(runner.id)));
    if (answer || answer.error().kind == ErrorKind::NotFound) return ok();
    bool const running = contains(answer.error().message, "is still running a job") ||
                         contains(answer.error().message, "currently running a job");
    return Error{running ? ErrorKind::Conflict : answer.error().kind, answer.error().message};
  }

  Result<Restarted> restart(Job const& job) override {
    if (job.pipeline.empty()) return Error{ErrorKind::NotFound, "its run is not known"};
    std::string const repository = job.repository.empty() ? api_.repository() : job.repository;
    std::string const name = "run " + job.pipeline + " of " + repository;
    std::string const path =
        "/repos/" + percent_encode(repository, "/") + "/actions/runs/" + percent_encode(job.pipeline);
    CML_TRY(first, api_.call(api_.request_at_base("GET", path)));
    // GitHub counts for us: a second attempt is one that somebody has asked for already.
    auto const attempt = integer_at(first, {"run_attempt"}).value_or(0);
    if (attempt > 1) return Error{ErrorKind::Conflict, name + " is attempt " + std::to_string(attempt) + " already"};
    if (text_at(first, {"status"}) != "completed") {
      CML_TRY(others, others_work(path, job.runner));
      if (others)
        return Restarted{name + " still works on other jobs; \"cml runner gc\" does it when they are done", true};
      CML_CHECK_OK(end_run(path, name));
    }
    // What succeeded does not run again with the failed jobs alone, the job that makes the machine least of all.
    bool const whole = !cloud_of_id(job.runner).empty();
    if (!whole) {
      auto failed = write(api_.request_at_base("POST", path + "/rerun-failed-jobs"));
      if (failed) return Restarted{name};
      if (failed.error().kind == ErrorKind::Network || failed.error().kind == ErrorKind::Unreachable)
        return std::move(failed).error();
      // A run of which nothing failed but was cancelled has no failed jobs to run again.
    }
    CML_TRY(all, write(api_.request_at_base("POST", path + "/rerun")));
    return Restarted{name + ", all its jobs"};
  }

  // A runner that vanished with a job: a run that goes on still lists it under the runner's name.
  Result<std::optional<Job>> lost_job(std::string const& runner_name) override {
    auto const this_one = [&](std::string const& name) { return name == runner_name; };
    for (char const* status : {"in_progress", "failure", "cancelled"}) {
      CML_TRY(jobs, cut_off(status, this_one));
      if (!jobs.empty()) return std::optional(jobs.front());
    }
    return std::optional<Job>();
  }

  // The registration of a runner for one job is gone with it, but its run keeps what happened.
  Result<std::vector<Job>> interrupted_jobs(IsOurs const& is_ours) override {
    std::vector<Job> all;
    for (char const* status : {"failure", "cancelled"}) {
      CML_TRY(jobs, cut_off(status, is_ours));
      all.insert(all.end(), jobs.begin(), jobs.end());
    }
    return all;
  }

  // Whoever names the run wants it looked at: runners on premise count, too.
  Result<std::vector<Job>> interrupted_in(std::string const& run) override {
    if (!contains(api_.repository(), "/"))
      return Error{ErrorKind::Usage, "--run belongs to a repository; give --repo as https://HOST/OWNER/NAME"};
    CML_CHECK_OK(wait_for_jobs(
        "/repos/" + percent_encode(api_.repository(), "/") + "/actions/runs/" + percent_encode(run), run));
    std::vector<Job> found;
    CML_CHECK_OK(add_cut_off(
        api_.repository(), run, "completed", [](std::string const& name) { return !name.empty(); }, found));
    return found;
  }

  Status fetch(Workplace const& place, Registration const& given) override {
    if (place.files.kind(home_of(place) / "run.sh") == FileKind::Regular) return ok();
    return unpack(place, given);
  }

  Result<ChildRequest> prepare(Workplace const& place, RunnerWanted const& wanted,
                               Registration const& registration) override {
    std::filesystem::path const home = home_of(place);
    // An agent that was configured before is this machine's own: its old registration must not be taken up again.
    for (char const* file : {".runner", ".credentials", ".credentials_rsaparams"})
      if (place.files.kind(home / file) == FileKind::Regular) CML_CHECK_OK(place.files.remove(home / file));
    std::vector<std::pair<std::string, std::string>> environment{{"RUNNER_ALLOW_RUNASROOT", "1"}};
    std::filesystem::path const work = place.folder / "_work";
    // The agent takes every option from ACTIONS_RUNNER_INPUT_..., so no token shows in the list of processes.
    if (registration.detail("kind") == "jit") {
      environment.emplace_back("ACTIONS_RUNNER_INPUT_JITCONFIG", registration.secret.reveal());
    } else {
      std::string labels;
      for (std::string const& label : wanted.labels) labels += (labels.empty() ? "" : ",") + label;
      ProcessRequest configure;
      configure.arguments = {(home / "config.sh").string(),
                             "--unattended",
                             "--url",
                             web_url_,
                             "--name",
                             wanted.name,
                             "--labels",
                             labels,
                             "--work",
                             work.string()};
      // GitHub gives agents that are a month old no jobs: only a machine that will not grow so old may stay as it is.
      if (wanted.unattended) configure.arguments.push_back("--disableupdate");
      if (std::string const group = registration.detail("group"); !group.empty())
        configure.arguments.insert(configure.arguments.end(), {"--runnergroup", group});
      if (wanted.single) configure.arguments.push_back("--ephemeral");
      configure.directory = home;
      configure.environment = environment;
      configure.environment.emplace_back("ACTIONS_RUNNER_INPUT_TOKEN", registration.secret.reveal());
      if (auto configured = run_checked(place.process, configure, "config.sh"); !configured)
        return std::move(configured).error().while_doing("Failed preparing GitHub runner");
      remember_id(place, home, wanted.name);
    }
    if (!place.environment.get("ACTIONS_RUNNER_HOOK_JOB_STARTED")) {
      // Runs as the job's first step and tells which run it belongs to; the agent's log does not.
      std::filesystem::path const hook = place.folder / "cml-job-started.sh";
      CML_CHECK_OK(
          place.files.write(hook, "#!/bin/sh\nprintf '%s %s\\n' \"$GITHUB_RUN_ID\" \"$GITHUB_REPOSITORY\" > '" +
                                      replace_all((place.folder / kJobFile).string(), "'", "'\\''") + "'\n"));
      CML_CHECK_OK(make_executable(place, hook));
      environment.emplace_back("ACTIONS_RUNNER_HOOK_JOB_STARTED", hook.string());
    }
    return ChildRequest{{(home / "run.sh").string()}, home, std::move(environment), {}};
  }

  std::optional<Unaided> unaided(RunnerWanted const& wanted, Registration const& registration) const override {
    Unaided how;
    how.installed = "/home/runner/run.sh";  // Of GitHub's own image.
    how.archive = true;
    json const rows = json::parse(registration.detail("downloads"), nullptr, false);
    if (rows.is_array())
      for (json const& row : rows)
        how.files.push_back(
            {text_at(row, {"architecture"}), text_at(row, {"download_url"}), text_at(row, {"sha256_checksum"})});
    how.values = {{"secret", registration.secret.reveal()}};
    how.ready = kListening;
    how.started = kRunning;
    how.ended = kCompleted;
    how.gone = kDeleted;
    how.job_limit = kJobLimit.count();
    how.set_up = "export RUNNER_ALLOW_RUNASROOT=1\nrm -f \"$home\"/.runner \"$home\"/.credentials*\n";
    if (wanted.single) {
      how.set_up += "export ACTIONS_RUNNER_INPUT_JITCONFIG=$secret\n";
    } else {
      std::string labels;
      for (std::string const& label : wanted.labels) labels += (labels.empty() ? "" : ",") + label;
      std::string const group = registration.detail("group");
      how.set_up += "ACTIONS_RUNNER_INPUT_TOKEN=$secret \"$home/config.sh\" --unattended --disableupdate --url " +
                    shell_quote(web_url_) + " --name " + shell_quote(wanted.name) + " --labels " + shell_quote(labels) +
                    " --work \"$folder/_work\"" + (group.empty() ? "" : " --runnergroup " + shell_quote(group)) +
                    " || fail \"config.sh failed\"\n";
    }
    how.set_up += "agent=(\"$home/run.sh\")";
    return how;
  }

  std::optional<Event> read_line(std::string_view line) override {
    if (contains(line, kListening)) return AgentReady{};
    if (contains(line, kRunning)) return JobStarted{};
    if (contains(line, kCompleted)) return JobEnded{contains(line, "completed with result: Succeeded")};
    if (contains(line, kDeleted)) return RegistrationGone{};
    return std::nullopt;
  }

  std::optional<Job> current_job(Workplace const& place) const override {
    auto const text = place.files.read(place.folder / kJobFile, 4096);
    if (!text) return std::nullopt;
    auto const words = split(trim(*text), ' ');
    if (words.size() != 2 || !parse_integer(words[0])) return std::nullopt;
    return Job{"", words[0], words[1], "", ""};
  }
  void forget_job(Workplace const& place) const override {
    if (place.files.kind(place.folder / kJobFile) == FileKind::Regular)
      (void)place.files.remove(place.folder / kJobFile);
  }

 private:
  static std::filesystem::path home_of(Workplace const& place) {
    return place.runner_path.empty() ? place.folder : place.runner_path;
  }

  Result<std::optional<RunnerSeen>> numbered(std::string const& id) {
    auto const one = unless_changed(scope_ + "/actions/runners/" + percent_encode(id));
    if (one) return std::optional(seen(*one));
    if (one.error().kind == ErrorKind::NotFound) return std::optional<RunnerSeen>();
    return Error(one.error());
  }

  // Runners of a repository are always in its default group.
  Result<long long> group_of(std::string const& name) {
    if (name.empty()) return kDefaultGroup;
    if (scope_.substr(0, 7) == "/repos/")
      return Error{ErrorKind::Usage,
                   "--runner-group belongs to an organisation or enterprise; give that as --repo, or leave it out"};
    std::string names;
    for (int page = 1; page <= kMaxPages; ++page) {
      CML_TRY(body, api_.call(api_.request_at_base(
                        "GET", scope_ + "/actions/runner-groups?per_page=100&page=" + std::to_string(page))));
      if (!body.contains("runner_groups") || !body["runner_groups"].is_array())
        return unexpected("the list of runner groups");
      for (json const& group : body["runner_groups"]) {
        if (equals_ignoring_case(text_at(group, {"name"}), name)) return integer_at(group, {"id"}).value_or(0);
        names += (names.empty() ? "" : ", ") + one_line(text_at(group, {"name"}), 40);
      }
      if (body["runner_groups"].size() < 100) break;
    }
    return Error{ErrorKind::NotFound, "no runner group \"" + one_line(name, 60) + "\" in " + web_url_ +
                                          (names.empty() ? "" : "; there are " + names)};
  }

  // config.sh tells the number of the registration in a file of its own.
  void remember_id(Workplace const& place, std::filesystem::path const& home, std::string const& name) {
    auto const text = place.files.read(home / ".runner", 1u << 16);
    if (!text) return;
    constexpr std::string_view kMark = "\xEF\xBB\xBF";  // Of files that .NET has written.
    std::string_view const body = std::string_view(*text).substr(text->starts_with(kMark) ? kMark.size() : 0);
    json const runner = json::parse(body, nullptr, false);
    if (std::string const id = runner.is_object() ? id_at(runner, {"agentId"}) : ""; !id.empty()) ids_[name] = id;
  }

  Result<std::vector<json>> jobs_of(std::string const& path) const {
    std::vector<json> all;
    for (int page = 1; page <= kMaxPages; ++page) {
      CML_TRY(body, api_.call(api_.request_at_base("GET", path + "/jobs?per_page=100&page=" + std::to_string(page))));
      if (!body.contains("jobs") || !body["jobs"].is_array()) return unexpected("the list of jobs");
      for (json& job : body["jobs"]) all.push_back(std::move(job));
      if (body["jobs"].size() < 100) break;
    }
    return all;
  }

  // The word that a run is over may come before its list of jobs says so: every job must be over there, too.
  Status wait_for_jobs(std::string const& path, std::string const& run) const {
    CML_TRY(now, api_.call(api_.request_at_base("GET", path)));
    if (text_at(now, {"status"}) != "completed") return ok();
    for (auto const began = clock_.now();;) {
      CML_TRY(jobs, jobs_of(path));
      auto const over = [](json const& job) { return text_at(job, {"status"}) == "completed"; };
      if (!jobs.empty() && std::all_of(jobs.begin(), jobs.end(), over)) return ok();
      if (clock_.now() - began >= kSettling)
        return Error{ErrorKind::Network,
                     "GitHub does not list what became of the jobs of run " + one_line(run, 40) + "; try again later"};
      clock_.sleep_for(kAgain);
    }
  }

  // A job that waits loses nothing when its run is ended; one that runs on another machine does. That none does is
  // believed when two looks, apart, show the job that was lost and no other at work.
  Result<bool> others_work(std::string const& path, std::string const& runner) const {
    for (int look = 0; look < 2; ++look) {
      if (look > 0) clock_.sleep_for(kApart);
      CML_TRY(jobs, jobs_of(path));
      bool lost_is_listed = false;
      for (json const& job : jobs) {
        bool const is_lost = text_at(job, {"runner_name"}) == runner;
        if (!is_lost && text_at(job, {"status"}) == "in_progress") return true;
        lost_is_listed = lost_is_listed || is_lost;
      }
      if (!lost_is_listed) return true;
    }
    return false;
  }

  Status end_run(std::string const& path, std::string const& name) const {
    CML_CHECK_OK(ask(path + "/cancel"));
    auto const started = clock_.now();
    for (bool by_force = false;;) {
      clock_.sleep_for(kPoll);
      CML_TRY(run, api_.call(api_.request_at_base("GET", path)));
      if (text_at(run, {"status"}) == "completed") return ok();
      auto const waited = clock_.now() - started;
      if (waited >= kLongest) return Error{ErrorKind::Network, name + " does not end; run it again by hand"};
      if (waited < kPolite || by_force) continue;
      by_force = true;
      CML_CHECK_OK(ask(path + "/force-cancel"));
    }
  }

  Error unexpected(std::string const& what) const {
    return {ErrorKind::Network, what + " of " + web_url_ + " is not what GitHub sends; check --api-url"};
  }

  // A conditional request: an answer that we have already is not sent again, and GitHub does not count it.
  Result<json> unless_changed(std::string const& path) {
    HttpRequest request = api_.request_at_base("GET", path);
    auto const known = known_.find(path);
    if (known != known_.end()) request.headers.emplace_back("If-None-Match", known->second.tag);
    auto const answer = api_.http().send(request);
    if (answer && answer->status == 304 && known != known_.end()) return known->second.body;
    CML_TRY(body, api_.read(request, answer));
    std::string tag(answer->header("etag"));
    if (known_.size() >= kMaxKnown) known_.clear();
    if (!tag.empty()) known_[path] = {std::move(tag), body};
    return body;
  }

  Result<json> write(HttpRequest post) const {
    if (!post.body.empty()) post.headers.emplace_back("Content-Type", "application/json");
    post.repeat = Repeat::Unsafe;
    auto answer = api_.call(post);
    if (answer) return answer;
    Error error = std::move(answer).error();
    if (lacks_access(error.kind))
      error.message +=
          "; runners need a personal token with scope repo (admin:org for organisations), or an app with "
          "administration: write";
    return error;
  }
  // A cancel that comes too late is fine.
  Status ask(std::string const& path) const {
    auto answer = write(api_.request_at_base("POST", path));
    if (answer || answer.error().kind == ErrorKind::Conflict) return ok();
    return std::move(answer).error();
  }

  // The repository; of an organisation those that somebody has pushed to lately. Enterprises tell none.
  Result<std::vector<std::string>> repositories() const {
    std::vector<std::string> names;
    if (scope_.substr(0, 7) == "/repos/") names.push_back(api_.repository());
    if (scope_.substr(0, 6) != "/orgs/") return names;
    CML_TRY(body, api_.call(api_.request_at_base("GET",
                                                 scope_ + "/repos?sort=pushed&per_page=" + std::to_string(kLookBack))));
    if (!body.is_array()) return unexpected("the list of repositories");
    for (json const& row : body)
      if (std::string name = text_at(row, {"full_name"}); !name.empty()) names.push_back(std::move(name));
    return names;
  }

  // Jobs of such runners in the newest runs of this state, first attempts only. A run that is over must say that the
  // runner was taken away: a job that failed by itself, or that somebody has cancelled, stays as it is.
  Result<std::vector<Job>> cut_off(std::string const& status, IsOurs const& is_ours) const {
    CML_TRY(names, repositories());
    std::vector<Job> found;
    for (std::string const& name : names) {
      std::string const at = "/repos/" + percent_encode(name, "/") + "/actions/runs";
      CML_TRY(runs, api_.call(api_.request_at_base(
                        "GET", at + "?status=" + status + "&per_page=" + std::to_string(kLookBack))));
      if (!runs.contains("workflow_runs") || !runs["workflow_runs"].is_array()) return unexpected("the list of runs");
      for (json const& run : runs["workflow_runs"]) {
        auto const born = parse_iso_time(text_at(run, {"created_at"}));
        bool const old = born && *born < clock_.now() - kRemembered;
        if (old || integer_at(run, {"run_attempt"}).value_or(1) > 1) continue;
        CML_CHECK_OK(add_cut_off(name, id_at(run, {"id"}), status, is_ours, found));
      }
    }
    return found;
  }

  // At most one job a run: the first whose machine must be made again, else the first.
  Status add_cut_off(std::string const& repository, std::string const& run, std::string const& status,
                     IsOurs const& is_ours, std::vector<Job>& found) const {
    std::string const at = "/repos/" + percent_encode(repository, "/") + "/actions/runs/" + percent_encode(run);
    std::optional<Job> first;
    CML_TRY(jobs, jobs_of(at));
    for (json const& job : jobs) {
      std::string const runner = text_at(job, {"runner_name"}), conclusion = text_at(job, {"conclusion"});
      bool const no_better = first && cloud_of_id(runner).empty();
      if (no_better || !is_ours(runner) || conclusion == "success" || conclusion == "skipped") continue;
      bool const running = status == "in_progress" && text_at(job, {"status"}) != "completed";
      CML_TRY(lost, running ? Result<bool>(true) : says_lost(repository, id_at(job, {"id"})));
      if (lost) first = Job{id_at(job, {"id"}), run, repository, runner, ""};
      if (lost && !cloud_of_id(runner).empty()) break;
    }
    if (first) found.push_back(std::move(*first));
    return ok();
  }

  // A job is a check run of the same number; the runner's end is an annotation of it.
  Result<bool> says_lost(std::string const& repository, std::string const& job) const {
    CML_TRY(notes, api_.call(api_.request_at_base("GET", "/repos/" + percent_encode(repository, "/") + "/check-runs/" +
                                                             job + "/annotations?per_page=100")));
    if (!notes.is_array()) return false;
    return std::any_of(notes.begin(), notes.end(), [](json const& note) {
      std::string const message = text_at(note, {"message"});
      return contains(message, "received a shutdown signal") || contains(message, "lost communication with the server");
    });
  }

  // The list of downloads as text: it goes to the machine, which picks its own architecture.
  Result<std::string> download() {
    if (!downloads_.empty()) return downloads_;
    CML_TRY(body, api_.call(api_.request_at_base("GET", scope_ + "/actions/runners/downloads")));
    if (!body.is_array()) return unexpected("the list of downloads");
    json rows = json::array();
    for (json const& row : body)
      if (text_at(row, {"os"}) == "linux")
        rows.push_back({{"architecture", text_at(row, {"architecture"})},
                        {"download_url", text_at(row, {"download_url"})},
                        {"sha256_checksum", text_at(row, {"sha256_checksum"})}});
    return downloads_ = rows.dump();
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
      if (text_at(row, {"architecture"}) != wanted) continue;
      std::filesystem::path const archive = place.folder / "actions-runner.tar.gz";
      CML_CHECK_OK(fetch_file(place, text_at(row, {"download_url"}), archive, text_at(row, {"sha256_checksum"})));
      CML_CHECK_OK(run_checked(place.process,
                               {.arguments = {"tar", "-xzf", archive.string(), "-C", place.folder.string()}},
                               "unpacking the agent"));
      return place.files.remove(archive);
    }
    return Error{ErrorKind::Unsupported, "GitHub offers no agent for linux on " + wanted + "; give --runner-path"};
  }

  github::Api api_;
  Clock& clock_;
  std::string web_url_, scope_, downloads_;
  struct Known {  // NOLINT(bugprone-exception-escape): json's own move says noexcept and checks itself by assertions.
    std::string tag;
    json body;
  };
  std::map<std::string, Known> known_;      // Runners and lists of them, by path.
  std::map<std::string, std::string> ids_;  // By runner name.
};

}  // namespace

std::unique_ptr<RunnerForge> make_github_agent(AgentSetup const& setup) { return std::make_unique<GitHubAgent>(setup); }

}  // namespace cml::runner
