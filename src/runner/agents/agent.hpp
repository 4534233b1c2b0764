// What a forge does for runners: registering them, seeing them, running an interrupted job again, and how its agent is
// started and read. One file a forge beside this one, one row each in registry.cpp.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "forge/repository.hpp"
#include "ports/clock.hpp"
#include "ports/environment.hpp"
#include "ports/file_system.hpp"
#include "ports/http.hpp"
#include "ports/process.hpp"
#include "ports/supervisor.hpp"
#include "runner/agents/unaided.hpp"
#include "runner/life_cycle.hpp"

namespace cml::runner {

// Whether it works is another question than whether it can be reached, and some forges cannot answer it.
enum class Work { Idle, Busy, Unknown };
struct RunnerSeen {
  std::string id, name;
  bool online = false;  // In the forge's own meaning; RunnerForge::online_lasts() says how old that may be.
  Work work = Work::Idle;
  std::vector<std::string> labels;
  bool may_work() const { return work != Work::Idle; }
};

// The image of GitLab jobs that name none: the one that GitLab makes of its own agent, which holds git and a shell.
inline constexpr std::string_view kDockerImage = "docker.io/gitlab/gitlab-runner:v17.10.0";

struct RunnerWanted {
  std::string name;
  std::vector<std::string> labels;
  bool single = false;
  std::optional<seconds> idle_timeout;
  std::vector<std::string> docker_volumes;
  std::string note;           // For people who look at the list of runners; where the forge keeps one.
  bool unattended = false;    // Its machine will hold no token with which the forge could be asked whether it is idle.
  bool run_untagged = false;  // Also takes jobs that ask for no label, where the forge leaves that to the runner.
  std::string group;          // Of an organisation's runners; empty: the forge's default.
  std::string architecture;   // "x64", "arm64", "arm".
  std::string folder;         // Where it works on its machine; empty: not known yet.
  std::optional<seconds> max_lifetime;
  std::string docker_image;  // Of jobs that name none, on GitLab; empty: kDockerImage.
};

// What the machine needs to serve as this runner, and nothing more: no token of the user's.
struct Registration {
  std::string id;                                            // Where the forge gave one already.
  Secret secret;                                             // JIT configuration, registration or runner token.
  std::vector<std::pair<std::string, std::string>> details;  // Of the forge's own ("account_uuid").
  std::string detail(std::string_view name) const;
};
// One line of JSON and back, for handing it to a machine.
std::string to_text(Registration const&);
Result<Registration> registration_from(std::string_view text);

// What became of an interrupted job.
struct Restarted {
  std::string what;    // For people.
  bool later = false;  // Others of its run still work: it runs again when they are done, by "cml runner gc".
};

// Everything an agent's files and processes are made with.
struct Workplace {
  HttpClient& http;
  FileSystem& files;
  Process& process;
  Environment& environment;
  std::filesystem::path folder;       // Work folder of this runner.
  std::filesystem::path runner_path;  // Where the user has unpacked the agent already; empty: nowhere.
  std::function<void(std::string const&)> notify;
};

class RunnerForge {
 public:
  virtual ~RunnerForge() = default;
  virtual std::string_view name() const = 0;
  virtual std::string web_url() const = 0;
  // Whether a runner with this label takes jobs that ask for that one. Only GitHub ignores case.
  virtual bool serves(std::string const& has, std::string const& wanted) const { return has == wanted; }
  // So long after its last word the forge still calls a runner online.
  virtual seconds online_lasts() const { return seconds(0); }

  virtual Result<std::vector<RunnerSeen>> runners() = 0;                           // All pages.
  virtual Result<std::optional<RunnerSeen>> find(std::string const& runner_name);  // One request where it can be.
  // The same runners with name and online alone, by a few requests however many there are: for watching hundreds come
  // up.
  virtual Result<std::vector<RunnerSeen>> presence() { return runners(); }
  virtual Result<Registration> enroll(RunnerWanted const&) = 0;
  // Conflict: it still runs a job. One that is gone already is fine.
  virtual Status unregister(RunnerSeen const&) = 0;
  // Unregisters with what the registration itself holds, for machines without a token. Unsupported: the forge has no
  // such way.
  virtual Status leave(Registration const&);
  // Runs an interrupted job again, unless that was done before, with what it needs: where its runner's machine was made
  // by cml, the job that makes the machine runs again, too. Others of its run that work are left to end first.
  virtual Result<Restarted> restart(Job const&) = 0;
  // The job that this runner had when it was lost; nothing when there is none that needs another run.
  virtual Result<std::optional<Job>> lost_job(std::string const& runner_name);
  // Jobs of lately that runners with such names lost and that nobody has run again, where the forge remembers them
  // without the runners. Never those that failed by themselves.
  using IsOurs = std::function<bool(std::string const& runner_name)>;
  virtual Result<std::vector<Job>> interrupted_jobs(IsOurs const&) { return std::vector<Job>(); }
  // The same of one run (GitHub) or pipeline (GitLab) that is over. Unsupported: the forge does not tell.
  virtual Result<std::vector<Job>> interrupted_in(std::string const& run);
  // No further job for this runner; one that runs goes on. Forges that cannot do that do nothing.
  virtual Status close(std::string const&) { return ok(); }

  // How a machine in a cloud serves as this runner without cml. `registration` may be empty: whether it could be done
  // is asked before anything is made. Nothing: cml-agent must be there.
  virtual std::optional<Unaided> unaided(RunnerWanted const&, Registration const&) const { return std::nullopt; }
  // On the machine, before the runner is registered there: fetches the agent. `given` is empty unless somebody else has
  // registered it.
  virtual Status fetch(Workplace const&, Registration const& given) = 0;
  // Sets the fetched agent up, and says how it is run.
  virtual Result<ChildRequest> prepare(Workplace const&, RunnerWanted const&, Registration const&) = 0;
  // What the agent reads once, when it starts: removed when it listens, so that no job can read it.
  virtual std::vector<std::filesystem::path> secret_files(Workplace const&) const { return {}; }
  // Ends what may outlive the agent's own process (a container).
  virtual void end_rest(Workplace const&) const {}
  // Whether something worked here since this was last asked, where neither log nor forge tells of short jobs.
  virtual bool has_worked(Workplace const&) { return false; }
  // What a line of the agent's output means.
  virtual std::optional<Event> read_line(std::string_view line) = 0;
  // The agent's log does not tell of jobs: find() is asked now and then instead.
  virtual bool must_be_asked() const { return false; }
  // What became of a job of this runner, where the agent's log does not tell its end. Nothing: it goes on, or nobody
  // can tell.
  virtual Result<std::optional<JobEnded>> job_end(Job const&) { return std::optional<JobEnded>(); }
  // The job that runs now, where the agent's log does not name it.
  virtual std::optional<Job> current_job(Workplace const&) const { return std::nullopt; }
  virtual void forget_job(Workplace const&) const {}
  virtual std::optional<seconds> job_limit() const { return std::nullopt; }
};

struct AgentSetup {
  Repository repository;  // "OWNER/NAME", an organisation or group, or the server itself (Jenkins).
  std::string api_url;    // Empty: derived.
  Secret token;           // Empty on a machine that was given a Registration.
  HttpClient* http = nullptr;
  Clock* clock = nullptr;
};
struct AgentType {
  std::string_view forge;
  std::unique_ptr<RunnerForge> (*make)(AgentSetup const&);
};
std::vector<AgentType> const& agent_types();
// USER:API_TOKEN of Jenkins, which is no forge of forge/registry.hpp.
inline constexpr char kJenkinsToken[] = "JENKINS_TOKEN";
Result<std::unique_ptr<RunnerForge>> make_agent(std::string_view forge, AgentSetup const&);

std::unique_ptr<RunnerForge> make_github_agent(AgentSetup const&);
std::unique_ptr<RunnerForge> make_gitlab_agent(AgentSetup const&);
std::unique_ptr<RunnerForge> make_bitbucket_agent(AgentSetup const&);
std::unique_ptr<RunnerForge> make_gitea_agent(AgentSetup const&);
std::unique_ptr<RunnerForge> make_jenkins_agent(AgentSetup const&);

}  // namespace cml::runner
