// A Kubernetes API server on loopback as far as our Jobs and kubectl's reading of them need one: discovery, and jobs,
// secrets, pods, logs and events of one namespace, "ml".
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/http_server.hpp"

namespace cml::test {

struct FakeCluster {
  FakeCluster();
  std::mutex mutex;
  std::map<std::string, nlohmann::json> jobs, secrets, config_maps;
  std::vector<std::string> calls;
  std::set<std::string> users;  // Header X-Remote-User, of a front that knows clients.
  std::function<void(std::string const&)> on_start;
  std::function<std::string()> created = [] { return std::string("2026-01-01T00:00:00Z"); };
  bool full = false;
  long long node_disk_gb = 20;  // Of the only node: a pod that requests more of it never starts.
  int most_cores = 1000;        // A job that asks for more is over the quota.
  std::string token = "cluster";
  std::set<std::string> permitted, used;  // "create batch/jobs", of a Role. Nothing permitted: everything is.
  HttpServer server;

 private:
  ServerResponse handle(ServerRequest const&);
};

// `user` is a YAML flow mapping: "{token: cluster}".
std::string kubeconfig(std::string const& server, std::string const& user);

}  // namespace cml::test
