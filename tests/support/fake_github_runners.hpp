// GitHub as far as runners go, on loopback: registrations, states, downloads, runs and their jobs. Fake agents tell it
// by POST /fake/online?name=N (and busy, idle, offline, leave) what real ones tell by their long poll; /fake/take
// answers with the script of the job that the runner has, /fake/done?result=success ends that, /fake/down ends the
// service. Its lists are late, as GitHub's are: see LateList.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/http_server.hpp"
#include "support/late_list.hpp"

namespace cml::test {

struct FakeRunner {
  long long id = 0;
  std::string name;
  std::vector<std::string> labels;
  bool online = false, busy = false, single = false;
  long long group = 1;
  std::chrono::system_clock::time_point made{};  // Long ago: it was there before the test.
};
// A job of a run with several: queued until those it needs have succeeded and a runner has all its labels.
struct FakeJob {
  std::string name;
  std::vector<std::string> labels, needs;
  std::string status = "queued", conclusion, runner_name;
  std::string annotation;  // When it is over.
  std::string script;      // What its runner is given to do.
};
struct FakeRun {
  std::string status = "in_progress", conclusion;
  int attempt = 1;
  std::string runner_name;      // Of its one job.
  bool stubborn = false;        // Ends only by force-cancel.
  bool no_failed_jobs = false;  // rerun-failed-jobs is refused.
  std::string annotation;       // Of its job, when that is over.
  std::string created_at;       // Empty: just now.
  std::vector<FakeJob> jobs;    // None: one job, which is as the run is.
  FakeJob& job(std::string const& name);
};

class FakeGitHubRunners {
 public:
  FakeGitHubRunners();
  std::string url() const { return server_->url(); }
  std::string repository_url() const { return url() + "/o/r"; }
  int port() const { return server_->port(); }

  std::vector<FakeRunner> runners() const;
  FakeRunner* find(std::string const& name);  // Not locked: for use while nobody else talks to the fake.
  void add(FakeRunner runner);
  void forget(std::string const& name);
  void bring_online(std::size_t how_many);  // Of those that are not; the eldest first.
  void fail_all(int status);                // 0: works again.
  std::vector<std::string> requests() const;
  int count(std::string const& part) const;
  int not_modified() const;   // Conditional requests that were answered with 304.
  std::string agent_archive;  // What the download gives.
  bool good_checksum = true;
  bool online_at_once = false;  // Who registers by JIT is online already.
  // So many of these lists are answered as if nothing were there.
  int empty_lists = 0, empty_runs = 0, empty_jobs = 0;
  // Lists show at once what is true now; what changes afterwards they show late again.
  void settle();
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
  std::map<long long, std::string> groups{{1, "Default"}};  // Of the organisation.
  // GitHub's own work: jobs of ubuntu-latest are done at once (`hosted` says what they do), others go to a runner that
  // is online, idle and has all their labels, as GitHub compares them; who finds none stays queued.
  void work(std::function<void(FakeJob const&)> const& hosted = {});
  std::map<long long, FakeRun> runs;
  std::set<std::string> tokens;

  ServerResponse respond(ServerRequest const& request) { return handle(request); }  // Without a wire.

 private:
  ServerResponse handle(ServerRequest const&);
  ServerResponse route(ServerRequest const&, std::string path);
  std::optional<FakeJob> next_hosted();
  ServerResponse agent(FakeRunner&, std::string const& what, std::string const& result);
  std::vector<FakeRunner> settled_runners() const;
  mutable std::mutex mutex_;
  std::vector<FakeRunner> runners_;
  std::vector<std::string> requests_;
  long long next_id_ = 20;
  int fail_status_ = 0, not_modified_ = 0;
  LateList<std::vector<FakeRunner>> shown_runners_;
  LateList<std::map<long long, FakeRun>> shown_runs_;
  std::map<long long, LateList<std::vector<FakeJob>>> shown_jobs_;
  std::unique_ptr<HttpServer> server_;
};

// bash that tells the fake about the agent's state: tell online NAME.
std::string fake_agent_teller(int port);

}  // namespace cml::test
