// GitLab: gitlab-runner run-single. A runner token (glrt-...) of its own, the older registration token where that is
// all there is.
#include "forge/gitlab/api.hpp"

#include <nlohmann/json.hpp>

#include <map>

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/json_api.hpp"
#include "runner/agents/agent.hpp"
#include "runner/agents/download.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;

constexpr seconds kPoll{2}, kLongest{300};
constexpr int kMaxPages = 100;
constexpr std::size_t kPageSize = 100;
// One version, whatever is published meanwhile: a launch of today is that of next month.
constexpr char const* kDownloads = "https://gitlab-runner-downloads.s3.amazonaws.com/v17.10.0";
constexpr seconds kOnlineLasts = std::chrono::hours(2);         // contacted_at is written every 40 to 55 minutes.
constexpr seconds kShortestTimeout = std::chrono::minutes(10);  // Of maximum_timeout.
// The number of the job that made the machine stands in the runner's note.
constexpr std::string_view kMadeBy = "by job ";
constexpr char const* kConfiguration = "cml-gitlab-runner.toml";
// What the agent prints.
constexpr char const *kStarting = "Starting runner for", *kReceived = "Checking for jobs... received",
                     *kForbidden = "Checking for jobs... forbidden", *kDuration = "\"duration_s\":";

// GitLab's own description calls some ids text; its servers send numbers.
std::string number_of(json const& value, char const* key) {
  if (std::string text = text_at(value, {key}); parse_integer(text)) return text;
  return id_at(value, {key});
}

class GitLabAgent : public RunnerForge {
 public:
  explicit GitLabAgent(AgentSetup const& setup)
      : api_(*setup.http, setup.repository, setup.api_url, setup.token),
        clock_(*setup.clock),
        repository_(setup.repository) {}

  std::string_view name() const override { return "gitlab"; }
  std::string web_url() const override { return repository_.web_url(); }
  seconds online_lasts() const override { return kOnlineLasts; }

  // The list tells neither tags nor jobs: they are asked for of those that are online, in parallel.
  Result<std::vector<RunnerSeen>> runners() override {
    CML_TRY(all, presence());
    std::vector<HttpRequest> questions;
    std::vector<std::size_t> whose;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!all[i].online) continue;
      for (char const* path : {"", "/jobs?status=running"}) {
        CML_TRY(question, api_.request_at_base("GET", "/runners/" + all[i].id + path));
        questions.push_back(std::move(question));
      }
      whose.push_back(i);
    }
    auto const answers = api_.http().send_all(questions, 8);
    for (std::size_t i = 0; i < whose.size(); ++i) {
      RunnerSeen& runner = all[whose[i]];
      CML_TRY(details, api_.read(questions[2 * i], answers[2 * i]));
      CML_TRY(jobs, api_.read(questions[2 * i + 1], answers[2 * i + 1]));
      if (details.contains("tag_list") && details["tag_list"].is_array())
        for (json const& tag : details["tag_list"])
          if (tag.is_string()) runner.labels.push_back(tag.get<std::string>());
      runner.work = jobs.is_array() && !jobs.empty() ? Work::Busy : Work::Idle;
    }
    return all;
  }

  Result<std::vector<RunnerSeen>> presence() override {
    CML_TRY(owner, owner_of());
    CML_TRY(rows, owner.is_group ? listed("/groups/" + percent_encode(repository_.path) + "/runners?type=group_type")
                                 : api_.list("/runners?type=project_type"));
    std::vector<RunnerSeen> all;
    for (json const& row : rows)
      all.push_back(
          {number_of(row, "id"), text_at(row, {"description"}), text_at(row, {"status"}) == "online", Work::Idle, {}});
    return all;
  }

  // By the id that the registration gave, as long as this process knows it.
  Result<std::optional<RunnerSeen>> find(std::string const& runner_name) override {
    auto const known = ids_.find(runner_name);
    if (known == ids_.end()) return RunnerForge::find(runner_name);
    CML_TRY(question, api_.request_at_base("GET", "/runners/" + known->second));
    auto row = api_.call(question);
    if (!row && row.error().kind == ErrorKind::NotFound) return std::optional<RunnerSeen>();
    if (!row) return std::move(row).error();
    RunnerSeen seen{known->second, runner_name, text_at(*row, {"status"}) == "online", Work::Idle, {}};
    CML_TRY(job, running_job(seen.id));
    if (job) seen.work = Work::Busy;
    return std::optional(seen);
  }

  Result<Registration> enroll(RunnerWanted const& wanted) override {
    CML_TRY(owner, owner_of());
    CML_TRY(base, server_url());
    json body{{"runner_type", owner.is_group ? "group_type" : "project_type"},
              {owner.is_group ? "group_id" : "project_id", owner.id},
              {"description", wanted.name},
              {"tag_list", wanted.labels},
              {"locked", true},
              {"run_untagged", wanted.run_untagged},
              {"access_level", "not_protected"},
              {"maintenance_note", wanted.note}};
    // GitLab ends a job that would outlive the machine, with a word, instead of losing it.
    if (wanted.max_lifetime && *wanted.max_lifetime >= kShortestTimeout)
      body["maximum_timeout"] = wanted.max_lifetime->count();
    auto made = write("POST", "/user/runners", body);
    if (!made) {
      bool const old_server = made.error().kind == ErrorKind::NotFound || lacks_access(made.error().kind);
      if (!old_server || owner.runners_token.empty()) {
        Error error = std::move(made).error();
        if (lacks_access(error.kind))
          error.message +=
              "; runners need a token with scope api (or create_runner) and the role Maintainer of the project, Owner "
              "of the group";
        return error;
      }
      made = write("POST", "/runners",
                   {{"token", owner.runners_token},
                    {"description", wanted.name},
                    {"tag_list", wanted.labels},
                    {"locked", true},
                    {"run_untagged", wanted.run_untagged},
                    {"access_level", "not_protected"}});
      if (!made) return std::move(made).error();
    }
    std::string const id = number_of(*made, "id"), token = text_at(*made, {"token"});
    if (id.empty() || token.empty())
      return Error{ErrorKind::Network, "GitLab registered a runner without telling its token"};
    ids_[wanted.name] = id;
    return Registration{id, Secret(token), {{"url", base}}};
  }

  Status unregister(RunnerSeen const& runner) override {
    CML_TRY(job, running_job(runner.id));  // GitLab itself would not mind.
    if (job) return Error{ErrorKind::Conflict, "runner " + runner.name + " is still running a job, " + job->id};
    CML_TRY(question, api_.request_at_base("DELETE", "/runners/" + percent_encode(runner.id)));
    auto gone = api_.call(question);
    if (gone || gone.error().kind == ErrorKind::NotFound) return ok();
    return std::move(gone).error();
  }

  Status leave(Registration const& registration) override {
    HttpRequest request{.method = "DELETE", .url = registration.detail("url") + "/api/v4/runners"};
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = "token=" + percent_encode(registration.secret.reveal());
    auto gone = api_.call(request);
    if (gone || gone.error().kind == ErrorKind::NotFound || lacks_access(gone.error().kind)) return ok();
    return std::move(gone).error();
  }

  Result<Restarted> restart(Job const& job) override {
    if (job.id.empty()) return Error{ErrorKind::NotFound, "its number is not known"};
    std::string const project =
        "/projects/" + percent_encode(job.repository.empty() ? repository_.path : job.repository);
    CML_TRY(first, read("GET", project + "/jobs/" + job.id));
    std::string const pipeline = first.contains("pipeline") ? number_of(first["pipeline"], "id") : "";
    // The pipeline keeps the jobs that were run again, so it remembers for us.
    if (!pipeline.empty()) {
      CML_TRY(all, listed(project + "/pipelines/" + pipeline + "/jobs?include_retried=true"));
      int same = 0;
      for (json const& one : all) same += text_at(one, {"name"}) == text_at(first, {"name"});
      if (same > 1)
        return Error{ErrorKind::Conflict, "job " + job.id + " (" + text_at(first, {"name"}) + ") was run again before"};
    }
    if (is_active(text_at(first, {"status"}))) {
      CML_TRY(cancelled, write("POST", project + "/jobs/" + job.id + "/cancel", json()));
      auto const started = clock_.now();
      while (true) {
        CML_TRY(now, read("GET", project + "/jobs/" + job.id));
        if (!is_active(text_at(now, {"status"}))) break;
        if (clock_.now() - started >= kLongest)
          return Error{ErrorKind::Network, "job " + job.id + " does not end; run it again by hand"};
        clock_.sleep_for(kPoll);
      }
    }
    // The machine first: a job that was started again waits for those that it needs, by the pipeline's own order.
    std::string made;
    if (!job.maker.empty()) {
      CML_TRY(maker, write("POST", project + "/jobs/" + job.maker + "/retry", json()));
      made = ", after job " + job.maker + " as " + number_of(maker, "id") + ", which makes the machine";
    }
    CML_TRY(again, write("POST", project + "/jobs/" + job.id + "/retry", json()));
    return Restarted{"job " + job.id + " as " + number_of(again, "id") + made};
  }

  Result<std::optional<Job>> lost_job(std::string const& runner_name) override {
    CML_TRY(runner, find(runner_name));
    if (!runner) return std::optional<Job>();
    CML_TRY(found, running_job(runner->id));
    if (!found) {
      CML_TRY(failed, read("GET", "/runners/" + percent_encode(runner->id) +
                                      "/jobs?status=failed&order_by=id&sort=desc&per_page=1"));
      if (failed.is_array() && !failed.empty() && went_away(failed[0])) found = job_from(failed[0]);
    }
    if (!found) return found;
    found->runner = runner_name;
    CML_TRY(maker, maker_of(runner->id));
    found->maker = std::move(maker);
    return found;
  }

  Result<std::vector<Job>> interrupted_in(std::string const& run) override {
    std::string const project = "/projects/" + percent_encode(repository_.path);
    CML_TRY(failed, listed(project + "/pipelines/" + percent_encode(run) + "/jobs?scope%5B%5D=failed"));
    std::vector<Job> found;
    for (json const& row : failed) {
      if (!went_away(row) || !row.contains("runner") || !row["runner"].is_object()) continue;
      std::string const id = number_of(row["runner"], "id");
      if (id.empty()) continue;
      Job job{number_of(row, "id"), run, repository_.path, text_at(row["runner"], {"description"}), ""};
      CML_TRY(maker, maker_of(id));
      job.maker = std::move(maker);
      found.push_back(std::move(job));
    }
    return found;
  }

  Status fetch(Workplace const& place, Registration const&) override {
    CML_TRY(program, program_of(place));
    program_ = std::move(program);
    return ok();
  }

  Result<ChildRequest> prepare(Workplace const& place, RunnerWanted const& wanted,
                               Registration const& registration) override {
    bool const in_docker = place.environment.get("IN_DOCKER").value_or("") != "";
    bool const docker = !in_docker && answers(place.process, {"docker", "info"});
    bool const gpu = answers(place.process, {"nvidia-smi"});
    // By a file: what stands in the agent's environment is in that of its shell jobs, too.
    std::string text = "[[runners]]\n";
    text += toml_line("name", wanted.name) + toml_line("url", registration.detail("url")) +
            toml_line("token", registration.secret.reveal()) + toml_line("executor", docker ? "docker" : "shell") +
            toml_line("builds_dir", place.folder.string()) + toml_line("cache_dir", place.folder.string());
    if (docker) text += "[runners.docker]\n" + containers_of(wanted) + (gpu ? toml_line("gpus", "all") : "");
    std::filesystem::path const file = place.folder / kConfiguration;
    CML_CHECK_OK(write_secret(place, file, text));
    ChildRequest child;
    child.arguments = {
        program_,    "--log-format=json", "run-single",
        "--config",  file.string(),       "--runner",
        wanted.name, "--wait-timeout",    std::to_string(wanted.idle_timeout ? wanted.idle_timeout->count() : 0)};
    if (wanted.single) child.arguments.insert(child.arguments.end(), {"--max-builds", "1"});
    child.directory = place.folder;
    return child;
  }

  // gitlab-runner reads it when it starts.
  std::vector<std::filesystem::path> secret_files(Workplace const& place) const override {
    return {place.folder / kConfiguration};
  }

  std::optional<Unaided> unaided(RunnerWanted const& wanted, Registration const& registration) const override {
    Unaided how;
    how.installed = "gitlab-runner";
    for (auto const& [architecture, theirs] : {std::pair("x64", "amd64"), std::pair("arm64", "arm64")})
      how.files.push_back({architecture, kDownloads + std::string("/binaries/gitlab-runner-linux-") + theirs, ""});
    how.sums = kDownloads + std::string("/release.sha256");
    std::string const url = registration.detail("url");
    how.values = {{"head", toml_line("name", wanted.name) + toml_line("url", url) +
                               toml_line("token", registration.secret.reveal())},
                  {"containers", containers_of(wanted)},
                  {"leaving", "token=" + percent_encode(registration.secret.reveal())}};
    how.ready = kStarting;
    how.started = kReceived;
    how.ended = kDuration;
    how.gone = kForbidden;
    how.set_up = R"sh(toml=$folder/)sh" + std::string(kConfiguration) + R"sh(
(
  umask 077
  {
    printf '[[runners]]\n%sbuilds_dir = "%s"\ncache_dir = "%s"\n' "$head" "$folder" "$folder"
    if [ "$in_pod" = no ] && docker info > /dev/null 2>&1; then
      printf 'executor = "docker"\n[runners.docker]\n%s' "$containers"
      if nvidia-smi > /dev/null 2>&1; then echo 'gpus = "all"'; fi
    else echo 'executor = "shell"'; fi
  } > "$toml"
)
agent=("$program" --log-format=json run-single --config "$toml" --runner )sh" +
                 shell_quote(wanted.name) + " --wait-timeout " +
                 std::to_string(wanted.idle_timeout ? wanted.idle_timeout->count() : 0) +
                 (wanted.single ? " --max-builds 1)" : ")");
    how.leave = "rm -f \"$toml\"\nprintf '%s' \"$leaving\" | curl -s --max-time 20 -X DELETE --data @- " +
                shell_quote(url + "/api/v4/runners");
    return how;
  }

  std::optional<Event> read_line(std::string_view line) override {
    if (contains(line, kStarting)) return AgentReady{};
    // Its token is no token any more.
    if (contains(line, kForbidden)) return RegistrationGone{};
    if (contains(line, kDuration)) return JobEnded{contains(line, "Job succeeded")};
    if (!contains(line, "\"job\":") || !contains(line, "received")) return std::nullopt;
    json const body = json::parse(line, nullptr, false);
    return JobStarted{{number_of(body, "job"), "", number_of(body, "project"), "", ""}};
  }

 private:
  struct Owner {
    long long id = 0;
    bool is_group = false;
    std::string runners_token;
  };

  // The repository's path may be a project's or a group's.
  Result<Owner> owner_of() {
    if (owner_) return *owner_;
    auto project = read("GET", "/projects/" + percent_encode(repository_.path));
    bool const is_group = !project && project.error().kind == ErrorKind::NotFound;
    if (is_group) {
      auto group = read("GET", "/groups/" + percent_encode(repository_.path));
      if (!group) return std::move(project).error();
      project = std::move(group);
    }
    if (!project) return std::move(project).error();
    if (number_of(*project, "id").empty()) return Error{ErrorKind::Network, "GitLab tells no id of " + web_url()};
    owner_ = Owner{(*project)["id"].get<long long>(), is_group, text_at(*project, {"runners_token"})};
    return *owner_;
  }

  Result<std::string> server_url() {
    CML_TRY(probe, api_.request_at_base("GET", ""));
    constexpr std::string_view kApi = "/api/v4";
    return probe.url.substr(0, probe.url.size() - kApi.size());
  }

  static bool is_active(std::string const& status) {
    return status == "running" || status == "pending" || status == "created" || status == "preparing" ||
           status == "canceling" || status == "waiting_for_resource";
  }

  Result<std::optional<Job>> running_job(std::string const& runner_id) {
    CML_TRY(jobs, read("GET", "/runners/" + percent_encode(runner_id) + "/jobs?status=running"));
    if (!jobs.is_array() || jobs.empty()) return std::optional<Job>();
    return std::optional(job_from(jobs[0]));
  }
  static Job job_from(json const& job) {
    return {number_of(job, "id"), "", job.contains("project") ? number_of(job["project"], "id") : "", "", ""};
  }

  // It failed because its runner went away, not by itself: the agent could still say so, or GitLab dropped it an hour
  // after its last word.
  static bool went_away(json const& job) {
    std::string const reason = text_at(job, {"failure_reason"});
    return reason == "runner_system_failure" || reason == "stuck_or_timeout_failure";
  }

  // Empty: nobody made a machine for this runner, or another project's pipeline did.
  Result<std::string> maker_of(std::string const& runner_id) {
    auto runner = read("GET", "/runners/" + percent_encode(runner_id));
    if (!runner && runner.error().kind == ErrorKind::NotFound) return std::string();
    if (!runner) return std::move(runner).error();
    std::string const note = text_at(*runner, {"maintenance_note"});
    auto const at = note.rfind(kMadeBy);
    if (at == std::string::npos) return std::string();
    std::string const number = note.substr(at + kMadeBy.size());
    return parse_integer(number) ? number : std::string();
  }

  // JSON's escapes are TOML's, too.
  static std::string toml_string(std::string const& text) {
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  }

  static std::string toml_line(std::string const& name, std::string const& value) {
    return name + " = " + toml_string(value) + "\n";
  }
  // Of jobs in containers.
  static std::string containers_of(RunnerWanted const& wanted) {
    std::string text =
        toml_line("image", wanted.docker_image.empty() ? std::string(kDockerImage) : wanted.docker_image);
    std::string volumes;
    for (std::string const& volume : wanted.docker_volumes)
      volumes += (volumes.empty() ? "" : ", ") + toml_string(volume);
    return volumes.empty() ? text : text + "volumes = [" + volumes + "]\n";
  }

  Result<json> read(std::string const& method, std::string const& path) {
    CML_TRY(request, api_.request_at_base(method, path));
    return api_.call(request);
  }
  Result<std::vector<json>> listed(std::string const& path) {
    std::vector<json> all;
    for (int page = 1; page <= kMaxPages; ++page) {
      CML_TRY(body, read("GET", path + (contains(path, "?") ? "&" : "?") + "per_page=" + std::to_string(kPageSize) +
                                    "&page=" + std::to_string(page)));
      if (!body.is_array()) return Error{ErrorKind::Network, "GET " + path + ": a list was expected"};
      for (json const& element : body) all.push_back(element);
      if (body.size() < kPageSize) break;
    }
    return all;
  }
  Result<json> write(std::string const& method, std::string const& path, json const& body) {
    CML_TRY(request, api_.request_at_base(method, path));
    request.repeat = Repeat::Unsafe;
    if (!body.is_null()) {
      request.headers.emplace_back("Content-Type", "application/json");
      request.body = body.dump();
    }
    return api_.call(request);
  }

  Result<std::string> program_of(Workplace const& place) {
    if (!place.runner_path.empty())
      return (place.files.kind(place.runner_path) == FileKind::Directory ? place.runner_path / "gitlab-runner"
                                                                         : place.runner_path)
          .string();
    if (answers(place.process, {"gitlab-runner", "--version"})) return std::string("gitlab-runner");
    CML_TRY(architecture, machine_architecture(place.process));
    CML_TRY(base, place_of_agent(place.environment, "CML_GITLAB_RUNNER_URL", kDownloads));
    std::string const file = "binaries/gitlab-runner-linux-" + architecture;
    // "HEX *binaries/gitlab-runner-linux-amd64"
    CML_TRY(sums, fetch_text(place.http, base + "/release.sha256"));
    std::string sum;
    for (std::string const& line : split(sums, '\n'))
      if (std::string_view const text = trim(line);
          text.size() > 64 && text.substr(text.size() - std::min(text.size(), file.size())) == file)
        sum = std::string(text.substr(0, 64));
    if (sum.empty())
      return Error{ErrorKind::BadInput, base + "/release.sha256 does not name " + file + "; give --runner-path"};
    std::filesystem::path const path = place.folder / "gitlab-runner";
    CML_CHECK_OK(fetch_file(place, base + "/" + file, path, sum));
    CML_CHECK_OK(make_executable(place, path));
    return path.string();
  }

  gitlab::Api api_;
  Clock& clock_;
  Repository repository_;
  std::optional<Owner> owner_;
  std::map<std::string, std::string> ids_;  // By runner name.
  std::string program_;                     // Of fetch().
};

}  // namespace

std::unique_ptr<RunnerForge> make_gitlab_agent(AgentSetup const& setup) { return std::make_unique<GitLabAgent>(setup); }

}  // namespace cml::runner
