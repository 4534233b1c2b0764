// Bitbucket Cloud: the public runners API, of a repository or a workspace; the agent is Atlassian's container.
#include "forge/bitbucket/api.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "forge/json_api.hpp"
#include "runner/agents/agent.hpp"
#include "runner/agents/download.hpp"
#include "runner/machine_id.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;

constexpr char const* kImage = "docker-public.packages.atlassian.com/sox/atlassian/bitbucket-pipelines-runner:1";
constexpr char const* kLabel = "cml-runner";  // Of the container: who started it.
constexpr int kMaxPages = 100;
constexpr int kLookBack = 30;                             // Newest pipelines that are looked through for a lost step.
constexpr auto kRemembered = std::chrono::hours(8 * 24);  // Longer than a machine lives.
constexpr seconds kApart{3};                              // Between two looks at a list.
constexpr std::size_t kMaxLabels = 10;
// What the agent prints.
constexpr char const *kOnline = "Updating runner status to \"ONLINE\"", *kStep = "Getting step StepId",
                     *kResult = "Completing step with result";
// What Bitbucket says of a step whose runner fell silent; one that failed by itself has the result FAILED.
constexpr char const *kErrorResult = "ERROR", *kHalfDone = "unexpected system error";

// What stands between `open` and `close` in a line.
std::string between(std::string_view line, std::string_view open, std::string_view close) {
  auto const from = line.find(open);
  if (from == std::string_view::npos) return "";
  auto const to = line.find(close, from + open.size());
  return to == std::string_view::npos ? "" : std::string(line.substr(from + open.size(), to - from - open.size()));
}

class BitbucketAgent : public RunnerForge {
 public:
  explicit BitbucketAgent(AgentSetup const& setup)
      : api_(*setup.http, setup.api_url.empty() ? "https://api.bitbucket.org/2.0" : setup.api_url, setup.token,
             setup.repository.path),
        clock_(*setup.clock),
        repository_(setup.repository) {
    scope_ = (is_workspace() ? "/workspaces/" : "/repositories/") + percent_encode(repository_.path, "/");
  }

  std::string_view name() const override { return "bitbucket"; }
  std::string web_url() const override { return repository_.web_url(); }

  Result<std::vector<RunnerSeen>> runners() override {
    std::vector<RunnerSeen> all;
    CML_TRY(rows, listed(scope_ + "/pipelines-config/runners", kMaxPages));
    for (json const& row : rows) all.push_back(seen(row));
    return all;
  }

  // As it is now: the list goes on showing for a while what is gone.
  Result<std::optional<RunnerSeen>> find(std::string const& runner_name) override {
    CML_TRY(listed_one, RunnerForge::find(runner_name));
    if (!listed_one) return listed_one;
    auto const row =
        api_.call(api_.request_at_base("GET", scope_ + "/pipelines-config/runners/" + percent_encode(listed_one->id)));
    if (row) return std::optional(seen(*row));
    if (row.error().kind == ErrorKind::NotFound) return std::optional<RunnerSeen>();
    return Error(row.error());
  }

  Result<Registration> enroll(RunnerWanted const& wanted) override {
    json labels = json::array({"self.hosted"});
    for (std::string const& label : wanted.labels) {
      bool const legal = label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.") == std::string::npos;
      if (!legal)
        return Error{ErrorKind::Usage, "Bitbucket allows lower-case letters, digits and dots in labels; \"" +
                                           one_line(label, 40) + "\" has others"};
      if (label != "self.hosted") labels.push_back(label);
    }
    if (labels.size() > kMaxLabels)
      return Error{ErrorKind::Usage, "Bitbucket allows 10 labels, self.hosted among them"};
    // Reads first: what fails after the registration would leave one behind.
    std::string repository_uuid;
    CML_TRY(owner, api_.call(api_.request_at_base("GET", scope_)));
    std::string account = is_workspace() ? text_at(owner, {"uuid"}) : text_at(owner, {"workspace", "uuid"});
    if (account.empty()) account = text_at(owner, {"owner", "uuid"});
    if (!is_workspace()) repository_uuid = text_at(owner, {"uuid"});
    HttpRequest post = api_.request_at_base("POST", scope_ + "/pipelines-config/runners");
    post.headers.emplace_back("Content-Type", "application/json");
    post.body = json{{"name", wanted.name}, {"labels", labels}}.dump();
    post.repeat = Repeat::Unsafe;
    auto made = api_.call(post);
    if (!made) {
      Error error = std::move(made).error();
      if (lacks_access(error.kind)) error.message += "; runners need the scopes runner and runner:write";
      return error;
    }
    std::string const secret = text_at(*made, {"oauth_client", "secret"});
    if (secret.empty()) return Error{ErrorKind::Network, "Bitbucket registered a runner without telling its secret"};
    return Registration{
        text_at(*made, {"uuid"}),
        Secret(secret),
        {{"client", text_at(*made, {"oauth_client", "id"})}, {"account", account}, {"repository", repository_uuid}}};
  }

  Status unregister(RunnerSeen const& runner) override {
    auto gone =
        api_.call(api_.request_at_base("DELETE", scope_ + "/pipelines-config/runners/" + percent_encode(runner.id)));
    if (gone || gone.error().kind == ErrorKind::NotFound) return ok();
    return std::move(gone).error();
  }

  // Bitbucket runs no single job again: the pipeline is started anew for the same target.
  Result<Restarted> restart(Job const& job) override {
    if (job.pipeline.empty() || is_workspace()) return Error{ErrorKind::NotFound, "its pipeline is not known"};
    CML_TRY(pipeline, api_.call(api_.request_at_base("GET", scope_ + "/pipelines/" + percent_encode(job.pipeline))));
    if (!pipeline.contains("target")) return Error{ErrorKind::NotFound, "pipeline " + job.pipeline + " has no target"};
    // Nothing counts attempts here, so a second pipeline of the same commit and branch is the memory, whoever started
    // it.
    std::string const commit = text_at(pipeline, {"target", "commit", "hash"}),
                      ref = text_at(pipeline, {"target", "ref_name"});
    for (int look = 0; look < 2; ++look) {  // A list may be late by the pipeline that another sweep has just started.
      if (look > 0) clock_.sleep_for(kApart);
      CML_TRY(newest, listed(scope_ + "/pipelines/?sort=-created_on&pagelen=100", 1));
      auto const same = std::count_if(newest.begin(), newest.end(), [&](json const& one) {
        return !commit.empty() && text_at(one, {"target", "commit", "hash"}) == commit &&
               text_at(one, {"target", "ref_name"}) == ref;
      });
      if (same > 1)
        return Error{ErrorKind::Conflict, "commit " + commit.substr(0, 12) + " of " + ref + " has had " +
                                              std::to_string(same) + " pipelines already"};
    }
    HttpRequest post = api_.request_at_base("POST", scope_ + "/pipelines/");
    post.headers.emplace_back("Content-Type", "application/json");
    post.body = json{{"target", pipeline["target"]}}.dump();
    post.repeat = Repeat::Unsafe;
    CML_TRY(started, api_.call(post));
    return Restarted{"pipeline " + job.pipeline + " as " + text_at(started, {"uuid"})};
  }

  // Bitbucket does not tell which runner had a step. One that it calls half done, begun since this runner's machine was
  // made, counts as that one's; while such a step still runs nobody can say (Conflict), and the next sweep looks again.
  Result<std::optional<Job>> lost_job(std::string const& runner_name) override {
    auto const born = time_of_id(runner_name);
    if (is_workspace() || !born) return std::optional<Job>();
    CML_TRY(newest, listed(scope_ + "/pipelines/?sort=-created_on&pagelen=" + std::to_string(kLookBack), 1));
    std::string undecided;
    for (json const& pipeline : newest) {
      auto const made = parse_iso_time(text_at(pipeline, {"created_on"}));
      std::string const result = text_at(pipeline, {"state", "result", "name"});
      bool const over = text_at(pipeline, {"state", "name"}) == "COMPLETED";
      if ((made && *made < clock_.now() - kRemembered) || (over && result != kErrorResult && result != "FAILED"))
        continue;
      CML_TRY(steps, steps_of(text_at(pipeline, {"uuid"})));
      for (json const& step : steps) {
        auto const began = parse_iso_time(text_at(step, {"started_on"}));
        if (!began || *began < *born) continue;
        if (was_lost(step)) return std::optional(job_of(pipeline, step, runner_name));
        if (text_at(step, {"state", "name"}) == "IN_PROGRESS") undecided = text_at(pipeline, {"uuid"});
      }
    }
    if (undecided.empty()) return std::optional<Job>();
    return Error{ErrorKind::Conflict,
                 "a step of pipeline " + undecided + " still counts as running, and may be the one that it had"};
  }

  // By its uuid or number. One job at most: the pipeline starts again as a whole.
  Result<std::vector<Job>> interrupted_in(std::string const& run) override {
    if (is_workspace())
      return Error{ErrorKind::Usage, "--run belongs to a repository; give --repo as https://HOST/WORKSPACE/NAME"};
    CML_TRY(pipeline, api_.call(api_.request_at_base("GET", scope_ + "/pipelines/" + percent_encode(run))));
    CML_TRY(steps, steps_of(text_at(pipeline, {"uuid"})));
    for (json const& step : steps)
      if (was_lost(step)) return std::vector<Job>{job_of(pipeline, step, "")};
    return std::vector<Job>();
  }

  // The container's image is docker's to fetch. What is left of a cml that was killed would take jobs with nobody to
  // end it.
  Status fetch(Workplace const& place, Registration const&) override {
    if (place.runner_path.empty() && !answers(place.process, {"docker", "info"}))
      return Error{ErrorKind::Unsupported,
                   "Bitbucket's runner is a container, and docker does not answer here; install and start it"};
    owner_ = owner_of(place);
    std::string const world = owner_.substr(0, owner_.find('/') + 1);
    if (world.empty()) return ok();
    auto const listed =
        place.process.run({.arguments = {docker_of(place), "ps", "--filter", "label=" + std::string(kLabel), "--format",
                                         "{{.Names}} {{.Label \"" + std::string(kLabel) + "\"}}"},
                           .timeout = std::chrono::seconds(20)});
    if (!listed || listed->exit_code != 0) return ok();
    for (std::string const& line : split(listed->out, '\n')) {
      auto const words = split(trim(line), ' ');
      if (words.size() != 2 || !words[1].starts_with(world)) continue;
      std::string const process = words[1].substr(world.size());
      if (!parse_integer(process) || place.files.kind("/proc/" + process) != FileKind::Missing) continue;
      place.notify("removing the container " + one_line(words[0], 80) + ", whose cml was killed");
      remove_container(place, words[0]);
    }
    return ok();
  }

  Result<ChildRequest> prepare(Workplace const& place, RunnerWanted const& wanted,
                               Registration const& registration) override {
    name_ = wanted.name;
    ChildRequest child;
    // Values come by the environment: "-e NAME" alone shows none in the list of processes.
    child.arguments = {docker_of(place)};
    for (std::string const& word : container_words()) child.arguments.push_back(word);
    child.environment = environment_of(registration);
    bool const gpu = answers(place.process, {"nvidia-smi"});
    if (gpu) child.environment.emplace_back("NVIDIA_VISIBLE_DEVICES", "all");
    for (auto const& [name, value] : child.environment) child.arguments.insert(child.arguments.end(), {"-e", name});
    if (gpu) child.arguments.push_back("--runtime=nvidia");
    if (!owner_.empty()) child.arguments.insert(child.arguments.end(), {"--label", std::string(kLabel) + "=" + owner_});
    child.arguments.insert(child.arguments.end(), {"--name", wanted.name, kImage});
    child.directory = place.folder;
    return child;
  }

  std::optional<Unaided> unaided(RunnerWanted const& wanted, Registration const& registration) const override {
    Unaided how;
    how.ends_itself = false;
    for (auto const& [name, value] : environment_of(registration)) {
      how.values.emplace_back(to_lower(name), value);
      how.set_up += "export " + name + "=$" + to_lower(name) + "\n";
    }
    how.ready = kOnline;
    how.started = kStep;
    how.ended = kResult;
    how.set_up += "agent=(docker";
    for (std::string const& word : container_words()) how.set_up += " " + word;
    for (auto const& [name, value] : environment_of(registration)) how.set_up += " -e " + name;
    how.set_up +=
        ")\nif nvidia-smi > /dev/null 2>&1; then\n  export NVIDIA_VISIBLE_DEVICES=all\n  agent+=(-e "
        "NVIDIA_VISIBLE_DEVICES --runtime=nvidia)\nfi\nagent+=(--name " +
        shell_quote(wanted.name) + " " + kImage + ")";
    how.rest = "docker rm --force " + shell_quote(wanted.name) + " > /dev/null 2>&1";
    return how;
  }

  // A client of docker that is killed leaves its container, and the step in it, running.
  void end_rest(Workplace const& place) const override {
    if (!name_.empty()) remove_container(place, name_);
  }

  std::optional<Event> read_line(std::string_view line) override {
    if (contains(line, kOnline)) return AgentReady{};
    if (contains(line, kStep)) {
      // "StepId{accountUuid={..}, repositoryUuid={..}, pipelineUuid={..}, stepUuid={..}}"; the braces belong to the
      // ids.
      std::string const pipeline = between(line, "pipelineUuid={", "}"), step = between(line, "stepUuid={", "}");
      return JobStarted{
          {step.empty() ? "" : "{" + step + "}", pipeline.empty() ? "" : "{" + pipeline + "}", "", "", ""}};
    }
    if (contains(line, kResult)) return JobEnded{contains(line, "Result{status=PASSED")};
    return std::nullopt;
  }

 private:
  static std::vector<std::string> container_words() {
    return {"container",
            "run",
            "--rm",
            "-v",
            "/var/run/docker.sock:/var/run/docker.sock",
            "-v",
            "/var/lib/docker/containers:/var/lib/docker/containers:ro",
            "-v",
            "/tmp:/tmp"};
  }
  static std::vector<std::pair<std::string, std::string>> environment_of(Registration const& registration) {
    std::vector<std::pair<std::string, std::string>> environment{{"ACCOUNT_UUID", registration.detail("account")},
                                                                 {"RUNNER_UUID", registration.id},
                                                                 {"OAUTH_CLIENT_ID", registration.detail("client")},
                                                                 {"OAUTH_CLIENT_SECRET", registration.secret.reveal()},
                                                                 {"WORKING_DIRECTORY", "/tmp"},
                                                                 {"RUNTIME_PREREQUISITES_ENABLED", "true"}};
    if (!registration.detail("repository").empty())
      environment.emplace_back("REPOSITORY_UUID", registration.detail("repository"));
    return environment;
  }
  static std::string docker_of(Workplace const& place) {
    return place.runner_path.empty() ? "docker" : place.runner_path.string();
  }
  static void remove_container(Workplace const& place, std::string const& name) {
    (void)place.process.run(
        {.arguments = {docker_of(place), "rm", "--force", name}, .timeout = std::chrono::seconds(60)});
  }
  // "WORLD/PROCESS": this process, and the world in which its number means something (containers have their own).
  static std::string owner_of(Workplace const& place) {
    ProcessRequest ask;
    ask.arguments = {"sh", "-c", "echo \"$(readlink /proc/self/ns/pid)/$PPID\""};
    ask.timeout = std::chrono::seconds(10);
    auto const answer = place.process.run(ask);
    std::string owner;  // "pid:[4026531836]/77" without what a label had better not hold.
    if (answer && answer->exit_code == 0)
      for (char c : answer->out)
        if ((c >= '0' && c <= '9') || c == '/') owner.push_back(c);
    return owner.find('/') == 0 || owner.find('/') == std::string::npos ? "" : owner;
  }

  static RunnerSeen seen(json const& row) {
    RunnerSeen runner{text_at(row, {"uuid"}),
                      text_at(row, {"name"}),
                      text_at(row, {"state", "status"}) == "ONLINE",
                      Work::Unknown,
                      {}};
    if (row.contains("labels") && row["labels"].is_array())
      for (json const& label : row["labels"])
        if (label.is_string()) runner.labels.push_back(label.get<std::string>());
    return runner;
  }
  static bool was_lost(json const& step) {
    return text_at(step, {"state", "result", "name"}) == kErrorResult &&
           contains(text_at(step, {"state", "result", "error", "message"}), kHalfDone);
  }
  Job job_of(json const& pipeline, json const& step, std::string const& runner) const {
    return {text_at(step, {"uuid"}), text_at(pipeline, {"uuid"}), repository_.path, runner, ""};
  }
  Result<std::vector<json>> steps_of(std::string const& pipeline) const {
    return listed(scope_ + "/pipelines/" + percent_encode(pipeline) + "/steps?pagelen=100", kMaxPages);
  }

  // The elements of at most so many pages.
  Result<std::vector<json>> listed(std::string const& path, int pages) const {
    std::vector<json> all;
    HttpRequest next = api_.request_at_base("GET", path);
    std::string const origin = parse_url(next.url)->origin();
    for (int page = 0; page < pages; ++page) {
      CML_TRY(body, api_.call(next));
      if (!body.contains("values") || !body["values"].is_array())
        return Error{ErrorKind::Network, "the list " + safe_url(next.url) + " is not what Bitbucket sends"};
      bool const none = body["values"].empty();
      for (json& row : body["values"]) all.push_back(std::move(row));
      std::string const more = text_at(body, {"next"});
      auto const url = parse_url(more);
      if (more.empty() || none) break;
      if (!url || url->origin() != origin)
        return Error{ErrorKind::Network, "the next page is on another host, " + safe_url(more)};
      next.url = more;
    }
    return all;
  }

  bool is_workspace() const { return !contains(repository_.path, "/"); }

  bitbucket::Api api_;
  Clock& clock_;
  Repository repository_;
  std::string scope_;
  std::string owner_;  // Of the container.
  std::string name_;   // Its name, once it is to be started.
};

}  // namespace

std::unique_ptr<RunnerForge> make_bitbucket_agent(AgentSetup const& setup) {
  return std::make_unique<BitbucketAgent>(setup);
}

}  // namespace cml::runner
