// Gitea: act_runner. The launcher registers the runner by the call that "act_runner register" makes, so that no
// registration token, which Gitea honours until it is reset, comes to the machine: there is only the runner's own, in
// act_runner's file.
#include "forge/gitea/api.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/json_api.hpp"
#include "runner/agents/agent.hpp"
#include "runner/agents/download.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;

constexpr seconds kPoll{2}, kLongest{300};
constexpr seconds kOwnQuestion{15};  // It touches the task, so it is asked seldom.
constexpr int kMaxPages = 100, kPageSize = 50;
constexpr char const* kDownloads = "https://dl.gitea.com/act_runner";
constexpr char const* kVersion = "0.2.13";
constexpr char const* kFile = ".runner";
constexpr char const* kProtocol = "/api/actions/runner.v1.RunnerService/";  // The runners' own (Connect, JSON).

RunnerSeen seen(json const& runner) {
  RunnerSeen result{
      id_at(runner, {"id"}), text_at(runner, {"name"}), text_at(runner, {"status"}) == "online", Work::Idle, {}};
  // Gitea calls a runner that is away idle: its jobs tell more.
  if (runner.value("busy", json()) == true) result.work = Work::Busy;
  if (runner.contains("labels") && runner["labels"].is_array())
    for (json const& label : runner["labels"]) result.labels.push_back(text_at(label, {"name"}));
  return result;
}

// "cml:docker://image" says where jobs run; what says nothing runs on the machine itself, as GitHub's and GitLab's jobs
// do.
std::string name_of_label(std::string const& label) { return label.substr(0, label.find(':')); }
std::string full_label(std::string const& label) { return contains(label, ":") ? label : label + ":host"; }
// act_runner drops labels with other schemes without a word.
bool is_legal(std::string const& label) {
  std::string const full = full_label(label);
  std::string_view const scheme = std::string_view(full).substr(full.find(':') + 1);
  return !name_of_label(label).empty() &&
         (scheme == "host" || scheme.starts_with("docker:") || scheme.starts_with("host:"));
}

// "…/repos/OWNER/NAME/actions/runs/12" of a job's run_url.
std::string repository_of(std::string const& run_url) {
  constexpr std::string_view kBegin = "/repos/", kEnd = "/actions/runs/";
  auto const begin = run_url.find(kBegin), end = run_url.rfind(kEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin + kBegin.size()) return "";
  return percent_decode(run_url.substr(begin + kBegin.size(), end - begin - kBegin.size()));
}

class GiteaAgent : public RunnerForge {
 public:
  explicit GiteaAgent(AgentSetup const& setup) : GiteaAgent(setup, gitea::place_of(setup.repository.path)) {}

  std::string_view name() const override { return "gitea"; }
  std::string web_url() const override { return web_url_; }

  // Jobs may ask for "gpu" of a runner that was given "gpu:docker://IMAGE".
  bool serves(std::string const& has, std::string const& wanted) const override {
    return name_of_label(has) == name_of_label(wanted);
  }

  // Gitea calls a runner that is away idle; its job may go on, and is lost only after some minutes.
  Result<std::vector<RunnerSeen>> runners() override {
    CML_TRY(all, presence());
    bool const away = std::any_of(all.begin(), all.end(), [](RunnerSeen const& runner) { return !runner.online; });
    if (!away) return all;
    CML_TRY(jobs, listed(scope_ + "/actions/jobs?status=in_progress", "jobs", kMaxPages));
    for (json const& job : jobs)
      for (RunnerSeen& runner : all)
        if (text_at(job, {"runner_name"}) == runner.name) runner.work = Work::Busy;
    return all;
  }

  Result<std::vector<RunnerSeen>> presence() override {
    CML_TRY(rows, listed(scope_ + "/actions/runners", "runners", kMaxPages));
    std::vector<RunnerSeen> all;
    for (json const& row : rows) all.push_back(seen(row));
    return all;
  }

  Result<std::optional<RunnerSeen>> find(std::string const& runner_name) override {
    CML_TRY(all, presence());
    for (RunnerSeen& runner : all)
      if (runner.name == runner_name) return std::optional(std::move(runner));
    return std::optional<RunnerSeen>();
  }

  Result<Registration> enroll(RunnerWanted const& wanted) override {
    json labels = json::array();
    for (std::string const& label : wanted.labels) {
      if (!is_legal(label))
        return Error{ErrorKind::Usage, "act_runner knows NAME, NAME:host and NAME:docker://IMAGE as labels; \"" +
                                           one_line(label, 60) + "\" is none of them"};
      labels.push_back(name_of_label(label));
    }
    CML_TRY(granted, write(api_.request_at_base("POST", scope_ + "/actions/runners/registration-token")));
    std::string const token = text_at(granted, {"token"});
    if (token.empty()) return unexpected("the registration token");
    // The token in the body is its credential.
    HttpRequest post{.method = "POST", .url = instance_ + kProtocol + "Register"};
    post.headers = {{"Connect-Protocol-Version", "1"}};
    CML_TRY(made, api_.call(with_json(std::move(post),
                                      {{"name", wanted.name},
                                       {"token", token},
                                       {"version", kVersion},
                                       {"labels", labels},
                                       {"ephemeral", wanted.single}},
                                      Repeat::Unsafe)));
    json const runner = made.value("runner", json::object());
    std::string id = text_at(runner, {"id"});  // 64 bits are text in this protocol's JSON.
    if (id.empty()) id = id_at(runner, {"id"});
    std::string const uuid = text_at(runner, {"uuid"}), secret = text_at(runner, {"token"});
    if (!parse_integer(id) || uuid.empty() || secret.empty()) return unexpected("the answer to the registration");
    return Registration{id, Secret(secret), {{"uuid", uuid}, {"instance", instance_}}};
  }

  // Gitea itself would not mind a running job, and calls a runner busy for ten seconds after one.
  Status unregister(RunnerSeen const& runner) override {
    CML_TRY(job, job_of(runner.name, "in_progress", Attempt::Any));
    if (job && runner.online)
      return Error{ErrorKind::Conflict, "runner " + runner.name + " is still running a job, " + job->id};
    auto gone = api_.call(api_.request_at_base("DELETE", scope_ + "/actions/runners/" + percent_encode(runner.id)));
    if (gone || gone.error().kind == ErrorKind::NotFound) return ok();
    return std::move(gone).error();
  }

  Result<Restarted> restart(Job const& given) override {
    Job job = given;
    if (job.pipeline.empty() && !runner_name_.empty()) {
      CML_TRY(found, lost_job(runner_name_));
      if (found) job = *found;
    }
    if (job.pipeline.empty()) return Error{ErrorKind::NotFound, "its run is not known"};
    std::string const repository = job.repository.empty() ? repository_ : job.repository;
    std::string const path =
        "/repos/" + percent_encode(repository, "/") + "/actions/runs/" + percent_encode(job.pipeline);
    CML_TRY(first, read(path));
    if (integer_at(first, {"run_attempt"}).value_or(1) > 1)
      return Error{ErrorKind::Conflict, "run " + job.pipeline + " of " + repository + " was run again before"};
    // Nothing cancels a run by the API; the agent's end, or Gitea's own search for lost ones, ends the job.
    auto const started = clock_.now();
    for (json run = std::move(first); text_at(run, {"status"}) != "completed";) {
      if (clock_.now() - started >= kLongest)
        return Error{ErrorKind::Network, "run " + job.pipeline + " does not end; run it again by hand"};
      clock_.sleep_for(kPoll);
      CML_TRY(now, read(path));
      run = std::move(now);
    }
    auto again = write(api_.request_at_base("POST", path + "/rerun"));
    if (again) return Restarted{"run " + job.pipeline + " of " + repository};
    ErrorKind const kind = again.error().kind;
    if (kind != ErrorKind::NotFound && kind != ErrorKind::Unsupported) return std::move(again).error();
    return Error{ErrorKind::Unsupported,
                 "this server's API cannot run a workflow again; use the button on the page of run " + job.pipeline};
  }

  Result<std::optional<Job>> lost_job(std::string const& runner_name) override {
    for (char const* status : {"in_progress", "completed"}) {
      CML_TRY(job, job_of(runner_name, status, Attempt::First));
      if (job) return job;
    }
    return std::optional<Job>();
  }

  // Newest first; the number of a task is in the agent's log.
  Result<std::optional<JobEnded>> job_end(Job const& job) override {
    auto const number = parse_integer(job.id);
    if (number && !has_token_) return own_end(job);
    if (!number || job.repository.empty()) return std::optional<JobEnded>();
    for (int page = 1; page <= kMaxPages; ++page) {
      CML_TRY(body, read("/repos/" + percent_encode(job.repository, "/") +
                         "/actions/tasks?limit=" + std::to_string(kPageSize) + "&page=" + std::to_string(page)));
      if (!body.contains("workflow_runs") || !body["workflow_runs"].is_array() || body["workflow_runs"].empty()) break;
      for (json const& task : body["workflow_runs"]) {
        auto const id = integer_at(task, {"id"});
        if (id != number) continue;
        std::string const status = text_at(task, {"status"});
        bool const over = status == "success" || status == "failure" || status == "cancelled" || status == "skipped";
        return over ? std::optional(JobEnded{status == "success"}) : std::nullopt;
      }
    }
    return std::optional<JobEnded>();
  }

  Status fetch(Workplace const& place, Registration const&) override {
    CML_TRY(program, program_of(place));
    program_ = std::move(program);
    return ok();
  }

  Result<ChildRequest> prepare(Workplace const& place, RunnerWanted const& wanted,
                               Registration const& registration) override {
    runner_name_ = wanted.name;
    single_ = wanted.single;
    uuid_ = registration.detail("uuid");
    secret_ = registration.secret;
    json labels = json::array();
    for (std::string const& label : wanted.labels) labels.push_back(full_label(label));
    json const body{{"WARNING", "Made by cml."},
                    {"id", parse_integer(registration.id).value_or(0)},
                    {"uuid", registration.detail("uuid")},
                    {"name", wanted.name},
                    {"token", registration.secret.reveal()},
                    {"address", registration.detail("instance")},
                    {"labels", labels},
                    {"ephemeral", wanted.single}};
    CML_CHECK_OK(write_secret(place, place.folder / kFile, body.dump(2) + "\n"));
    return ChildRequest{{program_, "daemon"}, place.folder, {}, {}};
  }

  // act_runner reads it when it starts.
  std::vector<std::filesystem::path> secret_files(Workplace const& place) const override {
    return {place.folder / kFile};
  }

  std::optional<Event> read_line(std::string_view line) override {
    if (contains(line, "declare successfully")) return AgentReady{};
    if (contains(line, "unregistered runner")) return RegistrationGone{};
    // "task 42 repo is OWNER/NAME https://github.com https://HOST"
    constexpr std::string_view kTask = "task ", kRepository = " repo is ";
    auto const task = line.find(kTask), repository = line.find(kRepository);
    if (task != std::string_view::npos && repository != std::string_view::npos && repository > task + kTask.size()) {
      std::string_view const number = line.substr(task + kTask.size(), repository - task - kTask.size());
      std::string_view rest = line.substr(repository + kRepository.size());
      rest = rest.substr(0, rest.find_first_of(" \""));
      if (parse_integer(number)) return JobStarted{{std::string(number), "", std::string(rest), "", ""}};
    }
    // Where the forge cannot be asked: an agent for one job leaves when it is done.
    if (single_ && !has_token_ && contains(line, "shutdown initiated")) return JobEnded{std::nullopt};
    return std::nullopt;
  }

 private:
  GiteaAgent(AgentSetup const& setup, gitea::Place const& place)
      : api_(*setup.http, api_of(setup, place), setup.token, place.repository),
        clock_(*setup.clock),
        web_url_(setup.repository.web_url()),
        repository_(place.repository),
        scope_(contains(place.repository, "/") ? "/repos/" + percent_encode(place.repository, "/")
                                               : "/orgs/" + percent_encode(place.repository)),
        has_token_(!setup.token.empty()) {
    constexpr std::string_view kApi = "/api/v1";
    instance_ = api_of(setup, place);
    if (instance_.size() > kApi.size() && instance_.substr(instance_.size() - kApi.size()) == kApi)
      instance_.resize(instance_.size() - kApi.size());
  }

  static std::string api_of(AgentSetup const& setup, gitea::Place const& place) {
    std::string url = setup.api_url.empty()
                          ? setup.repository.scheme + "://" + setup.repository.authority + place.sub_path + "/api/v1"
                          : setup.api_url;
    while (!url.empty() && url.back() == '/') url.pop_back();
    return url;
  }

  Error unexpected(std::string const& what) const {
    return {ErrorKind::Network, what + " of " + web_url_ + " is not what Gitea sends; check --api-url"};
  }

  // Runners and jobs are in the API since 1.24 and 1.25.
  static Error explained(Error error) {
    if (error.kind == ErrorKind::NotFound) error.message += "; runners by the API need Gitea 1.25 or later";
    if (lacks_access(error.kind))
      error.message +=
          "; runners need a token with the scope write:repository (write:organization) of an administrator of it";
    return error;
  }

  Result<json> read(std::string const& path) const {
    auto answer = api_.call(api_.request_at_base("GET", path));
    if (answer) return answer;
    return explained(std::move(answer).error());
  }

  Result<json> write(HttpRequest post) const {
    post.repeat = Repeat::Unsafe;
    auto answer = api_.call(post);
    if (answer) return answer;
    return explained(std::move(answer).error());
  }

  // {"total_count": N, KEY: [...]}, page by page.
  Result<std::vector<json>> listed(std::string const& path, char const* key, int pages) const {
    std::vector<json> all;
    for (int page = 1; page <= pages; ++page) {
      CML_TRY(body, read(path + (contains(path, "?") ? "&" : "?") + "limit=" + std::to_string(kPageSize) +
                         "&page=" + std::to_string(page)));
      if (!body.is_object() || !body.contains(key) || (!body[key].is_array() && !body[key].is_null()))
        return unexpected("the list of " + std::string(key));
      for (json const& element : body[key]) all.push_back(element);
      if (body[key].empty() || static_cast<long long>(all.size()) >= integer_at(body, {"total_count"}).value_or(0))
        break;
    }
    return all;
  }

  // Without a token the runner itself may ask: a report on a task that says nothing new is answered with what the
  // server knows of it.
  Result<std::optional<JobEnded>> own_end(Job const& job) {
    if (clock_.now() < next_question_) return std::optional<JobEnded>();
    next_question_ = clock_.now() + kOwnQuestion;
    HttpRequest post{.method = "POST", .url = instance_ + kProtocol + "UpdateTask"};
    post.headers = {{"Connect-Protocol-Version", "1"}, {"x-runner-uuid", uuid_}};
    post.credential_header = "x-runner-token";
    post.credential = secret_;
    CML_TRY(answer, api_.call(with_json(std::move(post), {{"state", {{"id", job.id}}}}, Repeat::Never)));
    std::string const result = text_at(answer, {"state", "result"});
    if (result.empty() || result == "RESULT_UNSPECIFIED") return std::optional<JobEnded>();
    return std::optional(JobEnded{result == "RESULT_SUCCESS"});
  }

  enum class Attempt { Any, First };
  // Of the newest jobs in this state, the one of this runner that did not end well.
  Result<std::optional<Job>> job_of(std::string const& runner_name, std::string const& status, Attempt attempt) const {
    CML_TRY(jobs, listed(scope_ + "/actions/jobs?status=" + status, "jobs", status == "completed" ? 2 : kMaxPages));
    for (json const& job : jobs) {
      bool const again = attempt == Attempt::First && integer_at(job, {"run_attempt"}).value_or(1) > 1;
      if (text_at(job, {"runner_name"}) != runner_name || again || text_at(job, {"conclusion"}) == "success") continue;
      return std::optional(
          Job{id_at(job, {"id"}), id_at(job, {"run_id"}), repository_of(text_at(job, {"run_url"})), runner_name, ""});
    }
    return std::optional<Job>();
  }

  Result<std::string> program_of(Workplace const& place) {
    constexpr std::string_view kNames[] = {"act_runner", "gitea-runner"};  // Its name before and after 1.0.
    if (!place.runner_path.empty()) {
      if (place.files.kind(place.runner_path) != FileKind::Directory) return place.runner_path.string();
      for (std::string_view const name : kNames)
        if (place.files.kind(place.runner_path / name) == FileKind::Regular) return (place.runner_path / name).string();
      return Error{ErrorKind::NotFound, place.runner_path.string() +
                                            " holds no act_runner; give its folder or the program as --runner-path"};
    }
    for (std::string_view const name : kNames)
      if (answers(place.process, {std::string(name), "--version"})) return std::string(name);
    CML_TRY(architecture, machine_architecture(place.process));
    CML_TRY(base, place_of_agent(place.environment, "CML_GITEA_RUNNER_URL", std::string(kDownloads) + "/" + kVersion));
    std::string const url =
        base + "/act_runner-" + kVersion + "-linux-" + (architecture == "arm" ? "arm-7" : architecture);
    CML_TRY(sum, fetch_text(place.http, url + ".sha256"));  // "HEX  NAME"
    std::string const hex(trim(sum).substr(0, 64));
    if (hex.size() != 64)
      return Error{ErrorKind::BadInput, safe_url(url) + ".sha256 holds no SHA-256; give --runner-path"};
    std::filesystem::path const path = place.folder / "act_runner";
    CML_CHECK_OK(fetch_file(place, url, path, hex));
    CML_CHECK_OK(make_executable(place, path));
    return path.string();
  }

  gitea::Api api_;
  Clock& clock_;
  std::string web_url_, repository_, scope_, instance_;
  bool has_token_;
  std::string program_;             // Of fetch().
  std::string runner_name_, uuid_;  // Of prepare().
  Secret secret_;
  bool single_ = false;
  Time next_question_;
};

}  // namespace

std::unique_ptr<RunnerForge> make_gitea_agent(AgentSetup const& setup) { return std::make_unique<GiteaAgent>(setup); }

}  // namespace cml::runner
