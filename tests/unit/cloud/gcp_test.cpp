// Compute Engine against a fake in memory, its bodies against gcloud's own message classes where gcloud is installed.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <set>

#include "base/base64.hpp"
#include "cloud/gcp/credentials.hpp"
#include "platform/crypto_signer.hpp"
#include "platform/spawned_process.hpp"
#include "support/runner_world.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

struct GcpWorld : World {
  GcpWorld() {
    options.cloud = "gcp";
    options.cml_version = "1.0.0";
    environment.variables = {{"CML_GCP_ACCESS_TOKEN", "token"}, {"GOOGLE_CLOUD_PROJECT", "p1"}};
    http.cloud = [this](HttpRequest const& request) { return handle(request); };
  }

  Result<HttpResponse> handle(HttpRequest const& request) {
    std::string const base = "https://compute.googleapis.com/compute/v1/projects/";
    calls.push_back(request.method + " " + request.url);
    auto const failure = [](int status, std::string const& message, std::string const& reason = "x") {
      return json_response(status, json{{"error", {{"code", status}, {"message", message}, {"errors", {{{"reason", reason}}}}}}}.dump());
    };
    if (request.credential.reveal() != "Bearer token") return failure(401, "Invalid credentials");
    REQUIRE(request.url.substr(0, base.size()) == base);
    std::string const path = request.url.substr(base.size(), request.url.find('?') - base.size());
    if (path.substr(0, 15) == "ubuntu-os-cloud") return json_response(200, R"({"selfLink": "https://g.example.test/images/noble"})");
    if (path == "p1/zones") {
      json items = json::array();
      for (char const* zone : {"us-west1-b", "us-west1-a", "us-west1-c", "europe-west1-d"})
        items.push_back({{"name", zone}, {"region", std::string("https://g/regions/") + std::string(zone).substr(0, std::string(zone).size() - 2)}});
      return json_response(200, json{{"items", items}}.dump());
    }
    if (path == "p1/global/firewalls") return json_response(200, R"({"name": "op", "status": "RUNNING"})");
    if (path == "p1/aggregated/instances") {
      json items = json::object();
      bool const by_name = contains(request.url, "filter=name");
      for (auto const& [name, instance] : instances)
        if (!by_name || contains(request.url, "%3D" + name)) items["zones/" + zones[name]]["instances"].push_back(instance);
      return json_response(200, json{{"items", items}}.dump());
    }
    auto const parts = split(path, '/');  // p1/zones/ZONE/instances[/NAME]
    REQUIRE(parts.size() >= 4);
    std::string const zone = parts[2];
    if (parts[3] == "machineTypes" || parts[3] == "acceleratorTypes") {
      if (no_lists) return failure(403, "Required 'compute.machineTypes.list' permission");
      json items = json::array();
      for (char const* name : {"n1-standard-4", "n1-standard-8", "e2-standard-2", "nvidia-tesla-t4"}) items.push_back({{"name", name}});
      if (zone != "us-west1-a") items.push_back({{"name", "nvidia-tesla-v100"}});
      return json_response(200, json{{"items", items}}.dump());
    }
    if (parts[3] == "operations") return json_response(200, json{{"name", parts[4]}, {"status", "DONE"}, {"error", pending_error}}.dump());
    if (request.method == "POST") {
      json body = json::parse(request.body);
      bodies.push_back(request.body);
      pending_error = json::object();
      if (full.count(zone) > 0 || (no_spot && body["scheduling"]["provisioningModel"] == "SPOT")) {
        pending_error = {{"errors", {{{"code", "ZONE_RESOURCE_POOL_EXHAUSTED"}, {"message", "no room in " + zone}}}}};
      } else {
        std::string const name = body["name"];
        if (instances.count(name) > 0) return failure(409, "already exists");
        body["status"] = "RUNNING";
        body["zone"] = "https://g/zones/" + zone;
        body["creationTimestamp"] = iso_time(clock.now());
        instances[name] = body;
        zones[name] = zone;
        if (boots) forge.find(name)->online = true;
      }
      return json_response(200, R"({"name": "op-1", "status": "RUNNING"})");
    }
    auto const found = instances.find(parts[4]);
    if (found == instances.end() || zones[parts[4]] != zone) return failure(404, "The resource was not found");
    if (parts.size() > 5) return json_response(200, R"({"contents": "cml: powering off: no package lists\n"})");
    if (request.method == "GET") return json_response(200, found->second.dump());
    instances.erase(found);
    return json_response(200, R"({"name": "op-2", "status": "RUNNING"})");
  }

  std::map<std::string, json> instances;
  std::map<std::string, std::string> zones;
  std::set<std::string> full;
  std::vector<std::string> calls, bodies;
  json pending_error = json::object();
  bool no_spot = false, boots = true, no_lists = false;
};

}  // namespace

TEST_CASE("gcp: one insert, deleted by Google itself at its limit, without a credential", "[cloud][gcp]") {
  GcpWorld world;
  world.options.spot = true;
  world.options.types = {"n1-standard-4+nvidia-tesla-t4*2"};
  world.options.permission_set = "job@p1.iam.gserviceaccount.com,scopes=storage-rw,https://x.example.test/scope";
  world.options.metadata = {{"Team", "A B"}};
  REQUIRE(world.launch_now());
  REQUIRE(world.instances.size() == 1);
  json const body = world.instances.begin()->second;
  CHECK(world.zones.begin()->second == "us-west1-b");
  CHECK(body["scheduling"] == json{{"automaticRestart", false}, {"instanceTerminationAction", "DELETE"}, {"maxRunDuration", {{"seconds", "604800"}}}, {"onHostMaintenance", "TERMINATE"},
                                   {"preemptible", true}, {"provisioningModel", "SPOT"}});
  CHECK(body["guestAccelerators"][0]["acceleratorCount"] == 2);
  CHECK(body["serviceAccounts"][0]["scopes"] == json{"https://www.googleapis.com/auth/devstorage.read_write", "https://x.example.test/scope"});
  CHECK(body["labels"]["team"] == "a-b");
  std::string const script = body["metadata"]["items"][0]["value"];
  CHECK(contains(script, "jit-" + body["name"].get<std::string>()));
  CHECK_FALSE(contains(script, "good-token"));
  // With an account of its own it deletes itself when it powers off; its token never leaves it.
  std::string const self = "https://compute.googleapis.com/compute/v1/projects/p1/zones/us-west1-b/instances/" + body["name"].get<std::string>();
  CHECK(contains(script, "-X DELETE '" + self + "'"));
  CHECK(contains(script, "-H 'Metadata-Flavor: Google' 'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token'"));
  CHECK(world.console.logged("price: no price known for n1-standard-4 with 2 nvidia-tesla-t4 as spot in us-west1-b: Google Cloud tells none to launchers"));
  CHECK(std::none_of(world.calls.begin(), world.calls.end(), [](std::string const& call) { return contains(call, "firewalls"); }));

  char const* shared = std::getenv("CML_SHARED_DIR");
  SpawnedProcess process;
  if (shared == nullptr || !std::filesystem::exists("/usr/lib/google-cloud-sdk/lib")) {
    WARN("no gcloud or no CML_SHARED_DIR here: the body was not held against gcloud's classes");
    return;
  }
  auto const checked = process.run({.arguments = {"python3", std::string(shared) + "/cloud-checks/gcecheck.py", "Instance"}, .environment = {{"PYTHONDONTWRITEBYTECODE", "1"}}, .input = world.bodies[0]});
  REQUIRE(checked);
  INFO(checked->out + checked->err);
  if (contains(checked->err, "No module named")) WARN("gcloud's classes cannot be loaded by this Python");
  else CHECK(checked->exit_code == 0);
}

TEST_CASE("gcp: other zones of a region, then on demand; generic sizes; bad input", "[cloud][gcp]") {
  GcpWorld world;
  world.options.regions = {"us-west1"};
  world.full = {"us-west1-a"};
  REQUIRE(world.launch_now());
  CHECK(world.zones.begin()->second == "us-west1-b");
  CHECK(world.instances.begin()->second["machineType"] == "zones/us-west1-b/machineTypes/e2-custom-8-32768");
  CHECK_FALSE(contains(world.bodies.back(), "cml-end"));  // Without an account there is no right to do so.
  GcpWorld placed;  // Only where the GPU is; and without the permission to look, wherever it may be.
  placed.options.regions = {"us-west1"};
  placed.options.gpu = "v100";
  REQUIRE(placed.launch_now());
  CHECK(placed.zones.begin()->second == "us-west1-b");
  GcpWorld blind;
  blind.no_lists = true;
  blind.options.types = {"n1-standart-4"};
  REQUIRE(blind.launch_now());
  GcpWorld spot;
  spot.no_spot = true;
  spot.options.spot = true;
  auto const none = spot.launch_now();
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::TooLarge);
  CHECK(spot.forge.runners().empty());
  spot.options.spot_fallback = true;
  spot.options.gpu = "v100";
  REQUIRE(spot.launch_now());
  CHECK(spot.instances.begin()->second["scheduling"]["provisioningModel"] == "STANDARD");
  CHECK(spot.instances.begin()->second["guestAccelerators"][0]["acceleratorType"] == "zones/us-west1-b/acceleratorTypes/nvidia-tesla-v100");
  struct Case {
    std::function<void(GcpWorld&)> spoil;
    std::string message;
  };
  for (Case const& item : std::vector<Case>{{[](GcpWorld& w) { w.options.regions = {"us-west1-x"}; }, "no region or zone \"us-west1-x\"; did you mean us-west1"},
                                            {[](GcpWorld& w) { w.options.types = {"n1-standart-4"}; }, "no machine type \"n1-standart-4\" in us-west1-b; did you mean n1-standard-4?"},
                                            {[](GcpWorld& w) { w.options.types = {"n1-standard-4+nvidia-tesla-t5*1"}; }, "no GPU \"nvidia-tesla-t5\" in us-west1-b; did you mean nvidia-tesla-t4?"},
                                            {[](GcpWorld& w) { w.options.spot_price = 0.1; }, "no highest price"},
                                            {[](GcpWorld& w) { w.options.image = "noble"; }, "must be PROJECT/FAMILY"},
                                            {[](GcpWorld& w) { w.environment.variables.erase("GOOGLE_CLOUD_PROJECT"); }, "set GOOGLE_CLOUD_PROJECT"},
                                            {[](GcpWorld& w) { w.environment.variables.clear(); }, "no Google Cloud credentials: looked for CML_GCP_ACCESS_TOKEN"},
                                            {[](GcpWorld& w) { w.environment.variables["CML_GCP_ACCESS_TOKEN"] = "old"; }, "are not accepted or have expired"}}) {
    GcpWorld bad;
    item.spoil(bad);
    auto const launched = bad.launch_now();
    REQUIRE_FALSE(launched);
    INFO(launched.error().message);
    CHECK(contains(launched.error().message, item.message));
    CHECK(bad.forge.runners().empty());
  }
}

TEST_CASE("gcp: killed at any request of a launch, gc finds and removes everything", "[cloud][gcp][kill]") {
  CHECK(kill_everywhere<GcpWorld>([](GcpWorld&) {}, [](GcpWorld& world) { return world.instances.empty(); }) > 2);
  GcpWorld world;  // One that has powered itself off keeps its disk until somebody looks.
  REQUIRE(world.launch_now());
  world.instances.begin()->second["status"] = "TERMINATED";
  world.clock.now_ += std::chrono::minutes(31);
  REQUIRE(world.gc());
  CHECK(world.instances.empty());
}

TEST_CASE("gcp: one request of a launch that goes wrong leaves one machine or none", "[cloud][gcp][kill]") {
  CHECK(fault_everywhere<GcpWorld>([](GcpWorld& world) { world.options.spot = world.options.spot_fallback = world.no_spot = true; }, [](GcpWorld& world) { return world.instances.size(); }) > 5);
  kill_sweep_everywhere<GcpWorld>([](GcpWorld&) {}, [](GcpWorld& world) { return world.instances.empty(); });
}

TEST_CASE("gcp credentials: a service account signs, federation and refresh tokens are exchanged", "[cloud][gcp]") {
  GcpWorld world;
  CryptoSigner signer;
  SpawnedProcess process;
  auto const key = process.run({.arguments = {"openssl", "genrsa", "2048"}});
  if (!key || key->exit_code != 0) {
    WARN("openssl is not installed; signatures were not checked");
    return;
  }
  std::string assertion;
  world.http.cloud = [&](HttpRequest const& request) -> Result<HttpResponse> {
    if (contains(request.url, "impersonate@")) return json_response(200, R"({"accessToken": "impersonated"})");
    if (contains(request.url, "sts.")) return json_response(contains(request.body, "subject_token=jwt") ? 200 : 400, R"({"access_token": "federated"})");
    if (contains(request.body, "refresh_token=r")) return json_response(200, R"({"access_token": "refreshed"})");
    assertion = request.body.substr(request.body.find("assertion=") + 10);
    return json_response(200, R"({"access_token": "signed"})");
  };
  auto const access = [&](json const& credentials) {
    world.environment.variables = {{"GOOGLE_APPLICATION_CREDENTIALS_DATA", credentials.dump()}};
    auto setup = world.setup();
    setup.signer = &signer;
    return cloud::gcp::find_access(setup);
  };
  auto found = access({{"type", "service_account"}, {"project_id", "p2"}, {"client_email", "a@b"}, {"private_key", key->out}, {"private_key_id", "k"}});
  REQUIRE(found);
  CHECK(found->authorization.reveal() == "Bearer signed");
  CHECK(found->project == "p2");
  // OpenSSL itself agrees with the signature.
  auto const parts = split(assertion, '.');
  REQUIRE(parts.size() == 3);
  TemporaryFolder folder;
  auto const decoded = [](std::string text) { return base64_decode(replace_all(replace_all(std::move(text), "-", "+"), "_", "/")).value(); };
  std::ofstream(folder.path / "key.pem") << key->out;
  std::ofstream(folder.path / "signature", std::ios::binary) << decoded(parts[2]);
  std::ofstream(folder.path / "message") << parts[0] + "." + parts[1];
  auto const verified = process.run({.arguments = {"openssl", "dgst", "-sha256", "-prverify", "key.pem", "-signature", "signature", "message"}, .directory = folder.path});
  REQUIRE(verified);
  CHECK(contains(verified->out, "Verified OK"));
  json const claims = json::parse(decoded(parts[1]));
  CHECK(claims["exp"].get<long long>() - claims["iat"].get<long long>() == 3600);
  CHECK_FALSE(access({{"type", "service_account"}, {"project_id", "p2"}, {"private_key", "no key"}}));
  found = access({{"type", "authorized_user"}, {"quota_project_id", "p3"}, {"refresh_token", "r"}});
  CHECK(found->authorization.reveal() == "Bearer refreshed");
  world.files.put("/token", "jwt\n");
  found = access({{"type", "external_account"}, {"audience", "a"}, {"subject_token_type", "t"}, {"credential_source", {{"file", "/token"}}},
                  {"service_account_impersonation_url", "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/impersonate@p4.iam.gserviceaccount.com:generateAccessToken"}});
  REQUIRE(found);
  CHECK(found->authorization.reveal() == "Bearer impersonated");
  CHECK(found->project == "p4");
}
