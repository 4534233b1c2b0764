// Kubernetes against a fake API server, with Kubernetes' own description between when it is at hand; TLS and plugins
// against a stub.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <regex>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "cloud/kubernetes/kubeconfig.hpp"
#include "platform/group_supervisor.hpp"
#include "platform/spawned_process.hpp"
#include "support/child_process.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_cluster.hpp"
#include "support/fake_gitlab_runners.hpp"
#include "support/run_cml.hpp"
#include "support/runner_world.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

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

TEST_CASE("kubernetes contract: the source documents' command, as a Job that Kubernetes' description accepts",
          "[contract][kubernetes]") {
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
  CHECK(pod["containers"][0]["resources"]["limits"] == json{{"cpu", "1"}, {"memory", "2000M"}});
  CHECK(pod["containers"][0]["image"] == "ghcr.io/actions/actions-runner:latest");
  // Shared memory is not the 64 MB of a container, and a secret that never comes holds no node up.
  CHECK(pod["volumes"][1] == json{{"name", "shm"}, {"emptyDir", {{"medium", "Memory"}}}});
  CHECK(pod["containers"][0]["volumeMounts"][1]["mountPath"] == "/dev/shm");
  CHECK(pod["volumes"][0]["secret"]["optional"] == true);
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
  CHECK(contains(secret["stringData"]["registration"].get<std::string>(), "jit-" + id));
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

TEST_CASE("kubernetes: what a pod cannot serve is refused before anything is made", "[cloud][kubernetes]") {
  ClusterWorld world;
  world.driver = "bitbucket";
  world.authority = "bitbucket.org";
  world.path = "w/r";
  CHECK(contains(world.launch_now().error().message, "Bitbucket's runner is a container, which a pod cannot start"));
  CHECK(world.cluster.jobs.empty());
}

TEST_CASE("kubernetes: a disk is a limit that small nodes can meet", "[cloud][kubernetes]") {
  ClusterWorld world;
  world.options.disk_gb = 50;  // On a node of 20.
  REQUIRE(world.launch_now());
  json const resources = world.cluster.jobs.begin()->second["spec"]["template"]["spec"]["containers"][0]["resources"];
  CHECK(resources["limits"]["ephemeral-storage"] == "50G");
  CHECK(resources["requests"]["ephemeral-storage"] == "1G");
}

TEST_CASE("kubernetes: sizes, GPUs and what is no size", "[cloud][kubernetes]") {
  struct Case {
    std::string type, gpu, cpu, memory, gpus, selector;
  };
  for (Case const& item : std::vector<Case>{{"m", "", "8", "32Gi", "", ""},
                                            {"m", "v100", "8", "64Gi", "1", "nvidia-tesla-v100"},
                                            {"m+t4", "", "4", "16Gi", "1", "nvidia-tesla-t4"},
                                            {"8-32000+nvidia*1", "", "8", "32000M", "1", ""},
                                            {"4-8000+nvidia-tesla-k80*2", "", "4", "8000M", "2", "nvidia-tesla-k80"},
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
  CHECK(contains(refused.error().message, "is not a pod size"));
}

TEST_CASE("kubernetes: what fails is shown and taken away, a kill leaves nothing that gc does not find",
          "[cloud][kubernetes][kill]") {
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

  CHECK(kill_everywhere<ClusterWorld>(
            [](ClusterWorld&) {},
            [](ClusterWorld& any) { return any.cluster.jobs.empty() && any.cluster.secrets.empty(); }) > 2);
}

TEST_CASE("kubernetes: one sweep takes away what two hundred killed launches left", "[cloud][kubernetes][kill]") {
  kill_at_random<ClusterWorld>(
      [](ClusterWorld&, int) {}, 1,
      [](ClusterWorld& world) { return world.cluster.jobs.empty() && world.cluster.secrets.empty(); });
}

TEST_CASE("kubernetes: one request of a launch that goes wrong leaves one machine or none",
          "[cloud][kubernetes][kill]") {
  auto const machines = [](ClusterWorld& world) {
    CHECK(world.cluster.secrets.size() == world.cluster.jobs.size());
    return world.cluster.jobs.size();
  };
  CHECK(fault_everywhere<ClusterWorld>([](ClusterWorld&) {}, machines) > 3);
  kill_sweep_everywhere<ClusterWorld>(
      [](ClusterWorld&) {},
      [](ClusterWorld& world) { return world.cluster.jobs.empty() && world.cluster.secrets.empty(); });
}

TEST_CASE("kubernetes: with GitLab's registrations, too, what goes wrong or is killed leaves nothing",
          "[cloud][kubernetes][gitlab][kill]") {
  struct GitLabWorld : ClusterWorld {
    GitLabWorld() {
      driver = "gitlab";
      authority = "127.0.0.1:" + std::to_string(gitlab.server.port());
      path = "g/p";
      registered = [this] { return gitlab.runners.size(); };
      cluster.on_start = [this](std::string const&) { gitlab.online = boots; };
    }
    FakeGitLabRunners gitlab;
  };
  for (bool const new_way : {true, false}) {
    auto const prepare = [new_way](GitLabWorld& world) {
      world.gitlab.new_way = new_way;
      world.gitlab.online = false;
      world.gitlab.runners_token = "registration";
    };
    CHECK(fault_everywhere<GitLabWorld>(prepare, [](GitLabWorld& world) { return world.cluster.jobs.size(); }) > 3);
    CHECK(kill_everywhere<GitLabWorld>(prepare, [](GitLabWorld& world) {
            return world.cluster.jobs.empty() && world.cluster.secrets.empty();
          }) > 2);
  }
}

TEST_CASE("kubernetes: a token that ends in the middle of a launch is read anew", "[cloud][kubernetes]") {
  ClusterWorld world;
  world.boots = false;
  world.environment.variables["KUBERNETES_CONFIGURATION"] =
      kubeconfig(world.cluster.server.url(), "{tokenFile: /token}");
  world.files.put("/token", "cluster");
  world.clock.on_sleep = [&] {
    if (world.clock.slept.size() == 5) world.cluster.token = "next", world.files.put("/token", "next");
  };
  REQUIRE_FALSE(world.launch_now());  // It never comes up, and is taken away all the same.
  CHECK(world.cluster.jobs.empty());
  CHECK(world.cluster.secrets.empty());
}

TEST_CASE("kubernetes: the Role of the page for people is enough, and nothing of it too much", "[cloud][kubernetes]") {
  json const role = json::parse(slurp(CML_SOURCE_DIR "/docs/clouds/policies/kubernetes.json"));
  ClusterWorld world;
  for (json const& rule : role["rules"])
    for (json const& group : rule["apiGroups"])
      for (json const& resource : rule["resources"])
        for (json const& verb : rule["verbs"])
          world.cluster.permitted.insert(verb.get<std::string>() + " " + group.get<std::string>() + "/" +
                                         resource.get<std::string>());
  world.options.program = {"https://releases.test/cml-agent-linux-{arch}", {}, true};  // What Gitea's pods need.
  world.http.local = [](HttpRequest const& request) -> std::optional<HttpResponse> {
    if (!contains(request.url, "releases.test")) return std::nullopt;
    return HttpResponse{200, {}, "program", ""};
  };
  world.options.program.sums.x64 = sha256_hex("program");
  REQUIRE(world.launch_now());
  CHECK(world.cluster.config_maps.size() == 1);
  world.clock.now_ += std::chrono::hours(8 * 24);
  REQUIRE(world.gc());
  CHECK(world.cluster.jobs.empty());
  CHECK(world.cluster.config_maps.empty());
  world.boots = false;
  REQUIRE_FALSE(world.launch_now());  // Looked at, its log and events shown, taken away.
  CHECK(world.cluster.jobs.empty());
  CHECK(world.console.logged("| cml: not fetched"));
  CHECK(world.console.logged("| FailedScheduling"));
  CHECK(world.cluster.used == world.cluster.permitted);
}

TEST_CASE("kubernetes: a pod is handed its program in parts, of the nodes' architecture, and fetches nothing",
          "[cloud][kubernetes]") {
  ClusterWorld world;
  std::string program;  // As little to be packed as can be.
  while (program.size() < 2'000'000) program.push_back(static_cast<char>(world.random.next() >> 56));
  world.options.program = {"https://releases.test/cml-agent-linux-{arch}", {"", sha256_hex(program)}, true};
  world.options.node_selector = {{"kubernetes.io/arch", "arm64"}};
  std::vector<std::string> fetched;
  world.http.local = [&](HttpRequest const& request) -> std::optional<HttpResponse> {
    if (!contains(request.url, "releases.test")) return std::nullopt;
    fetched.push_back(request.method + " " + request.url);
    return HttpResponse{200, {}, program, ""};
  };
  REQUIRE(world.launch_now());
  CHECK(fetched == std::vector<std::string>{"HEAD https://releases.test/cml-agent-linux-arm64",
                                            "GET https://releases.test/cml-agent-linux-arm64"});
  CHECK(world.cluster.config_maps.size() == 3);
  json const job = world.cluster.jobs.begin()->second, pod = job["spec"]["template"]["spec"];
  CHECK(pod["containers"][0]["env"] == json::array({{{"name", "CML_PROGRAM_PARTS"}, {"value", "3"}}}));
  CHECK(pod["volumes"][2]["projected"]["sources"].size() == 3);
  // Put together as the pod does it, it is the program.
  TemporaryFolder folder;
  std::string all;
  for (json const& source : pod["volumes"][2]["projected"]["sources"])
    all += base64_decode(
               world.cluster.config_maps.at(source["configMap"]["name"])["binaryData"]["part"].get<std::string>())
               .value();
  std::ofstream(folder.path / "packed") << all;
  SpawnedProcess process;
  CHECK(process.run({.arguments = {"gzip", "-dc", (folder.path / "packed").string()}})->out == program);
  // One that is not what this cml was told is handed to nobody, and no job is made.
  ClusterWorld other;
  other.options.program = {"https://releases.test/x", {sha256_hex("told"), ""}, true};
  other.http.local = world.http.local;
  auto const refused = other.launch_now();
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "the SHA-256 is not the one that this cml was told"));
  CHECK(other.cluster.used.count("create batch/jobs") == 0);
  CHECK(other.forge.runners().empty());
}

TEST_CASE("kubernetes: sizes are tried in order", "[cloud][kubernetes]") {
  ClusterWorld world;
  world.options.types = {"xl", "2-4000"};
  world.cluster.most_cores = 8;
  REQUIRE(world.launch_now());
  CHECK(world.cluster.jobs.begin()->second["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["cpu"] ==
        "2");
  CHECK(world.console.logged("no 64 cores, 256Gi: "));
  world.options.dry_run = true;
  REQUIRE(world.launch_now());
  CHECK(contains(world.console.output, "(64 cores, 256Gi; else 2 cores, 4000M)"));
}

TEST_CASE("kubernetes: many runners are watched by few requests, most of them conditional", "[cloud][kubernetes]") {
  ClusterWorld world;
  world.boots = false;
  world.options.count = 20;
  world.clock.on_sleep = [&] {
    if (world.clock.slept.size() == 30) world.forge.bring_online(7);
    if (world.clock.slept.size() == 60) world.forge.bring_online(20);
  };
  REQUIRE(world.launch_now());
  CHECK(world.forge.count("GET /api/v3/repos/o/r/actions/runners?per_page=100&page=1") == 62);  // The list is late.
  CHECK(world.forge.not_modified() == 58);  // All but the first and the three that told of a change.
  CHECK(world.forge.count("/actions/runners?name=") == 0);
  CHECK(world.forge.count("/actions/runners/downloads") == 1);
  auto const asked = [&](std::string const& what) {
    return std::count_if(world.cluster.calls.begin(), world.cluster.calls.end(),
                         [&](std::string const& call) { return contains(call, what); });
  };
  CHECK(asked("GET /apis/batch/v1/namespaces/ml/jobs?") == 10);  // Every half minute, whatever their number.
  CHECK(asked("GET /apis/batch/v1/namespaces/ml/jobs/") == 0);

  ClusterWorld lost;  // One of them is gone: all are taken away.
  lost.boots = false;
  lost.options.count = 5;
  lost.clock.on_sleep = [&] {
    if (lost.clock.slept.size() == 3) lost.cluster.jobs.erase(lost.cluster.jobs.begin());
  };
  auto const failed = lost.launch_now();
  REQUIRE_FALSE(failed);
  CHECK(contains(failed.error().message, "ended before its runner was online"));
  CHECK(lost.cluster.jobs.empty());
  CHECK(lost.forge.runners().empty());
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
  world.files.put("/a/two",
                  "clusters: [{name: c, cluster: {server: 'https://two.example.test', certificate-authority: "
                  "ca.pem}}]\nusers: [{name: u, user: {tokenFile: token}}]\ncurrent-context: y\n");
  world.files.put("/a/ca.pem", "CA");
  world.files.put("/a/token", "from-file\n");
  world.environment.variables["KUBECONFIG"] = "/a/one:/a/missing:/a/two";
  CHECK(access()->tls->authority == "CA");
  CHECK(access()->authorization.reveal() == "Bearer from-file");
  world.environment.variables = {
      {"KUBERNETES_CONFIGURATION", replace_all(kubeconfig("https://k.example.test", "{token: t}"), "    server:",
                                               "    proxy-url: http://proxy.example.test:3128\n    server:")}};
  CHECK(access()->proxy == "http://proxy.example.test:3128");
  world.environment.variables = {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"KUBERNETES_SERVICE_PORT", "6443"}};
  world.files.put("/var/run/secrets/kubernetes.io/serviceaccount/token", "pod-token");
  world.files.put("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", "POD CA");
  world.files.put("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "team");
  CHECK(access()->server == "https://10.0.0.1:6443");
  CHECK(access()->name_space == "team");
  for (std::string const& bad :
       std::vector<std::string>{"a: [", "a: &x [1]\nb: *x\n", std::string(100000, '['), "current-context: gone\n",
                                kubeconfig("http://plain.example.test", "{token: t}"),
                                kubeconfig("https://k.example.test", "{exec: {args: [x]}}"),
                                kubeconfig("https://k.example.test", "{client-certificate-data: '%'}"),
                                replace_all(kubeconfig("https://k.example.test", "{token: t}"),
                                            "    server:", "    proxy-url: ftp://proxy.example.test\n    server:")}) {
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
  int const port = free_port();
  std::ofstream(folder.path / "stub.py") << replace_all(slurp(checks / "k8s_fake.py"), "6443", std::to_string(port));
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
  auto const data = [&](std::string const& name) { return base64_encode(slurp(folder.path / name)); };
  auto const log_of = [&](std::string const& user, std::string const& cluster = "") {
    std::string const config = replace_all(kubeconfig("https://localhost:" + std::to_string(port), user), "\"\n",
                                           "\"\n    certificate-authority-data: " + data("ca.crt") + "\n" + cluster);
    std::string seen;
    while (!child.wait(std::chrono::milliseconds(50)).empty()) {
    }
    auto const run = run_cml({"runner", "stop", "none", "--cloud=kubernetes"}, folder.path, "",
                             {{"KUBERNETES_CONFIGURATION", config}, {"EXEC_LOG", (folder.path / "exec.log").string()}});
    for (SupervisorEvent const& event : child.wait(std::chrono::milliseconds(2000)))
      if (auto const* line = std::get_if<ChildLine>(&event)) seen += line->text + "\n";
    return seen + run.err;
  };
  CHECK(contains(log_of("{client-certificate-data: " + data("cli.crt") + ", client-key-data: " + data("cli.key") + "}"),
                 "cert=cml"));
  CHECK(contains(log_of("{token: tok123}"), "auth=Bearer tok123"));
  CHECK(contains(log_of("{exec: {apiVersion: client.authentication.k8s.io/v1, command: " +
                        (checks / "k8s_execplug.sh").string() + ", interactiveMode: Never, provideClusterInfo: true}}"),
                 "auth=Bearer from-exec"));
  CHECK(contains(slurp(folder.path / "exec.log"), "\"server\":\"https://localhost:"));
  CHECK(contains(log_of("{token: tok123}", "    tls-server-name: api.github.com\n"), "auth=Bearer tok123"));
  CHECK(contains(log_of("{token: tok123}", "    tls-server-name: other.example.test\n"),
                 "check the server's certificate"));
}

TEST_CASE("kubernetes contract: real kubectl reads what a launch made, by certificate, token and exec plugin",
          "[contract][kubernetes]") {
  SpawnedProcess process;
  TemporaryFolder folder;
  for (std::vector<std::string> const& tool :
       {std::vector<std::string>{"kubectl", "version", "--client"}, {"openssl", "version"}, {"python3", "--version"}}) {
    auto const there = process.run({.arguments = tool, .environment = {{"HOME", folder.path.string()}}});
    if (!there || there->exit_code != 0) {
      WARN(tool[0] << " is not installed; kubectl did not read our Jobs");
      return;
    }
  }
  put_script(folder.path / "certificates.sh",
             "set -e\nkey='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'\n"
             "openssl req -x509 $key -keyout ca.key -out ca.crt -subj /CN=ca -days 2\n"
             "sign() { openssl req $key -keyout $1.key -out $1.csr -subj \"$2\"; openssl x509 -req -in $1.csr -CA "
             "ca.crt -CAkey ca.key -CAcreateserial -out $1.crt -days 2 -extfile <(echo \"$3\"); }\n"
             "sign server /CN=localhost subjectAltName=DNS:localhost,IP:127.0.0.1\nsign client /CN=launcher "
             "keyUsage=digitalSignature\n");
  auto const made = process.run({.arguments = {(folder.path / "certificates.sh").string()}, .directory = folder.path});
  REQUIRE(made);
  INFO(made->err);
  REQUIRE(made->exit_code == 0);
  put_script(folder.path / "plugin",
             "echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": "
             "{\"token\": \"from-plugin\"}}'\n");
  FakeCluster cluster;
  FakeGitHubRunners forge;
  cluster.created = [] { return iso_time(std::chrono::system_clock::now()); };
  cluster.on_start = [&](std::string const&) { forge.bring_online(1); };
  int const port = free_port();
  auto const at = [&](char const* name) { return (folder.path / name).string(); };
  ChildProcess const front({"python3", std::string(CML_SOURCE_DIR) + "/tests/support/tls_front.py",
                            std::to_string(port), std::to_string(cluster.server.port()), at("server.crt"),
                            at("server.key"), at("ca.crt"), "fixed-token", "from-plugin"});
  REQUIRE(wait_until_listening(port));
  auto const data = [&](char const* name) { return base64_encode(slurp(folder.path / name)); };
  struct Case {
    std::string user, seen;
  };
  for (Case const& item : std::vector<Case>{
           {"{client-certificate-data: " + data("client.crt") + ", client-key-data: " + data("client.key") + "}",
            "certificate launcher"},
           {"{token: fixed-token}", "token fixed-token"},
           {"{exec: {apiVersion: client.authentication.k8s.io/v1, command: " + at("plugin") +
                ", interactiveMode: Never}}",
            "token from-plugin"}}) {
    INFO(item.seen);
    std::string const config =
        replace_all(kubeconfig("https://localhost:" + std::to_string(port), item.user),
                    "    server:", "    certificate-authority-data: " + data("ca.crt") + "\n    server:");
    std::ofstream(folder.path / "config") << config;
    cluster.users.clear();
    auto const run = run_cml({"runner", "launch", "--cloud=kubernetes", "--cloud-type=2-4000+nvidia*1",
                              "--cloud-kubernetes-node-selector=gpu=true", "--cloud-metadata=team=vision", "--single",
                              "--driver=github", "--repo=" + forge.repository_url(), "--token=good-token"},
                             folder.path, "", {{"KUBERNETES_CONFIGURATION", config}});
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    REQUIRE(cluster.jobs.size() == 1);
    CHECK(cluster.users == std::set<std::string>{item.seen});
    cluster.users.clear();
    std::string const id = cluster.jobs.begin()->first;
    auto const kubectl = [&](std::vector<std::string> arguments) {
      arguments.insert(arguments.begin(), {"kubectl", "--kubeconfig", at("config")});
      auto const answer = process.run({.arguments = arguments,
                                       .environment = {{"HOME", folder.path.string()}},
                                       .timeout = std::chrono::seconds(60)});
      REQUIRE(answer);
      INFO(answer->err);
      CHECK(answer->exit_code == 0);
      return std::string(trim(answer->out));
    };
    CHECK(kubectl({"get", "jobs", "-l", "app.kubernetes.io/managed-by=cml,team=vision", "-o", "name"}) ==
          "job.batch/" + id);
    CHECK(kubectl({"get", "jobs", "-l", "team=other", "-o", "name"}) == "");
    CHECK(kubectl({"get", "pods", "-l", "job-name=" + id + ",app.kubernetes.io/managed-by=cml", "-o", "name"}) ==
          "pod/" + id + "-abc");
    CHECK(kubectl({"get", "job", id, "-o",
                   "jsonpath={.spec.activeDeadlineSeconds} {.spec.template.spec.nodeSelector.gpu} "
                   "{.spec.template.spec.containers[0].resources.limits.nvidia\\.com/gpu}"}) == "604800 true 1");
    CHECK(kubectl({"get", "secret", id, "-o",
                   "jsonpath={.type} {.metadata.ownerReferences[0].kind} {.metadata.ownerReferences[0].uid}"}) ==
          "Opaque Job uid-" + id);
    std::string const told = kubectl({"describe", "job", id});
    CHECK(contains(told, "cml-repo: " + forge.repository_url()));
    CHECK(std::regex_search(told, std::regex("nvidia.com/gpu: +1\n")));
    CHECK(contains(told, "from registration (ro)"));
    CHECK(contains(kubectl({"delete", "job", id, "--wait=false"}), "deleted"));
    CHECK(cluster.users == std::set<std::string>{item.seen});
    CHECK(cluster.jobs.empty());
  }
  // Somebody unknown.
  auto const refused = run_cml(
      {"runner", "list", "--cloud=kubernetes"}, folder.path, "",
      {{"KUBERNETES_CONFIGURATION",
        replace_all(replace_all(slurp(folder.path / "config"), "from-plugin", "x"), at("plugin"), "/bin/false")}});
  CHECK(refused.exit_code == 3);
  CHECK(contains(refused.err, "gave no credential"));
}
