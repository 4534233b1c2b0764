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
#include "support/scripts.hpp"
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

  // What Google's reference asks for each of our calls.
  static std::vector<std::string> permissions_of(HttpRequest const& request) {
    bool const post = request.method == "POST";
    struct Row {
      bool write;
      std::string_view path;
      std::vector<std::string> permissions;
    };
    std::vector<std::string> insert{"compute.instances.create",      "compute.disks.create",
                                    "compute.subnetworks.use",       "compute.subnetworks.useExternalIp",
                                    "compute.instances.setMetadata", "compute.instances.setLabels",
                                    "compute.instances.setTags"};
    if (contains(request.body, "serviceAccounts"))
      insert.insert(insert.end(), {"compute.instances.setServiceAccount", "iam.serviceAccounts.actAs"});
    std::vector<Row> const rows{
        {false, "/global/images/", {}},
        {false, "/machineTypes", {"compute.machineTypes.list"}},
        {false, "/acceleratorTypes", {"compute.acceleratorTypes.list"}},
        {true, "/global/firewalls", {"compute.firewalls.create", "compute.networks.updatePolicy"}},
        {false, "/aggregated/instances", {"compute.instances.list"}},
        {true, "/operations/", {"compute.zoneOperations.get"}},
        {false, "/serialPort", {"compute.instances.getSerialPortOutput"}},
        {true, "/instances?", insert},
        {false, "/instances/", {request.method == "DELETE" ? "compute.instances.delete" : "compute.instances.get"}},
        {false, "/zones?", {"compute.zones.list"}}};
    for (Row const& row : rows)
      if (row.write == post && contains(request.url, row.path)) return row.permissions;
    return {"none of ours: " + request.url};
  }

  Result<HttpResponse> handle(HttpRequest const& request) {
    for (std::string const& needed : permissions_of(request)) {
      used.insert(needed);
      if (!permitted.empty() && permitted.count(needed) == 0)
        return json_response(403, R"({"error": {"code": 403, "message": "Required ')" + needed + R"(' permission"}})");
    }
    std::string const base = "https://compute.googleapis.com/compute/v1/projects/";
    calls.push_back(request.method + " " + request.url);
    auto const failure = [](int status, std::string const& message, std::string const& reason = "x") {
      return json_response(
          status, json{{"error", {{"code", status}, {"message", message}, {"errors", {{{"reason", reason}}}}}}}.dump());
    };
    if (throttled > 0 && throttled-- > 0)
      return failure(403, "Quota exceeded for quota metric 'Queries'", "rateLimitExceeded");
    if (request.credential.reveal() != "Bearer " + token) return failure(401, "Invalid credentials");
    REQUIRE(request.url.substr(0, base.size()) == base);
    std::string const path = request.url.substr(base.size(), request.url.find('?') - base.size());
    if (path.substr(0, 15) == "ubuntu-os-cloud")
      return json_response(200, R"({"selfLink": "https://g.example.test/images/noble"})");
    if (path == "p1/zones") {
      json items = json::array();
      for (char const* zone : {"us-west1-b", "us-west1-a", "us-west1-c", "europe-west1-d"})
        items.push_back({{"name", zone},
                         {"region", std::string("https://g/regions/") +
                                        std::string(zone).substr(0, std::string(zone).size() - 2)}});
      return json_response(200, json{{"items", items}}.dump());
    }
    if (path == "p1/global/firewalls" && no_firewalls)
      return failure(403, "Required 'compute.firewalls.create' permission");
    if (path == "p1/global/firewalls") rules.push_back(json::parse(request.body));
    if (path == "p1/global/firewalls") return json_response(200, R"({"name": "op", "status": "RUNNING"})");
    if (path == "p1/aggregated/instances") {
      json items = json::object();
      bool const by_name = contains(request.url, "filter=name");
      for (auto const& [name, instance] : instances)
        if (!by_name || contains(request.url, "%3D" + name))
          items["zones/" + zones[name]]["instances"].push_back(instance);
      return json_response(200, json{{"items", items}}.dump());
    }
    auto const parts = split(path, '/');  // p1/zones/ZONE/instances[/NAME]
    REQUIRE(parts.size() >= 4);
    std::string const zone = parts[2];
    if (parts[3] == "machineTypes" || parts[3] == "acceleratorTypes") {
      if (no_lists) return failure(403, "Required 'compute.machineTypes.list' permission");
      json items = json::array();
      for (char const* name : {"n1-standard-4", "n1-standard-8", "e2-standard-2", "nvidia-tesla-t4"})
        items.push_back({{"name", name}});
      if (zone != "us-west1-a") items.push_back({{"name", "nvidia-tesla-v100"}});
      if (contains(request.url, "pageToken=two"))
        return json_response(200, json{{"items", json::array({{{"name", "z4-last"}}})}}.dump());
      return json_response(200, json{{"items", items}, {"nextPageToken", "two"}}.dump());
    }
    if (parts[3] == "operations")
      return json_response(200, json{{"name", parts[4]}, {"status", "DONE"}, {"error", pending_error}}.dump());
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
  std::set<std::string> full, permitted, used;  // Nothing permitted: everything is.
  std::vector<std::string> calls, bodies;
  std::vector<json> rules;
  std::string token = "token";
  int throttled = 0;  // So many requests are refused for their number.
  json pending_error = json::object();
  bool no_spot = false, boots = true, no_lists = false, no_firewalls = false;
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
  CHECK(body["scheduling"] == json{{"automaticRestart", false},
                                   {"instanceTerminationAction", "DELETE"},
                                   {"maxRunDuration", {{"seconds", "604800"}}},
                                   {"onHostMaintenance", "TERMINATE"},
                                   {"preemptible", true},
                                   {"provisioningModel", "SPOT"}});
  CHECK(body["guestAccelerators"][0]["acceleratorCount"] == 2);
  CHECK(body["serviceAccounts"][0]["scopes"] ==
        json{"https://www.googleapis.com/auth/devstorage.read_write", "https://x.example.test/scope"});
  CHECK(body["labels"]["team"] == "a-b");
  std::string const script = body["metadata"]["items"][0]["value"];
  CHECK(contains(script, "jit-" + body["name"].get<std::string>()));
  CHECK_FALSE(contains(script, "good-token"));
  // With an account of its own it deletes itself when it powers off; its token never leaves it.
  std::string const self = "https://compute.googleapis.com/compute/v1/projects/p1/zones/us-west1-b/instances/" +
                           body["name"].get<std::string>();
  CHECK(contains(script, "-X DELETE '" + self + "'"));
  CHECK(contains(script,
                 "-H 'Metadata-Flavor: Google' "
                 "'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token'"));
  CHECK(
      world.console.logged("price: no price known for n1-standard-4 with 2 nvidia-tesla-t4 as spot in us-west1-b: "
                           "Google Cloud tells none to launchers"));
  // Nothing is let in, whatever the network's own rules are.
  REQUIRE(world.rules.size() == 1);
  CHECK(world.rules[0]["denied"] == json::array({{{"IPProtocol", "all"}}}));
  CHECK(world.rules[0]["targetTags"] == body["tags"]["items"]);
  CHECK(std::any_of(body["metadata"]["items"].begin(), body["metadata"]["items"].end(), [](json const& item) {
    return item == json{{"key", "block-project-ssh-keys"}, {"value", "TRUE"}};
  }));
  GcpWorld open;
  open.options.ssh_private = Secret("fake PEM");
  REQUIRE(open.launch_now());
  REQUIRE(open.rules.size() == 2);
  CHECK(open.rules[1]["priority"] < open.rules[0]["priority"]);
  CHECK(open.instances.begin()->second["tags"]["items"] == json{"cml-runner", "cml-runner-ssh"});
  GcpWorld no_rules;  // Somebody else's network.
  no_rules.no_firewalls = true;
  REQUIRE(no_rules.launch_now());
  CHECK(no_rules.console.logged("what the network's own rules let in reaches the machine"));

  char const* shared = std::getenv("CML_SHARED_DIR");
  SpawnedProcess process;
  if (shared == nullptr || !std::filesystem::exists("/usr/lib/google-cloud-sdk/lib")) {
    WARN("no gcloud or no CML_SHARED_DIR here: the body was not held against gcloud's classes");
    return;
  }
  for (auto const& [kind, text] : std::vector<std::pair<std::string, std::string>>{
           {"Instance", world.bodies[0]}, {"Firewall", open.rules[0].dump()}, {"Firewall", open.rules[1].dump()}}) {
    auto const checked = process.run({.arguments = {"python3", std::string(shared) + "/cloud-checks/gcecheck.py", kind},
                                      .environment = {{"PYTHONDONTWRITEBYTECODE", "1"}},
                                      .input = text});
    REQUIRE(checked);
    INFO(kind << checked->out << checked->err);
    if (contains(checked->err, "No module named"))
      WARN("gcloud's classes cannot be loaded by this Python");
    else
      CHECK(checked->exit_code == 0);
  }
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
  GcpWorld last;  // Of the second page.
  last.options.types = {"z4-last"};
  REQUIRE(last.launch_now());
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
  CHECK(spot.instances.begin()->second["guestAccelerators"][0]["acceleratorType"] ==
        "zones/us-west1-b/acceleratorTypes/nvidia-tesla-v100");
  struct Case {
    std::function<void(GcpWorld&)> spoil;
    std::string message;
  };
  for (Case const& item : std::vector<Case>{
           {[](GcpWorld& w) { w.options.regions = {"us-west1-x"}; },
            "no region or zone \"us-west1-x\"; did you mean us-west1"},
           {[](GcpWorld& w) { w.options.types = {"n1-standart-4"}; },
            "no machine type \"n1-standart-4\" in us-west1-b; did you mean n1-standard-4?"},
           {[](GcpWorld& w) { w.options.types = {"n1-standard-4+nvidia-tesla-t5*1"}; },
            "no GPU \"nvidia-tesla-t5\" in us-west1-b; did you mean nvidia-tesla-t4?"},
           {[](GcpWorld& w) { w.options.spot_price = 0.1; }, "no highest price"},
           {[](GcpWorld& w) { w.options.image = "noble"; }, "must be PROJECT/FAMILY"},
           {[](GcpWorld& w) { w.environment.variables.erase("GOOGLE_CLOUD_PROJECT"); }, "set GOOGLE_CLOUD_PROJECT"},
           {[](GcpWorld& w) { w.environment.variables.clear(); },
            "no Google Cloud credentials: looked for CML_GCP_ACCESS_TOKEN"},
           {[](GcpWorld& w) { w.environment.variables["CML_GCP_ACCESS_TOKEN"] = "old"; },
            "are not accepted or have expired"}}) {
    GcpWorld bad;
    item.spoil(bad);
    auto const launched = bad.launch_now();
    REQUIRE_FALSE(launched);
    INFO(launched.error().message);
    CHECK(contains(launched.error().message, item.message));
    CHECK(bad.forge.runners().empty());
  }
}

TEST_CASE("gcp: the permissions of the page for people are enough, and none of them too much", "[cloud][gcp]") {
  std::string const page = slurp(CML_SOURCE_DIR "/docs/clouds/gcp.md");
  GcpWorld world;
  for (std::string const& word : split(page, '`'))
    if ((word.substr(0, 8) == "compute." || word.substr(0, 4) == "iam.") && !contains(word, " "))
      world.permitted.insert(word);
  world.options.ssh_private = Secret("fake PEM");
  world.options.permission_set = "job@p1.iam.gserviceaccount.com";
  world.options.types = {"n1-standard-4+nvidia-tesla-t4*1"};
  auto const launched = world.launch_now();
  INFO((launched ? "" : launched.error().message));
  REQUIRE(launched);
  world.clock.now_ += std::chrono::hours(8 * 24);
  REQUIRE(world.gc());
  CHECK(world.instances.empty());
  world.boots = false;
  REQUIRE_FALSE(world.launch_now());  // Looked at, its console shown, taken away.
  CHECK(world.console.logged("| cml: powering off: no package lists"));
  CHECK(world.instances.empty());
  CHECK(world.used == world.permitted);
}

TEST_CASE("gcp: too many requests are waited out", "[cloud][gcp]") {
  GcpWorld world;
  world.throttled = 3;
  REQUIRE(world.launch_now());
  CHECK(world.clock.slept.size() >= 3);
  CHECK(world.instances.size() == 1);
  world.throttled = 100;
  auto const refused = world.launch_now();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::RateLimited);
}

TEST_CASE("gcp: a token that ends in the middle of a launch is asked for anew", "[cloud][gcp]") {
  GcpWorld world;
  world.boots = false;
  world.clock.on_sleep = [&] {
    world.environment.variables["CML_GCP_ACCESS_TOKEN"] = world.token =
        world.clock.slept.size() < 20 ? "token" : "next";
  };
  REQUIRE_FALSE(world.launch_now());  // It never comes up, and is taken away all the same.
  CHECK(world.token == "next");
  CHECK(world.instances.empty());
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
  CHECK(fault_everywhere<GcpWorld>(
            [](GcpWorld& world) { world.options.spot = world.options.spot_fallback = world.no_spot = true; },
            [](GcpWorld& world) { return world.instances.size(); }) > 5);
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
    if (contains(request.url, "sts."))
      return json_response(contains(request.body, "subject_token=jwt") ? 200 : 400, R"({"access_token": "federated"})");
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
  auto found = access({{"type", "service_account"},
                       {"project_id", "p2"},
                       {"client_email", "a@b"},
                       {"private_key", key->out},
                       {"private_key_id", "k"}});
  REQUIRE(found);
  CHECK(found->authorization.reveal() == "Bearer signed");
  CHECK(found->project == "p2");
  // OpenSSL itself agrees with the signature.
  auto const parts = split(assertion, '.');
  REQUIRE(parts.size() == 3);
  TemporaryFolder folder;
  auto const decoded = [](std::string text) {
    return base64_decode(replace_all(replace_all(std::move(text), "-", "+"), "_", "/")).value();
  };
  std::ofstream(folder.path / "key.pem") << key->out;
  std::ofstream(folder.path / "signature", std::ios::binary) << decoded(parts[2]);
  std::ofstream(folder.path / "message") << parts[0] + "." + parts[1];
  auto const verified = process.run(
      {.arguments = {"openssl", "dgst", "-sha256", "-prverify", "key.pem", "-signature", "signature", "message"},
       .directory = folder.path});
  REQUIRE(verified);
  CHECK(contains(verified->out, "Verified OK"));
  json const claims = json::parse(decoded(parts[1]));
  CHECK(claims["exp"].get<long long>() - claims["iat"].get<long long>() == 3600);
  CHECK_FALSE(access({{"type", "service_account"}, {"project_id", "p2"}, {"private_key", "no key"}}));
  found = access({{"type", "authorized_user"}, {"quota_project_id", "p3"}, {"refresh_token", "r"}});
  CHECK(found->authorization.reveal() == "Bearer refreshed");
  world.files.put("/token", "jwt\n");
  found = access({{"type", "external_account"},
                  {"audience", "a"},
                  {"subject_token_type", "t"},
                  {"credential_source", {{"file", "/token"}}},
                  {"service_account_impersonation_url",
                   "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
                   "impersonate@p4.iam.gserviceaccount.com:generateAccessToken"}});
  REQUIRE(found);
  CHECK(found->authorization.reveal() == "Bearer impersonated");
  CHECK(found->project == "p4");
}
