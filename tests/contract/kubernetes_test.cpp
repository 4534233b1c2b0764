// Kubernetes against a fake API server, with Kubernetes' own description between when it is at hand; TLS and plugins against a stub.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "base/base64.hpp"
#include "cloud/kubernetes/kubeconfig.hpp"
#include "platform/group_supervisor.hpp"
#include "platform/spawned_process.hpp"
#include "support/contract_gate.hpp"
#include "support/run_cml.hpp"
#include "support/runner_world.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

struct FakeCluster {
  FakeCluster() : server([this](ServerRequest const& request) { return handle(request); }) {}

  ServerResponse handle(ServerRequest const& request) {
    std::lock_guard<std::mutex> const lock(mutex);
    calls.push_back(request.method + " " + request.path + (request.query.empty() ? "" : "?" + request.query));
    auto const answer = [](int status, json const& body) { return ServerResponse{status, body.dump(), {{"Content-Type", "application/json"}}}; };
    auto const failure = [&](int status, std::string const& reason, std::string const& message) {
      return answer(status, {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Failure"}, {"reason", reason}, {"message", message}, {"code", status}});
    };
    if (request.header("authorization") != "Bearer cluster") return failure(401, "Unauthorized", "Unauthorized");
    std::string const jobs_at = "/apis/batch/v1/namespaces/ml/jobs", secrets_at = "/api/v1/namespaces/ml/secrets";
    for (auto* kind : {&jobs, &secrets}) {
      std::string const& base = kind == &jobs ? jobs_at : secrets_at;
      if (request.path == base && request.method == "POST") {
        if (kind == &jobs && full) return failure(403, "Forbidden", "jobs.batch \"x\" is forbidden: exceeded quota: team, requested: cpu=8");
        json body = json::parse(request.body);
        std::string const name = body["metadata"]["name"];
        if (kind->count(name) > 0) return failure(409, "AlreadyExists", name + " already exists");
        body["metadata"]["uid"] = "uid-" + name;
        body["metadata"]["creationTimestamp"] = created();
        if (kind == &jobs) body["status"] = {{"active", 1}};
        (*kind)[name] = body;
        json shown = body;
        if (kind == &secrets) shown.erase("stringData");
        if (kind == &secrets && on_start) on_start(name);
        return answer(201, shown);
      }
      if (request.path == base) {
        json items = json::array();
        for (auto const& [name, body] : *kind) items.push_back(body);
        return answer(200, {{"kind", "JobList"}, {"apiVersion", "batch/v1"}, {"metadata", json::object()}, {"items", items}});
      }
      if (request.path.substr(0, base.size() + 1) == base + "/") {
        std::string const name = request.path.substr(base.size() + 1);
        if (kind->count(name) == 0) return failure(404, "NotFound", name + " not found");
        json const body = (*kind)[name];
        if (request.method != "DELETE") return answer(200, body);
        kind->erase(name);
        if (kind == &jobs) secrets.erase(name);  // Owned by it.
        return answer(200, json{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Success"}});
      }
    }
    if (contains(request.path, "/log")) return {200, "cml: not fetched", {{"Content-Type", "text/plain"}}};
    if (request.path == "/api/v1/namespaces/ml/pods") {
      json items = json::array();
      for (auto const& [name, body] : jobs) items.push_back({{"metadata", {{"name", name + "-abc"}}}});
      return answer(200, {{"kind", "PodList"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"items", items}});
    }
    if (request.path == "/api/v1/namespaces/ml/events") {
      json items = json::array();
      for (auto const& [name, body] : jobs)
        items.push_back({{"metadata", {{"name", "e"}}}, {"involvedObject", {{"name", name + "-abc"}}}, {"reason", "FailedScheduling"}, {"message", "0/3 nodes are available: 3 Insufficient nvidia.com/gpu"}});
      return answer(200, {{"kind", "EventList"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"items", items}});
    }
    return failure(404, "NotFound", request.path);
  }

  std::mutex mutex;
  std::map<std::string, json> jobs, secrets;
  std::vector<std::string> calls;
  std::function<void(std::string const&)> on_start;
  std::function<std::string()> created = [] { return std::string("2026-01-01T00:00:00Z"); };
  bool full = false;
  HttpServer server;
};

std::string kubeconfig(std::string const& server, std::string const& user) {
  return "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: \"" + server + "\"\ncontexts: [{name: x, context: {cluster: c, user: u, namespace: ml}}]\n"
         "current-context: x\nusers:\n- name: u\n  user: " + user + "\n";
}

struct ClusterWorld : World {
  ClusterWorld() {
    options.cloud = "kubernetes";
    options.cml_version = "1.0.0";
    environment.variables["KUBERNETES_CONFIGURATION"] = kubeconfig(cluster.server.url(), "{token: cluster}");
    cluster.created = [this] { return iso_time(std::chrono::floor<std::chrono::seconds>(clock.now())); };
    cluster.on_start = [this](std::string const& id) {
      if (boots) forge.find(id)->online = true;
    };
  }
  FakeCluster cluster;
  bool boots = true;
};

}  // namespace

TEST_CASE("kubernetes contract: the source documents' command, as a Job that Kubernetes' description accepts", "[contract][kubernetes]") {
  ClusterWorld world;
  auto const gate = ContractGate::open("kubernetes.openapi.json", world.cluster.server.url());
  if (gate) world.environment.variables["KUBERNETES_CONFIGURATION"] = kubeconfig(gate->url(), "{token: cluster}");
  world.options.types = {"1-2000"};
  world.options.node_selector = {{"gpu", "true"}};
  world.options.metadata = {{"team", "vision"}, {"note", "not a label: it has blanks"}};
  auto const launched = world.launch_now();
  INFO((launched ? "" : launched.error().message));
  REQUIRE(launched);
  REQUIRE(world.cluster.jobs.size() == 1);
  json const job = world.cluster.jobs.begin()->second;
  std::string const id = job["metadata"]["name"];
  json const pod = job["spec"]["template"]["spec"];
  CHECK(pod["nodeSelector"] == json{{"gpu", "true"}});
  CHECK(pod["containers"][0]["resources"]["limits"] == json{{"cpu", "1"}, {"memory", "2000M"}, {"ephemeral-storage", "35G"}});
  CHECK(pod["containers"][0]["resources"]["requests"]["cpu"] == "1");
  CHECK(pod["automountServiceAccountToken"] == false);
  CHECK(job["spec"]["backoffLimit"] == 0);
  CHECK(job["spec"]["activeDeadlineSeconds"] == 7 * 24 * 3600);
  CHECK(job["spec"]["ttlSecondsAfterFinished"] == 300);
  CHECK(job["metadata"]["labels"]["team"] == "vision");
  CHECK_FALSE(job["metadata"]["labels"].contains("note"));
  CHECK(job["metadata"]["annotations"].contains("note"));
  // The registration is in the secret alone, which goes with the Job.
  CHECK_FALSE(contains(job.dump(), "jit-"));
  json const secret = world.cluster.secrets.at(id);
  CHECK(contains(secret["stringData"]["registration.json"].get<std::string>(), "jit-" + id));
  CHECK(secret["metadata"]["ownerReferences"][0]["uid"] == "uid-" + id);
  CHECK_FALSE(contains(job.dump() + secret.dump(), "good-token"));
  world.clock.now_ += std::chrono::hours(8 * 24);
  auto const swept = world.gc();
  INFO((swept ? "" : swept.error().message) << (gate ? gate->violations() : ""));
  REQUIRE(swept);
  CHECK(world.cluster.jobs.empty());
  CHECK(world.cluster.secrets.empty());
  CHECK(world.forge.runners().empty());
  if (gate) CHECK(gate->violations() == "");
}

TEST_CASE("kubernetes: sizes, GPUs and what is no size", "[cloud][kubernetes]") {
  struct Case {
    std::string type, gpu, cpu, memory, gpus, selector;
  };
  for (Case const& item : std::vector<Case>{{"m", "", "8", "32Gi", "", ""}, {"m", "v100", "8", "64Gi", "1", "nvidia-tesla-v100"}, {"m+t4", "", "4", "16Gi", "1", "nvidia-tesla-t4"},
                                            {"8-32000+nvidia*1", "", "8", "32000M", "1", ""}, {"4-8000+nvidia-tesla-k80*2", "", "4", "8000M", "2", "nvidia-tesla-k80"},
                                            {"2-4000", "tesla", "2", "4000M", "1", "v100"}}) {
    INFO(item.type);
    ClusterWorld world;
    world.options.types = {item.type};
    world.options.gpu = item.gpu;
    REQUIRE(world.launch_now());
    json const pod = world.cluster.jobs.begin()->second["spec"]["template"]["spec"];
    json const limits = pod["containers"][0]["resources"]["limits"];
    CHECK(limits["cpu"] == item.cpu);
    CHECK(limits["memory"] == item.memory);
    CHECK(limits.value("nvidia.com/gpu", "") == item.gpus);
    CHECK(pod.contains("tolerations") == !item.gpus.empty());
    CHECK((pod.contains("nodeSelector") ? pod["nodeSelector"].value("accelerator", "") : "") == item.selector);
  }
  ClusterWorld world;
  world.options.types = {"m5.large"};
  auto const refused = world.launch_now();
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "is no size of a pod"));
}

TEST_CASE("kubernetes: what fails is shown and taken away; a kill leaves nothing that gc does not find", "[cloud][kubernetes][kill]") {
  ClusterWorld world;
  world.boots = false;
  auto launched = world.launch_now();
  REQUIRE_FALSE(launched);
  CHECK(world.console.logged("| cml: not fetched"));
  CHECK(world.console.logged("| FailedScheduling: 0/3 nodes are available"));
  CHECK(world.cluster.jobs.empty());
  CHECK(world.forge.runners().empty());
  world.cluster.full = true;
  launched = world.launch_now();
  REQUIRE_FALSE(launched);
  CHECK(launched.error().kind == ErrorKind::TooLarge);
  CHECK(world.forge.runners().empty());
  world.environment.variables["KUBERNETES_CONFIGURATION"] = kubeconfig(world.cluster.server.url(), "{token: other}");
  CHECK(contains(world.launch_now().error().message, "is not accepted or has expired"));
  world.environment.variables = {{"HOME", "/home/u"}};
  CHECK(contains(world.launch_now().error().message, "no Kubernetes cluster: looked for KUBERNETES_CONFIGURATION"));

  int requests = 0;
  {
    ClusterWorld whole;
    REQUIRE(whole.launch_now());
    requests = whole.http.sent;
  }
  for (int cut = 1; cut <= requests; ++cut)
    for (bool before : {true, false}) {
      INFO("killed " << (before ? "before" : "after") << " request " << cut);
      ClusterWorld killed;
      killed.boots = false;
      killed.http.kill_at = cut;
      killed.http.kill_before = before;
      try {
        (void)killed.launch_now();
      } catch (Killed const&) {
      }
      killed.http.kill_at = 0;
      killed.clock.now_ += std::chrono::minutes(31);
      REQUIRE(killed.gc());
      CHECK(killed.cluster.jobs.empty());
      CHECK(killed.cluster.secrets.empty());
      CHECK(killed.forge.runners().empty());
    }
}

TEST_CASE("kubeconfig: files merged, relative paths, a pod's own account, and no hostile YAML", "[cloud][kubernetes]") {
  World world;
  auto const access = [&] { return cloud::kubernetes::find_access(world.setup()); };
  world.files.put("/home/u/.kube/config", kubeconfig("https://one.example.test/", "{username: a, password: b}"));
  world.environment.variables = {{"HOME", "/home/u"}};
  CHECK(access()->server == "https://one.example.test");
  CHECK(access()->authorization.reveal() == "Basic " + base64_encode("a:b"));
  CHECK(access()->name_space == "ml");
  world.files.put("/a/one", "current-context: x\ncontexts:\n  - {name: x, context: {cluster: c, user: u}}\n");
  world.files.put("/a/two", "clusters: [{name: c, cluster: {server: 'https://two.example.test', certificate-authority: ca.pem}}]\nusers: [{name: u, user: {tokenFile: token}}]\ncurrent-context: y\n");
  world.files.put("/a/ca.pem", "CA");
  world.files.put("/a/token", "from-file\n");
  world.environment.variables["KUBECONFIG"] = "/a/one:/a/missing:/a/two";
  CHECK(access()->tls->authority == "CA");
  CHECK(access()->authorization.reveal() == "Bearer from-file");
  world.environment.variables = {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"KUBERNETES_SERVICE_PORT", "6443"}};
  world.files.put("/var/run/secrets/kubernetes.io/serviceaccount/token", "pod-token");
  world.files.put("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", "POD CA");
  world.files.put("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "team");
  CHECK(access()->server == "https://10.0.0.1:6443");
  CHECK(access()->name_space == "team");
  for (std::string const& bad : std::vector<std::string>{"a: [", "a: &x [1]\nb: *x\n", std::string(100000, '['), "current-context: gone\n", kubeconfig("http://plain.example.test", "{token: t}"),
                                                         kubeconfig("https://k.example.test", "{exec: {args: [x]}}"), kubeconfig("https://k.example.test", "{client-certificate-data: '%'}")}) {
    INFO(bad.substr(0, 60));
    world.environment.variables = {{"KUBERNETES_CONFIGURATION", bad}};
    CHECK_FALSE(access());
  }
}

TEST_CASE("kubernetes contract: certificate, token and exec plugin over TLS", "[contract][kubernetes]") {
  char const* shared = std::getenv("CML_SHARED_DIR");
  std::filesystem::path const checks = shared == nullptr ? "" : std::filesystem::path(shared) / "cloud-checks";
  if (shared == nullptr || !std::filesystem::exists(checks / "k8s_fake.py")) {
    WARN("CML_SHARED_DIR has no cloud-checks/k8s_fake.py; TLS to a cluster was not tried");
    return;
  }
  TemporaryFolder folder;
  SpawnedProcess process;
  auto const made = process.run({.arguments = {"bash", (checks / "certs.sh").string()}, .directory = folder.path});
  REQUIRE(made);
  REQUIRE(std::filesystem::exists(folder.path / "cli.crt"));
  // The stub's port is fixed; one of our own is put in its place.
  int port = 0;
  {
    HttpServer const probe([](ServerRequest const&) { return ServerResponse{}; });
    port = probe.port();
  }
  std::ifstream stub(checks / "k8s_fake.py");
  std::stringstream text;
  text << stub.rdbuf();
  std::ofstream(folder.path / "stub.py") << replace_all(text.str(), "6443", std::to_string(port));
  GroupSupervisor child("");
  REQUIRE(child.start({{"python3", "-u", "stub.py"}, folder.path}));
  FakeEnvironment environment;
  CurlHttp http(environment, "test");
  auto trust = std::make_shared<TlsSettings>();
  trust->insecure = true;
  bool up = false;
  for (int i = 0; i < 100 && !up; ++i) {
    child.wait(std::chrono::milliseconds(100));
    HttpRequest ask{.url = "https://localhost:" + std::to_string(port) + "/api"};
    ask.tls = trust;
    up = static_cast<bool>(http.send(ask));
  }
  REQUIRE(up);
  auto const data = [&](std::string const& name) {
    std::ifstream file(folder.path / name);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return base64_encode(bytes.str());
  };
  auto const log_of = [&](std::string const& user, std::string const& cluster = "") {
    std::string const config = replace_all(kubeconfig("https://localhost:" + std::to_string(port), user), "\"\n", "\"\n    certificate-authority-data: " + data("ca.crt") + "\n" + cluster);
    std::string seen;
    while (!child.wait(std::chrono::milliseconds(50)).empty()) {
    }
    auto const run = run_cml({"runner", "stop", "none", "--cloud=kubernetes"}, folder.path, "", {{"KUBERNETES_CONFIGURATION", config}, {"EXEC_LOG", (folder.path / "exec.log").string()}});
    for (SupervisorEvent const& event : child.wait(std::chrono::milliseconds(2000)))
      if (auto const* line = std::get_if<ChildLine>(&event)) seen += line->text + "\n";
    return seen + run.err;
  };
  CHECK(contains(log_of("{client-certificate-data: " + data("cli.crt") + ", client-key-data: " + data("cli.key") + "}"), "cert=cml"));
  CHECK(contains(log_of("{token: tok123}"), "auth=Bearer tok123"));
  CHECK(contains(log_of("{exec: {apiVersion: client.authentication.k8s.io/v1, command: " + (checks / "k8s_execplug.sh").string() + ", interactiveMode: Never, provideClusterInfo: true}}"), "auth=Bearer from-exec"));
  std::ifstream exec_log(folder.path / "exec.log");
  std::stringstream info;
  info << exec_log.rdbuf();
  CHECK(contains(info.str(), "\"server\":\"https://localhost:"));
  CHECK(contains(log_of("{token: tok123}", "    tls-server-name: api.github.com\n"), "auth=Bearer tok123"));
  CHECK(contains(log_of("{token: tok123}", "    tls-server-name: other.example.test\n"), "check the server's certificate"));
}
