// Bitbucket Cloud as far as runners go, on loopback: the repository w/r, its pipelines and steps. A step goes to a
// runner that is ONLINE, free and has all its labels; it waits while all such are busy, and fails at once where there
// is none. A step whose runner fell silent ends as an ERROR in Bitbucket's own words; which runner it had is told
// nowhere. Tokens have scopes; the list of runners is late. Containers speak by POST /fake/online?name=N, /fake/take
// (answers with its step's script), /fake/done?name=N&result=success and /fake/offline.
#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/http_server.hpp"
#include "support/late_list.hpp"

namespace cml::test {

struct FakeStep {
  std::string name;
  std::vector<std::string> labels;  // None: Bitbucket's own machines do it.
  std::string script;               // What a container of ours is given.
  std::string state = "PENDING", result, error, runner, started;
};

class FakeBitbucketRunners {
 public:
  FakeBitbucketRunners();
  std::string url() const { return server_->url(); }
  int count(std::string const& part);
  // Steps in order; `hosted` does those of Bitbucket's own machines.
  void work(std::function<void(FakeStep const&)> const& hosted = {});
  void lose(std::string const& runner);  // It is silent from now on, and so long that Bitbucket has noticed.

  std::mutex mutex;
  std::map<std::string, nlohmann::json> runners;            // By uuid.
  std::map<int, std::vector<FakeStep>> pipelines{{1, {}}};  // "{p1}" and so on, of one commit.
  std::map<int, std::string> built;                         // Another commit than that one.
  std::map<std::string, std::set<std::string>> tokens;      // Authorization to scopes.
  std::vector<std::string> calls;
  bool online = false;  // Who registers is ONLINE already.
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;

 private:
  ServerResponse handle(ServerRequest const&);
  ServerResponse agent(ServerRequest const&, std::string const& what);
  ServerResponse runner_route(ServerRequest const&, std::string const& below);
  ServerResponse pipeline_route(ServerRequest const&, std::string const& below);
  std::string status_of(std::string const& name) const;
  int next_ = 1;
  LateList<std::map<std::string, nlohmann::json>> shown_runners_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace cml::test
