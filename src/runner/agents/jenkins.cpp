// Jenkins: an inbound agent over WebSocket. A node of its own for each runner, EXCLUSIVE to its labels, removed
// afterwards.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/http_error.hpp"
#include "runner/agents/agent.hpp"
#include "runner/agents/download.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;

constexpr std::size_t kSecretDigits = 64;
constexpr seconds kMinute{60}, kSlack{120};  // Jenkins looks at idle agents once a minute.
constexpr int kWholeCuts = 2;
constexpr char const* kSecret = "cml-agent-secret";
constexpr char const* kMark = "cml-looked-at";
constexpr char const* kShown =
    "displayName%2Coffline%2CtemporarilyOffline%2Cidle%2CassignedLabels%5Bname%5D";  // Of a computer.

// Without a token nobody can ask Jenkins; but Jenkins itself can cut an idle agent off after so many minutes, and lets
// it in again at once. Two connections in a row that lasted just so long were idle: half the time-out each.
seconds cut_after(seconds idle_timeout) {
  return kMinute * std::max(1LL, static_cast<long long>((idle_timeout.count() + 2 * kMinute.count() - 1) /
                                                        (2 * kMinute.count())));
}

class JenkinsAgent : public RunnerForge {
 public:
  explicit JenkinsAgent(AgentSetup const& setup) : http_(*setup.http), clock_(*setup.clock), token_(setup.token) {
    base_ = setup.repository.scheme + "://" + setup.repository.authority + setup.repository.path;
    while (!base_.empty() && base_.back() == '/') base_.pop_back();
  }

  std::string_view name() const override { return "jenkins"; }
  std::string web_url() const override { return base_; }
  bool must_be_asked() const override { return true; }

  Result<std::vector<RunnerSeen>> runners() override {
    CML_TRY(body, read("/computer/api/json?tree=computer%5B" + std::string(kShown) + "%5D"));
    if (!body.contains("computer") || !body["computer"].is_array())
      return Error{ErrorKind::Network, base_ + " does not answer as Jenkins does; check --repo"};
    std::vector<RunnerSeen> all;
    for (json const& computer : body["computer"]) all.push_back(seen(computer));
    return all;
  }

  Result<std::optional<RunnerSeen>> find(std::string const& runner_name) override {
    CML_TRY(computer, computer_named(runner_name));
    if (computer.is_null()) return std::optional<RunnerSeen>();
    RunnerSeen runner = seen(computer);
    runner.id = runner.name = runner_name;
    return std::optional(std::move(runner));
  }

  Result<Registration> enroll(RunnerWanted const& wanted) override {
    std::string labels;
    for (std::string const& label : wanted.labels) {
      if (contains(label, " "))
        return Error{ErrorKind::Usage, "Jenkins' labels have no blanks; \"" + one_line(label, 40) + "\" has one"};
      labels += (labels.empty() ? "" : " ") + label;
    }
    json retention{{"stapler-class", "hudson.slaves.RetentionStrategy$Always"}};
    if (wanted.unattended && wanted.idle_timeout)
      retention = {{"stapler-class", "hudson.slaves.RetentionStrategy$Demand"},
                   {"inDemandDelay", "0"},
                   {"idleDelay", std::to_string(cut_after(*wanted.idle_timeout) / kMinute)}};
    json const node{{"name", wanted.name},
                    {"nodeDescription", wanted.note},
                    {"numExecutors", "1"},
                    {"remoteFS", wanted.folder.empty() ? "/tmp/cml-" + wanted.name : wanted.folder},
                    {"labelString", labels},
                    {"mode", "EXCLUSIVE"},
                    {"type", "hudson.slaves.DumbSlave"},
                    {"retentionStrategy", retention},
                    {"launcher", {{"stapler-class", "hudson.slaves.JNLPLauncher"}, {"webSocket", true}}},
                    {"nodeProperties", {{"stapler-class-bag", "true"}}}};
    CML_CHECK_OK(post("/computer/doCreateItem?name=" + percent_encode(wanted.name) + "&type=hudson.slaves.DumbSlave",
                      "json=" + percent_encode(node.dump())));
    auto secret = secret_of(wanted.name);
    if (!secret) {
      (void)post("/computer/" + percent_encode(wanted.name) + "/doDelete", "");
      return std::move(secret).error();
    }
    return Registration{wanted.name, Secret(*secret), {{"url", base_}}};
  }

  Status unregister(RunnerSeen const& runner) override {
    std::string const path = "/computer/" + percent_encode(runner.name);
    CML_TRY(now, find(runner.name));
    if (!now) return ok();
    if (now->may_work()) return Error{ErrorKind::Conflict, "node " + runner.name + " is still running a job"};
    // Offline first, so that no build slips in before the node is gone.
    CML_TRY(closed_here, set_open(runner.name, false));
    CML_TRY(again, find(runner.name));
    if (again && again->may_work()) {
      Result<bool> const opened = closed_here ? set_open(runner.name, true) : Result<bool>(false);
      if (!opened) return Error(opened.error());
      return Error{ErrorKind::Conflict, "node " + runner.name + " is still running a job"};
    }
    HttpRequest gone_request = form_request(path + "/doDelete", "");
    gone_request.repeat = Repeat::Safe;  // Deleted twice is deleted.
    auto gone = send_form(gone_request);
    if (gone || gone.error().kind == ErrorKind::NotFound) return ok();
    return gone;
  }

  Status close(std::string const& name) override {
    auto closed = set_open(name, false);
    return closed ? ok() : Status(std::move(closed).error());
  }

  Result<Restarted> restart(Job const&) override {
    return Error{ErrorKind::Unsupported,
                 "Jenkins has no way to run a build's step again; use retry(conditions: [agent()]) in the Jenkinsfile"};
  }

  Status fetch(Workplace const& place, Registration const& given) override {
    jar_ = place.runner_path;
    if (!jar_.empty()) return ok();
    jar_ = place.folder / "agent.jar";
    std::string const url = given.detail("url").empty() ? base_ : given.detail("url");
    return fetch_file(place, url + "/jnlpJars/agent.jar", jar_, "");
  }

  Result<ChildRequest> prepare(Workplace const& place, RunnerWanted const& wanted,
                               Registration const& registration) override {
    if (token_.empty()) idle_timeout_ = wanted.idle_timeout;
    place_ = &place;
    std::filesystem::path const secret = place.folder / kSecret;  // "@FILE": not on the command line.
    CML_CHECK_OK(write_secret(place, secret, registration.secret.reveal()));
    return ChildRequest{{"java", "-jar", jar_.string(), "-url", registration.detail("url") + "/", "-secret",
                         "@" + secret.string(), "-name", wanted.name, "-webSocket", "-workDir", place.folder.string()},
                        place.folder,
                        {},
                        {}};
  }

  std::vector<std::filesystem::path> secret_files(Workplace const& place) const override {
    return {place.folder / kSecret};
  }

  // Builds leave traces in the node's folder, also those that are over within a second.
  bool has_worked(Workplace const& place) override {
    std::string const mark = (place.folder / kMark).string(), builds = (place.folder / "workspace").string();
    ProcessRequest look;
    look.arguments = {
        "sh", "-c", "[ ! -e \"$1\" ] || find \"$2\" -maxdepth 3 -newer \"$1\" -print -quit 2> /dev/null; : > \"$1\"",
        "sh", mark, builds};
    look.timeout = std::chrono::seconds(20);
    auto const found = place.process.run(look);
    return found && found->exit_code == 0 && !trim(found->out).empty();
  }

  std::optional<Event> read_line(std::string_view line) override {
    if (says(line, "Connected")) {
      connected_ = clock_.now();
      return AgentReady{};
    }
    if (says(line, "Terminated") && connected_ && idle_timeout_) {
      seconds const whole = cut_after(*idle_timeout_);
      auto const lasted = clock_.now() - *connected_;
      // A proxy or a restart may cut a connection after just this time, too; then a build may be running.
      bool const worked = place_ != nullptr && has_worked(*place_);
      whole_cuts_ = lasted >= whole && lasted <= whole + kSlack && !worked ? whole_cuts_ + 1 : 0;
      connected_.reset();
      if (whole_cuts_ == kWholeCuts) return StopRequested{"timeout:" + std::to_string(idle_timeout_->count()), false};
    }
    // What Jenkins answers an agent whose node is gone.
    if (contains(line, "not 101: 404") || contains(line, "but was '404")) return RegistrationGone{};
    return std::nullopt;
  }

 private:
  static bool says(std::string_view line, std::string const& word) {
    return contains(line, "INFO: " + word) || trim(line) == word;
  }

  static RunnerSeen seen(json const& computer) {
    auto const flag = [&](char const* key) {
      return computer.contains(key) && computer[key].is_boolean() && computer[key].get<bool>();
    };
    RunnerSeen runner;
    if (computer.contains("displayName") && computer["displayName"].is_string())
      runner.name = computer["displayName"].get<std::string>();
    runner.id = runner.name;
    runner.online = !flag("offline");
    // A build that waits for its agent to come back works: offline says nothing about that.
    runner.work = flag("idle") ? Work::Idle : Work::Busy;
    if (computer.contains("assignedLabels") && computer["assignedLabels"].is_array())
      for (json const& label : computer["assignedLabels"])
        if (label.is_object() && label.contains("name") && label["name"].is_string())
          runner.labels.push_back(label["name"].get<std::string>());
    return runner;
  }

  // Null: there is none.
  Result<json> computer_named(std::string const& name) const {
    auto computer = read("/computer/" + percent_encode(name) + "/api/json?tree=" + kShown);
    if (!computer && computer.error().kind == ErrorKind::NotFound) return json();
    return computer;
  }

  // Jenkins' button is one for both ways. True: it was pressed.
  Result<bool> set_open(std::string const& name, bool open) const {
    CML_TRY(computer, computer_named(name));
    bool const closed = !computer.is_null() && computer.value("temporarilyOffline", json()) == true;
    if (computer.is_null() || closed != open) return false;
    CML_CHECK_OK(
        post("/computer/" + percent_encode(name) + "/toggleOffline" + (open ? "" : "?offlineMessage=cml"), ""));
    return true;
  }

  HttpRequest request(std::string method, std::string const& path) const {
    HttpRequest result{.method = std::move(method), .url = base_ + path};
    result.credential_header = "Authorization";
    result.credential = Secret("Basic " + base64_encode(token_.reveal()));
    return result;
  }

  Result<HttpResponse> checked(HttpRequest const& sent) const {
    CML_TRY(response, http_.send(sent));
    if (response.status < 400) return response;
    std::string hint;
    if (response.status == 401) hint = "REPO_TOKEN must be USER:API_TOKEN of Jenkins";
    if (response.status == 403)
      hint =
          "the user needs Agent/Create, Connect, Configure and Delete; a password instead of an API token would need a "
          "crumb";
    if (response.status == 400 && contains(sent.url, "doCreateItem"))
      return Error{ErrorKind::Conflict, "Jenkins has a node of this name already, or refuses it; change --name"};
    response.body.clear();  // A page for people.
    return refused(sent, response, {"", hint, false});
  }

  Result<json> read(std::string const& path) const {
    CML_TRY(response, checked(request("GET", path)));
    json body = json::parse(response.body, nullptr, false);
    if (!body.is_object())
      return Error{ErrorKind::Network, "GET " + safe_url(base_ + path) + ": no JSON; is this Jenkins?"};
    return body;
  }

  // Jenkins answers forms with a redirect to a page for people; that is a success which must not be followed.
  Status post(std::string const& path, std::string const& form) const { return send_form(form_request(path, form)); }

  HttpRequest form_request(std::string const& path, std::string const& form) const {
    HttpRequest sent = request("POST", path);
    sent.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    sent.body = form;
    sent.repeat = Repeat::Unsafe;
    return sent;
  }

  Status send_form(HttpRequest const& sent) const {
    auto const answer = checked(sent);
    bool const redirected = !answer && answer.error().kind == ErrorKind::BadInput &&
                            contains(answer.error().message, "answered with a redirect");
    if (answer || redirected) return ok();
    return Error(answer.error());
  }

  // <jnlp>...<application-desc><argument>64 hex digits</argument>...
  Result<std::string> secret_of(std::string const& node) const {
    for (char const* page : {"/jenkins-agent.jnlp", "/slave-agent.jnlp"}) {
      auto const answer = checked(request("GET", "/computer/" + percent_encode(node) + page));
      if (!answer && answer.error().kind == ErrorKind::NotFound) continue;
      if (!answer) return Error(answer.error());
      constexpr std::string_view kOpen = "<argument>";
      auto const at = answer->body.find(kOpen);
      std::string const secret = at == std::string::npos ? "" : answer->body.substr(at + kOpen.size(), kSecretDigits);
      if (secret.size() == kSecretDigits && secret.find_first_not_of("0123456789abcdef") == std::string::npos)
        return secret;
      return Error{ErrorKind::Network,
                   "the page " + base_ + "/computer/" + node + page + " holds no secret; the user needs Agent/Connect"};
    }
    return Error{ErrorKind::NotFound, "Jenkins shows no secret of node " + node + "; the user needs Agent/Connect"};
  }

  HttpClient& http_;
  Clock& clock_;
  Secret token_;
  std::string base_;
  std::filesystem::path jar_;            // Of fetch().
  Workplace const* place_ = nullptr;     // Of prepare().
  std::optional<seconds> idle_timeout_;  // Of prepare(), where the agent's connections must tell.
  std::optional<Time> connected_;
  int whole_cuts_ = 0;
};

}  // namespace

std::unique_ptr<RunnerForge> make_jenkins_agent(AgentSetup const& setup) {
  return std::make_unique<JenkinsAgent>(setup);
}

}  // namespace cml::runner
