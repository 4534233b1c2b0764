// GitLab as far as runners go, on loopback: the project g/p with at most one runner and one pipeline, 55, in which job
// 800 makes the machine that job 900 needs. A runner that was seen within two hours is online; a job is dropped an hour
// after its runner's last word. And a gitlab-runner that prints what the real one prints with --log-format=json.
#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "support/http_server.hpp"

namespace cml::test {

struct FakeGitLabRunners {
  FakeGitLabRunners();
  int count(std::string const& part);

  std::mutex mutex;
  std::map<int, std::pair<std::string, nlohmann::json>> runners;
  std::vector<std::string> calls;
  std::string runners_token, job_status = "running", agent, sums;
  bool new_way = true, busy = false, online = true;
  bool tags = true;  // GitLab's description calls the list a text, so it is left out behind the gate.
  int attempts = 1;
  // Of job 900: while it is pending, POST /fake/take gives it to the runner, and /fake/done?result=success ends it.
  std::vector<std::string> job_tags;
  std::string job_script;
  std::string failure_reason;      // Of job 900, once it has failed.
  nlohmann::json registered;       // What the runner was registered with.
  std::vector<std::string> again;  // Jobs that were run again, in order.
  // The runner and its machine have been silent for so long.
  void silent_for(std::chrono::minutes);
  // Whether the runner gets a job with these tags, as GitLab decides it.
  bool takes(std::vector<std::string> const& tags);
  HttpServer server;

 private:
  ServerResponse handle(ServerRequest const&);
  bool matches(std::vector<std::string> const& tags);
};

// What it does after "Starting runner"; without the first line of a script.
std::string gitlab_agent(std::string const& more);
extern char const* const kGitLabJob;      // It has got job 900,
extern char const* const kGitLabJobDone;  // and that went well.

}  // namespace cml::test
