#include "support/fake_cluster.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"

namespace cml::test {

using nlohmann::json;

namespace {

// "a=b,c=d" against metadata.labels.
bool selected(json const& object, std::string const& selector) {
  if (selector.empty()) return true;
  json const labels = object["metadata"].value("labels", json::object());
  for (std::string const& part : split(selector, ',')) {
    auto const equals = part.find('=');
    if (labels.value(part.substr(0, equals), "") != part.substr(equals + 1)) return false;
  }
  return true;
}

// Where only a limit is given, it is the request, too.
bool fits(json const& job, long long disk_gb) {
  json const& resources = job["spec"]["template"]["spec"]["containers"][0]["resources"];
  std::string const limit = resources["limits"].value("ephemeral-storage", "0G"),
                    request = resources["requests"].value("ephemeral-storage", limit);
  return parse_integer(request.substr(0, request.size() - 1)).value_or(0) <= disk_gb;
}

json resource(std::string const& name, std::string const& kind) {
  return {{"name", name},
          {"singularName", ""},
          {"namespaced", true},
          {"kind", kind},
          {"verbs", {"create", "get", "list", "delete"}}};
}

// What clients ask first; null for other paths.
json discovery(std::string const& path) {
  json const batch{{"groupVersion", "batch/v1"}, {"version", "v1"}};
  if (path == "/version") return {{"major", "1"}, {"minor", "32"}, {"gitVersion", "v1.32.4"}};
  if (path == "/api") return {{"kind", "APIVersions"}, {"versions", {"v1"}}};
  if (path == "/apis")
    return {{"kind", "APIGroupList"},
            {"apiVersion", "v1"},
            {"groups",
             json::array({{{"name", "batch"}, {"versions", json::array({batch})}, {"preferredVersion", batch}}})}};
  if (path == "/apis/batch/v1")
    return {{"kind", "APIResourceList"},
            {"apiVersion", "v1"},
            {"groupVersion", "batch/v1"},
            {"resources", json::array({resource("jobs", "Job")})}};
  if (path == "/api/v1")
    return {{"kind", "APIResourceList"},
            {"apiVersion", "v1"},
            {"groupVersion", "v1"},
            {"resources",
             {resource("configmaps", "ConfigMap"), resource("pods", "Pod"), resource("pods/log", "Pod"),
              resource("secrets", "Secret"), resource("events", "Event")}}};
  return nullptr;
}

// The verb and resource that Kubernetes' rules know a request by: "get /pods/log", "list batch/jobs".
std::string action_of(ServerRequest const& request) {
  bool const batch = contains(request.path, "/apis/batch/");
  auto const parts = split(request.path.substr(request.path.find("/namespaces/") + 12), '/');  // ml/jobs[/NAME[/log]]
  std::string const resource = parts.size() < 2 ? "" : parts[1] + (parts.size() > 3 ? "/" + parts[3] : "");
  std::string const verb = request.method == "POST"     ? "create"
                           : request.method == "DELETE" ? "delete"
                           : parts.size() > 2           ? "get"
                                                        : "list";
  return verb + (batch ? " batch/" : " /") + resource;
}

}  // namespace

FakeCluster::FakeCluster() : server([this](ServerRequest const& request) { return handle(request); }) {}

ServerResponse FakeCluster::handle(ServerRequest const& request) {
  std::lock_guard<std::mutex> const lock(mutex);
  calls.push_back(request.method + " " + request.path + (request.query.empty() ? "" : "?" + request.query));
  auto const answer = [](int status, json const& body) {
    return ServerResponse{status, body.dump(), {{"Content-Type", "application/json"}}};
  };
  auto const failure = [&](int status, std::string const& reason, std::string const& message) {
    return answer(status, {{"kind", "Status"},
                           {"apiVersion", "v1"},
                           {"metadata", json::object()},
                           {"status", "Failure"},
                           {"reason", reason},
                           {"message", message},
                           {"code", status}});
  };
  if (request.header("authorization") != "Bearer " + token) return failure(401, "Unauthorized", "Unauthorized");
  if (!request.header("x-remote-user").empty()) users.insert(request.header("x-remote-user"));
  if (json const known = discovery(request.path); !known.is_null()) return answer(200, known);
  used.insert(action_of(request));
  if (!permitted.empty() && permitted.count(action_of(request)) == 0)
    return failure(403, "Forbidden", "User \"launcher\" cannot " + action_of(request) + " in the namespace \"ml\"");
  std::string const selector = percent_decode(request.parameter("labelSelector"));
  std::string const jobs_at = "/apis/batch/v1/namespaces/ml/jobs", secrets_at = "/api/v1/namespaces/ml/secrets";
  std::string const maps_at = "/api/v1/namespaces/ml/configmaps";
  for (auto* kind : {&jobs, &secrets, &config_maps}) {
    std::string const& base = kind == &jobs ? jobs_at : kind == &secrets ? secrets_at : maps_at;
    if (request.path == base && request.method == "POST") {
      if (kind == &jobs && full)
        return failure(403, "Forbidden", "jobs.batch \"x\" is forbidden: exceeded quota: team, requested: cpu=8");
      json body = json::parse(request.body);
      std::string const name = body["metadata"]["name"];
      if (kind == &jobs &&
          parse_integer(body["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"].value("cpu", "0"))
                  .value_or(0) > most_cores)
        return failure(403, "Forbidden", "jobs.batch \"x\" is forbidden: exceeded quota: team, requested: cpu");
      if (kind == &config_maps) {
        std::size_t bytes = 0;
        for (auto const& [key, value] : body["binaryData"].items())
          bytes += base64_decode(value.get<std::string>()).value_or("").size();
        if (bytes > 1u << 20) return failure(422, "Invalid", "data: Too long: must have at most 1048576 bytes");
      }
      if (kind->count(name) > 0) return failure(409, "AlreadyExists", name + " already exists");
      body["metadata"]["uid"] = "uid-" + name;
      body["metadata"]["creationTimestamp"] = created();
      if (kind == &jobs) body["status"] = {{"active", 1}};
      (*kind)[name] = body;
      json shown = body;
      if (kind == &secrets) shown.erase("stringData");
      if (kind == &secrets && on_start && jobs.count(name) > 0 && fits(jobs[name], node_disk_gb)) on_start(name);
      return answer(201, shown);
    }
    if (request.path == base) {
      json items = json::array();
      for (auto const& [name, body] : *kind)
        if (selected(body, selector)) items.push_back(body);
      return answer(200, {{"kind", kind == &jobs      ? "JobList"
                                   : kind == &secrets ? "SecretList"
                                                      : "ConfigMapList"},
                          {"apiVersion", kind == &jobs ? "batch/v1" : "v1"},
                          {"metadata", json::object()},
                          {"items", items}});
    }
    if (request.path.substr(0, base.size() + 1) == base + "/") {
      std::string const name = request.path.substr(base.size() + 1);
      if (kind->count(name) == 0) return failure(404, "NotFound", name + " not found");
      json const body = (*kind)[name];
      if (request.method != "DELETE") return answer(200, body);
      kind->erase(name);
      if (kind == &jobs)  // What it owns goes with it.
        for (auto* owned : {&secrets, &config_maps})
          std::erase_if(*owned, [&](auto const& one) {
            return one.second["metadata"].contains("ownerReferences") &&
                   one.second["metadata"]["ownerReferences"][0]["uid"] == body["metadata"]["uid"];
          });
      return answer(
          200, json{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Success"}});
    }
  }
  if (contains(request.path, "/log")) return {200, "cml: not fetched", {{"Content-Type", "text/plain"}}};
  if (request.path == "/api/v1/namespaces/ml/pods") {
    json items = json::array();
    for (auto const& [name, body] : jobs) {
      json labels = body["spec"]["template"]["metadata"].value("labels", json::object());
      labels["job-name"] = name;
      json const pod{{"metadata", {{"name", name + "-abc"}, {"namespace", "ml"}, {"labels", labels}}}};
      if (selected(pod, selector)) items.push_back(pod);
    }
    return answer(200, {{"kind", "PodList"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"items", items}});
  }
  if (request.path == "/api/v1/namespaces/ml/events") {
    json items = json::array();
    for (auto const& [name, body] : jobs)
      items.push_back({{"metadata", {{"name", "e"}}},
                       {"involvedObject", {{"name", name + "-abc"}}},
                       {"reason", "FailedScheduling"},
                       {"message", "0/3 nodes are available: 3 Insufficient nvidia.com/gpu"}});
    return answer(200, {{"kind", "EventList"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"items", items}});
  }
  return failure(404, "NotFound", request.path);
}

std::string kubeconfig(std::string const& server, std::string const& user) {
  return "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: \"" + server +
         "\"\ncontexts: [{name: x, context: {cluster: c, user: u, namespace: ml}}]\n"
         "current-context: x\nusers:\n- name: u\n  user: " +
         user + "\n";
}

}  // namespace cml::test
